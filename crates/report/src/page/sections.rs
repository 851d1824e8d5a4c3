//! Which sections a spec's `report { … }` asks for, read from the record.

use crate::embed::Method;
use kiln_record::{HeadKind, RunRecord, Section};

/// A section and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Learning curves, and all epochs as a table.
    Curves {
        /// Losses on a logarithmic scale; where not asked for, only where it helps.
        log: bool,
    },
    /// The classification report and the scores by class.
    Classification {
        /// The head; all with class labels, where not said.
        head: Option<String>,
        /// Digits after the point.
        digits: usize,
    },
    /// The confusion matrix and the most confused pairs.
    Confusion {
        /// The head; all with class labels, where not said.
        head: Option<String>,
        /// Shares of each true class alone, without the counts.
        normalize: bool,
    },
    /// Originals over reconstructions.
    Reconstructions {
        /// The head; the first that reconstructs, where not said.
        head: Option<String>,
        /// Pictures in a row.
        columns: usize,
        /// Which samples.
        which: Which,
    },
    /// A code as points of the plane.
    Manifold {
        /// The head whose output it is; the first code, where not said.
        head: Option<String>,
        /// How it is laid out.
        method: Method,
        /// The field of the classes that colour it; the first class head's truth, where not said.
        color: Option<String>,
        /// The most points.
        samples: usize,
    },
    /// First-layer weights.
    Weights {
        /// The layer.
        layer: String,
        /// Tiles in a row.
        columns: usize,
        /// The most tiles.
        tiles: usize,
    },
    /// The model's table, which every chapter begins with.
    Table,
}

/// Which samples are shown reconstructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first test samples; then the worst and the best.
    First,
    /// Test samples of each class in turn; then the worst and the best.
    Classes,
    /// The worst and the best.
    Extremes,
    /// The worst alone.
    Worst,
    /// The best alone.
    Best,
}

impl Which {
    /// Whether samples are shown that do not depend on how well they are reconstructed.
    pub fn has_fixed(self) -> bool {
        matches!(self, Which::First | Which::Classes)
    }

    /// Whether the worst are shown.
    pub fn has_worst(self) -> bool {
        self != Which::Best
    }

    /// Whether the best are shown.
    pub fn has_best(self) -> bool {
        self != Which::Worst
    }
}

/// Points of a manifold where the spec does not say.
const SAMPLES: usize = 2_000;

/// The sections of a run, in the spec's order; a sensible set where the spec names none.
/// Sections of a later version are given back as warnings.
pub fn wanted(record: &RunRecord) -> (Vec<Wanted>, Vec<String>) {
    if record.sections.is_empty() {
        return (defaults(record), Vec::new());
    }
    let (mut wanted, mut warnings) = (Vec::new(), Vec::new());
    for section in &record.sections {
        match read(section) {
            // A section that is asked for twice is shown once.
            Ok(section) if wanted.contains(&section) => {}
            Ok(section) => wanted.push(section),
            Err(why) => warnings.push(format!("report section {}: {why}", section.name)),
        }
    }
    (wanted, warnings)
}

fn defaults(record: &RunRecord) -> Vec<Wanted> {
    let has = |kind| record.heads.iter().any(|head| head.kind == kind);
    let mut wanted = vec![Wanted::Curves { log: false }];
    if has(HeadKind::Class) {
        wanted.extend([
            Wanted::Classification { head: None, digits: 2 },
            Wanted::Confusion { head: None, normalize: false },
        ]);
    }
    if has(HeadKind::Value) {
        wanted.push(Wanted::Reconstructions { head: None, columns: 10, which: Which::Classes });
    }
    if has(HeadKind::Code) {
        let (head, color) = (None, None);
        wanted.push(Wanted::Manifold { head, method: Method::Pca, color, samples: SAMPLES });
    }
    wanted
}

/// The arguments of a section, by name; what has no name is the head.
struct Arguments<'a>(&'a Section);

impl Arguments<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.arguments.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn head(&self) -> Option<String> {
        self.text("").or_else(|| self.text("head"))
    }

    fn number(&self, name: &str, default: usize) -> Result<usize, String> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().map_err(|_| format!("{name} = {text} is not a number"))
    }

    fn is(&self, name: &str) -> bool {
        self.text(name).as_deref() == Some("true")
    }
}

fn read(section: &Section) -> Result<Wanted, String> {
    let given = Arguments(section);
    let head = given.head();
    match section.name.as_str() {
        "curves" => Ok(Wanted::Curves { log: given.is("log") }),
        // More digits than a double has would be made up.
        "classification" => Ok(Wanted::Classification { head, digits: given.number("digits", 2)?.min(15) }),
        "confusion" => Ok(Wanted::Confusion { head, normalize: given.is("normalize") }),
        "table" => Ok(Wanted::Table),
        "reconstructions" => {
            let which = match given.text("which").as_deref() {
                None | Some("first") => Which::First,
                Some("classes") => Which::Classes,
                Some("extremes") => Which::Extremes,
                Some("worst") => Which::Worst,
                Some("best") => Which::Best,
                Some(other) => return Err(format!("which = {other} is unknown")),
            };
            Ok(Wanted::Reconstructions { head, columns: given.number("columns", 10)?, which })
        }
        "manifold" => {
            let method = given.text("method").unwrap_or_else(|| "pca".to_owned());
            let method = Method::named(&method).ok_or_else(|| format!("method = {method} is unknown"))?;
            let (color, samples) = (given.text("color"), given.number("samples", SAMPLES)?);
            Ok(Wanted::Manifold { head, method, color, samples })
        }
        "weights" => {
            let layer = given.text("").or_else(|| given.text("layer")).ok_or("it names no layer")?;
            Ok(Wanted::Weights {
                layer,
                columns: given.number("columns", 16)?,
                tiles: given.number("tiles", 64)?,
            })
        }
        _ => Err("unknown to this version".to_owned()),
    }
}
