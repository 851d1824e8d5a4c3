//! Why something could not be done: the user's mistakes, or the environment's.

use kiln_codegen::CompileError;
use kiln_data::DataError;
use kiln_record::RecordError;
use kiln_runtime::RuntimeError;
use std::path::PathBuf;

/// Why a spec was not read, compiled, trained or evaluated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The spec has mistakes: all of them, as they are shown to people, without colours.
    #[error("{0}")]
    Mistakes(String),
    /// The spec cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The spec.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// The data cannot be loaded.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No machine code could be made.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The data does not fit the model, or weights do not.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A file of a run cannot be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
}
