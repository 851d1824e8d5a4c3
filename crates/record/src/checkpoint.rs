//! `checkpoint/state.safetensors`: everything that an exact resume needs, in one file.
//!
//! One file, so that one rename makes it whole: weights, statistics and optimizer states
//! under their own names, the best weights so far under `best/<name>`, and the rest as RON
//! text in the metadata (RON, because it keeps infinities, which a monitored value has
//! before the first epoch).

use crate::error::{Problem, RecordError};
use crate::history::History;
use crate::tensors::{self, Tensor};
use crate::{Best, FORMAT, file};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What stands before the names of the best weights.
const BEST: &str = "best/";

/// A training between two steps. All random streams are counter-based, so the seed, the
/// epoch and the step are their whole state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// The run's content id.
    pub content: String,
    /// Epochs that have ended.
    pub epoch: u32,
    /// Steps taken since the beginning of the training.
    pub step: u64,
    /// The seed of everything random.
    pub seed: u64,
    /// When the run started first: seconds since 1970, UTC.
    pub started: u64,
    /// The epochs so far.
    pub history: History,
    /// The best epoch so far.
    pub best: Option<Best>,
    /// State of early stopping, where the spec asks for it.
    pub stopping: Option<Stopping>,
    /// State of a rate that falls on a plateau, where the spec asks for it.
    pub plateau: Option<Plateau>,
    /// Every state of the graph, optimizer states too.
    pub states: Vec<Tensor>,
    /// Parameters and statistics after the best epoch; empty where it was the last one.
    pub best_weights: Vec<Tensor>,
}

/// Early stopping between two epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// The best monitored value so far.
    pub best: f64,
    /// Epochs since then.
    pub waited: u32,
}

/// A rate that falls on a plateau, between two epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    /// The best monitored value so far.
    pub best: f64,
    /// Epochs since then.
    pub waited: u32,
    /// Epochs before it looks again.
    pub cooldown: u32,
    /// The rate now.
    pub rate: f64,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    content: String,
    epoch: u32,
    step: u64,
    seed: u64,
    started: u64,
    history: History,
    best: Option<Best>,
    stopping: Option<Stopping>,
    plateau: Option<Plateau>,
}

/// The part of every version of the metadata.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Checkpoint {
    /// Writes the file at `path`, whole or not at all; makes its folder.
    ///
    /// Errors: [`Problem::Write`]; [`Problem::Unwritable`] for two tensors of one name.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordError> {
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            file::make_folder(folder)?;
        }
        let metadata = ron::to_string(&Metadata {
            format: FORMAT,
            content: self.content.clone(),
            epoch: self.epoch,
            step: self.step,
            seed: self.seed,
            started: self.started,
            history: self.history.clone(),
            best: self.best.clone(),
            stopping: self.stopping,
            plateau: self.plateau,
        })
        .map_err(|error| RecordError::new(path, Problem::Unwritable(error.to_string())))?;
        let best =
            self.best_weights.iter().map(|t| Tensor { name: format!("{BEST}{}", t.name), ..t.clone() });
        let tensors: Vec<Tensor> = self.states.iter().cloned().chain(best).collect();
        tensors::save(path, &tensors, &metadata)
    }

    /// Reads the file at `path`, which must belong to the run `content`.
    ///
    /// Errors: the file is missing, damaged, of a newer format or of another run.
    pub fn load(path: impl AsRef<Path>, content: &str) -> Result<Checkpoint, RecordError> {
        let path = path.as_ref();
        let (tensors, text) = tensors::load(path)?;
        let damaged = |error: ron::error::SpannedError| {
            RecordError::new(path, Problem::Damaged(format!("its metadata: {}", error.code)))
        };
        let version: Version = ron::from_str(&text).map_err(damaged)?;
        if version.format > FORMAT {
            return Err(RecordError::new(path, Problem::Newer { found: version.format, known: FORMAT }));
        }
        let metadata: Metadata = ron::from_str(&text).map_err(damaged)?;
        if metadata.content != content {
            let problem = Problem::OtherRun { found: metadata.content, expected: content.to_owned() };
            return Err(RecordError::new(path, problem));
        }
        let (mut states, mut best_weights) = (Vec::new(), Vec::new());
        for tensor in tensors {
            match tensor.name.strip_prefix(BEST) {
                Some(name) => best_weights.push(Tensor { name: name.to_owned(), ..tensor }),
                None => states.push(tensor),
            }
        }
        let Metadata { epoch, step, seed, started, history, best, stopping, plateau, content, .. } = metadata;
        #[rustfmt::skip]
        let checkpoint = Checkpoint {
            content, epoch, step, seed, started, history, best, stopping, plateau, states, best_weights,
        };
        Ok(checkpoint)
    }

    /// As [`Checkpoint::load`], with the states arranged as `wanted` (name and
    /// `[rows, cols]`) says.
    ///
    /// Errors: as there, and [`Problem::Mismatch`] that names every state that is missing,
    /// left over or of another shape.
    pub fn load_for(
        path: impl AsRef<Path>,
        content: &str,
        wanted: &[(&str, [usize; 2])],
    ) -> Result<Checkpoint, RecordError> {
        let path = path.as_ref();
        let checkpoint = Checkpoint::load(path, content)?;
        let states = tensors::arrange(checkpoint.states, wanted)
            .map_err(|problems| RecordError::new(path, Problem::Mismatch(problems)))?;
        Ok(Checkpoint { states, ..checkpoint })
    }
}
