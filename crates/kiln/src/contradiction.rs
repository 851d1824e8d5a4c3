//! A data file that contradicts its spec is a mistake in the spec: said at its place.
//!
//! In: an error of loading or of binding data. Out: the same error, or every word of it at the line of
//! the data set that the file contradicts ([`Error::Mistakes`]).
//!
//! Not here: files that are missing or damaged, which no change of a spec mends.

use crate::error::Error;
use crate::spec::Run;
use kiln_data::DataError;
use kiln_diag::{Diagnostics, render};
use kiln_model::contradiction::{At, Contradiction, contradiction};
use kiln_runtime::RuntimeError;

/// The error, at its place in the spec where it has one.
pub(crate) fn placed(run: &Run<'_>, error: Error) -> Error {
    let Some((sources, items)) = run.spec.origin() else { return error };
    let data = run.model().data.name.as_str();
    let found = match &error {
        Error::Data(error) => of_file(data, error),
        Error::Runtime(error) => of_fields(data, error),
        Error::Mistakes(_) | Error::Read { .. } | Error::Compile(_) | Error::Record(_) => None,
    };
    let Some(diagnostic) = found.and_then(|found| contradiction(items, &found)) else { return error };
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    Error::Mistakes(render(&diagnostics, sources, false).trim_end().to_owned())
}

/// What the reader of a file found.
fn of_file<'a>(data: &'a str, error: &'a DataError) -> Option<Contradiction<'a>> {
    let (at, meant) = match error {
        DataError::Column { column, suggestion, .. } => {
            (At::Text { text: column, argument: "pixels" }, suggestion.as_deref())
        }
        DataError::ColumnType { column, .. } => (At::Text { text: column, argument: "pixels" }, None),
        DataError::NoPixels { .. } | DataError::Dims { .. } => (At::Argument("pixels"), None),
        DataError::NoRows { .. } | DataError::Classes { .. } => (At::Argument("classes"), None),
        DataError::Label { .. } => (At::Argument("names"), None),
        DataError::NothingToTrain { .. } | DataError::NotGiven => (At::Key("split"), None),
        _ => return None,
    };
    let message = match error {
        DataError::Column { path, column, .. } => format!("{} has no column `{column}`", path.display()),
        other => other.to_string(),
    };
    Some(Contradiction { data, at, message, meant })
}

/// What binding the fields of a file to a model found.
fn of_fields<'a>(data: &'a str, error: &'a RuntimeError) -> Option<Contradiction<'a>> {
    let at = match error {
        RuntimeError::Columns { field, .. } | RuntimeError::Classes { field, .. } => At::Key(field),
        RuntimeError::NoRows { .. } => At::Key("split"),
        RuntimeError::NoField { .. } | RuntimeError::Weights(_) | RuntimeError::Record(_) => return None,
    };
    Some(Contradiction { data, at, message: error.to_string(), meant: None })
}
