//! Tables as text, and the numbers in them as data.
//!
//! In: labels, predictions and histories. Out: text for a terminal or a `<pre>`.

pub mod classification;
pub mod confusion;
pub mod history;

pub use classification::{Classification, Scores, classification_report};
pub use confusion::Confusion;
pub use history::history_table;

/// Labels that no table can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// One target for each prediction.
    #[error("{targets} targets for {predictions} predictions")]
    Lengths {
        /// How many targets.
        targets: usize,
        /// How many predictions.
        predictions: usize,
    },
    /// Labels index the classes.
    #[error("label {label} in row {row}, where there are {classes} classes")]
    OutOfRange {
        /// The label.
        label: usize,
        /// In which row.
        row: usize,
        /// How many classes there are.
        classes: usize,
    },
}
