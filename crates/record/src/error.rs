//! What can go wrong with a run's files, each with the file's name and what to do.

use std::io;
use std::path::{Path, PathBuf};

/// A file of a run that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}\n  help: {}", path.display(), problem.advice())]
pub struct RecordError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Box<Problem>,
}

impl RecordError {
    /// `problem`, found in the file at `path`.
    pub fn new(path: impl AsRef<Path>, problem: Problem) -> RecordError {
        RecordError { path: path.as_ref().to_path_buf(), problem: Box::new(problem) }
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not there.
    #[error("there is no such file")]
    Missing,
    /// The operating system refused to read it.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The operating system refused to write it.
    #[error("cannot be written: {0}")]
    Write(#[source] io::Error),
    /// Its bytes are not what its name promises.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// It was written by a newer version of the program.
    #[error("has format {found}, this program reads formats up to {known}")]
    Newer {
        /// The version that the file states.
        found: u32,
        /// The newest version that is understood.
        known: u32,
    },
    /// It is longer than any such file can be.
    #[error("is {bytes} bytes long, more than the limit of {limit}")]
    TooLong {
        /// Its length in bytes.
        bytes: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// Its tensors are not the model's.
    #[error("does not fit the model: {}", .0.join("; "))]
    Mismatch(Vec<String>),
    /// It belongs to another run.
    #[error("belongs to the run {found}, not to {expected}")]
    OtherRun {
        /// The content id that the file states.
        found: String,
        /// The content id that was asked for.
        expected: String,
    },
    /// Another process is writing this run.
    #[error("another process is writing this run")]
    Locked,
    /// A value that the format cannot hold was to be written.
    #[error("cannot hold {0}")]
    Unwritable(String),
}

impl Problem {
    /// What the user can do about it, as one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Problem::Missing => "train this run again: what is missing is made anew",
            Problem::Read(_) => "check that the file exists and that you may read it",
            Problem::Write(_) => {
                "check that the folder exists, that you may write there and that the disk has room"
            }
            Problem::Damaged(_) => "delete the run's folder and train again; nothing else depends on it",
            Problem::Newer { .. } => {
                "use the version of the program that wrote it, or delete the run's folder"
            }
            Problem::TooLong { .. } => "this is not a file of a run; delete it and train again",
            Problem::Mismatch(_) => {
                "the spec has changed since these weights were saved; train again, or use the spec beside them"
            }
            Problem::OtherRun { .. } => {
                "the files of two runs were mixed; delete the run's folder and train again"
            }
            Problem::Locked => "wait until it has finished, or stop it",
            Problem::Unwritable(_) => {
                "this is a mistake in the program that writes the run; please report it"
            }
        }
    }
}
