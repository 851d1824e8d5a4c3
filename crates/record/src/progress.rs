//! `progress.json`: where a training is right now, for whoever watches it.
//!
//! The history has a row for each whole epoch; this says how far the epoch at hand is. It is written
//! once a second at most and is gone when the training ends; one that was killed leaves it behind,
//! so a reader must ask first whether anybody writes the run ([`crate::RunFolder::is_being_written`]).
//!
//! It is replaced as a whole but not synced: after a crash it says nothing that anyone needs, and a sync
//! may cost as much as an epoch.

use crate::error::{Problem, RecordError};
use crate::run::Measure;
use crate::{FORMAT, file};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The longest `progress.json` that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// Where a training is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Version of the record's format ([`FORMAT`]).
    pub format: u32,
    /// The epoch at hand, counted from 1.
    pub epoch: u32,
    /// Steps done of it.
    pub step: u64,
    /// Steps of an epoch.
    pub steps: u64,
    /// Seconds since the epoch began.
    pub seconds: f64,
    /// Training samples done of it.
    pub rows: u64,
    /// All batches are done, and the validation has begun.
    pub validating: bool,
    /// The measures over the epoch's samples so far that are finite numbers, named as in the history.
    pub values: Vec<Measure>,
    /// The best epoch so far, counted from 1; `None` before there is one.
    #[serde(default)]
    pub best: Option<u32>,
}

impl Position {
    /// Writes the file at `path`: a reader sees the old content or the new one.
    ///
    /// Errors: [`Problem::Write`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordError> {
        let path = path.as_ref();
        let text = serde_json::to_string(self)
            .map_err(|error| RecordError::new(path, Problem::Unwritable(error.to_string())))?;
        file::replace(path, format!("{text}\n").as_bytes())
    }

    /// Reads the file at `path`.
    ///
    /// Errors: it is missing, damaged, or of a newer format.
    pub fn load(path: impl AsRef<Path>) -> Result<Position, RecordError> {
        let path = path.as_ref();
        let text = file::read_text(path, LIMIT)?;
        let position: Position = serde_json::from_str(&text)
            .map_err(|error| RecordError::new(path, Problem::Damaged(error.to_string())))?;
        if position.format > FORMAT {
            return Err(RecordError::new(path, Problem::Newer { found: position.format, known: FORMAT }));
        }
        Ok(position)
    }
}
