//! Whose fault an error is: the spec's and the arguments' end with exit code 2, the others with 1.

use crate::outcome::{mistakes, wrong};
use kiln::Error;
use kiln::runtime::RuntimeError;

/// The error as verbs give it.
pub(crate) fn of(error: Error) -> anyhow::Error {
    let is_users = match &error {
        Error::Mistakes(rendered) => return mistakes(rendered.clone()),
        Error::Runtime(error) => match error {
            // The data and the spec contradict each other, or the weights given are another model's.
            RuntimeError::NoField { .. }
            | RuntimeError::Columns { .. }
            | RuntimeError::Classes { .. }
            | RuntimeError::NoRows { .. }
            | RuntimeError::Weights(_) => true,
            RuntimeError::Record(_) => false,
        },
        Error::Read { .. } | Error::Data(_) | Error::Compile(_) | Error::Record(_) => false,
    };
    if is_users { wrong(error.to_string()) } else { anyhow::Error::new(error) }
}
