//! Which sections a spec's `report { … }` asks for, read from the record.

use crate::embed::Method;
use kiln_record::{HeadKind, RunRecord, Section};

/// A section and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Learning curves.
    Curves,
    /// The classification report and the scores by class.
    Classification,
    /// The confusion matrix and the most confused pairs.
    Confusion,
    /// Originals over reconstructions.
    Reconstructions {
        /// The head; the first that reconstructs, where not said.
        head: Option<String>,
        /// Pictures in a row.
        columns: usize,
        /// Which samples: `fixed`, `worst`, `best`; all three where not said.
        which: Option<String>,
    },
    /// A code as points of the plane.
    Manifold {
        /// The head whose output it is; the first code, where not said.
        head: Option<String>,
        /// How it is laid out.
        method: Method,
    },
    /// First-layer weights.
    Weights {
        /// The layer.
        layer: String,
    },
    /// The history as a table.
    Table,
}

/// The sections of a run, in the spec's order; a sensible set where the spec names none.
/// Sections of a later version are given back as warnings.
pub fn wanted(record: &RunRecord) -> (Vec<Wanted>, Vec<String>) {
    if record.sections.is_empty() {
        return (defaults(record), Vec::new());
    }
    let (mut wanted, mut warnings) = (Vec::new(), Vec::new());
    for section in &record.sections {
        match read(section) {
            Ok(section) => wanted.push(section),
            Err(why) => warnings.push(format!("report section {}: {why}", section.name)),
        }
    }
    (wanted, warnings)
}

fn defaults(record: &RunRecord) -> Vec<Wanted> {
    let has = |kind| record.heads.iter().any(|head| head.kind == kind);
    let mut wanted = vec![Wanted::Curves];
    if has(HeadKind::Class) {
        wanted.extend([Wanted::Classification, Wanted::Confusion]);
    }
    if has(HeadKind::Value) {
        wanted.push(Wanted::Reconstructions { head: None, columns: 10, which: None });
    }
    if has(HeadKind::Code) {
        wanted.push(Wanted::Manifold { head: None, method: Method::Pca });
    }
    wanted
}

fn read(section: &Section) -> Result<Wanted, String> {
    let argument =
        |name: &str| section.arguments.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let head = || argument("").or_else(|| argument("head"));
    match section.name.as_str() {
        "curves" => Ok(Wanted::Curves),
        "classification" => Ok(Wanted::Classification),
        "confusion" => Ok(Wanted::Confusion),
        "table" => Ok(Wanted::Table),
        "reconstructions" => {
            let columns = argument("columns").unwrap_or_else(|| "10".to_owned());
            let columns = columns.parse().map_err(|_| format!("columns = {columns} is not a number"))?;
            Ok(Wanted::Reconstructions { head: head(), columns, which: argument("which") })
        }
        "manifold" => {
            let method = argument("method").unwrap_or_else(|| "pca".to_owned());
            let method = Method::named(&method).ok_or_else(|| format!("method = {method} is unknown"))?;
            Ok(Wanted::Manifold { head: head(), method })
        }
        "weights" => {
            let layer = argument("").or_else(|| argument("layer")).ok_or("it names no layer")?;
            Ok(Wanted::Weights { layer })
        }
        _ => Err("unknown to this version".to_owned()),
    }
}
