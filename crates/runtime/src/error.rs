//! What can go wrong that is not a bug: data that does not fit the program, files that fail.

use kiln_record::RecordError;

/// Why a training or an evaluation could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The program reads a field that the data lacks.
    #[error("the data `{data}` has no field `{field}`, which the model reads")]
    NoField {
        /// The data set.
        data: String,
        /// The field.
        field: String,
    },
    /// A field has another number of columns than the model expects.
    #[error(
        "the model reads {wanted} numbers of each `{field}`, and the samples of `{data}` have {found}; \
         write `[{found}]` for its extents, or take another data set"
    )]
    Columns {
        /// The data set.
        data: String,
        /// The field.
        field: String,
        /// Columns that the model reads.
        wanted: usize,
        /// Columns of the data.
        found: usize,
    },
    /// A class label that the head has no column for.
    #[error(
        "`{field}` of `{data}` has {found} classes, and the head `{head}` has {wanted} columns; \
         write `class({found})` and a layer of {found} units"
    )]
    Classes {
        /// The data set.
        data: String,
        /// The field.
        field: String,
        /// The head that it is compared with.
        head: String,
        /// Columns of the head.
        wanted: usize,
        /// Classes of the data.
        found: usize,
    },
    /// There are no rows to work on.
    #[error("the data `{data}` has no rows {purpose}; change its `split`")]
    NoRows {
        /// The data set.
        data: String,
        /// `to train on`, `to test on`.
        purpose: &'static str,
    },
    /// Weights that are not those of the model.
    #[error("the weights do not fit the model: {}", .0.join("; "))]
    Weights(Vec<String>),
    /// A file of the run.
    #[error(transparent)]
    Record(#[from] RecordError),
}
