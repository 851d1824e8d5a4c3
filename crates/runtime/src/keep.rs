//! Keeping: checkpoints and the history of a training in its run's folder.
//!
//! A checkpoint is taken between two epochs. It has every state, the history, and the best
//! weights so far; with the seed that is all, because early stopping and rates are functions of
//! the history and random numbers are functions of seed, stream and step.

use crate::error::RuntimeError;
use crate::session::Session;
use kiln_record::{Best, Checkpoint, Epoch, EventWriter, History, HistoryWriter, RunFolder, Tensor};
use std::time::{Duration, Instant};

/// Where a training keeps its files, and how often.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The run's folder.
    pub folder: RunFolder,
    /// The run's content id: a checkpoint of another run is refused.
    pub content: String,
    /// When the run began first: seconds since 1970, UTC.
    pub started: u64,
    /// A checkpoint is written at the end of the first epoch that ends so long after the last one.
    pub every: Duration,
    /// Also write event files for TensorBoard. A run that has some keeps them up to date in any case.
    pub tensorboard: bool,
}

impl Keep {
    /// Ten seconds: what is lost at most besides the epoch at hand, and rare enough to cost nothing.
    pub const EVERY: Duration = Duration::from_secs(10);

    /// The run's checkpoint, where there is one.
    ///
    /// # Errors
    /// It is damaged, or of another run.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, RuntimeError> {
        let path = self.folder.checkpoint();
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Checkpoint::load(path, &self.content)?))
    }
}

/// Files of a training that goes on.
pub(crate) struct Files<'a> {
    keep: &'a Keep,
    writer: HistoryWriter,
    events: Option<EventWriter>,
    saved: Instant,
}

/// What a checkpoint holds besides the session.
pub(crate) struct Progressed<'a> {
    pub(crate) epoch: u32,
    pub(crate) step: u64,
    pub(crate) seed: u64,
    pub(crate) history: &'a History,
    pub(crate) best: Option<&'a Best>,
    /// Weights of the best epoch.
    pub(crate) best_weights: &'a [Tensor],
}

impl<'a> Files<'a> {
    /// Begins the history's files with the epochs so far.
    pub(crate) fn start(keep: &'a Keep, history: &History) -> Result<Files<'a>, RuntimeError> {
        keep.folder.create()?;
        let writer = keep.folder.start_history(history.clone())?;
        let folder = keep.folder.tensorboard();
        let events = (keep.tensorboard || folder.exists())
            .then(|| EventWriter::start(&folder, history, keep.started))
            .transpose()?;
        Ok(Files { keep, writer, events, saved: Instant::now() })
    }

    pub(crate) fn append(&mut self, row: Epoch) -> Result<(), RuntimeError> {
        if let Some(events) = &mut self.events {
            events.append(&row)?;
        }
        Ok(self.writer.append(row)?)
    }

    /// It is time for a checkpoint.
    pub(crate) fn due(&self) -> bool {
        self.saved.elapsed() >= self.keep.every
    }

    pub(crate) fn save(&mut self, session: &Session, at: &Progressed<'_>) -> Result<(), RuntimeError> {
        // After the best epoch its weights are among the states.
        let is_best = at.best.is_some_and(|best| best.epoch == at.epoch);
        let checkpoint = Checkpoint {
            content: self.keep.content.clone(),
            epoch: at.epoch,
            step: at.step,
            seed: at.seed,
            started: self.keep.started,
            history: at.history.clone(),
            best: at.best.cloned(),
            stopping: None,
            plateau: None,
            states: session.all_states(),
            best_weights: if is_best { Vec::new() } else { at.best_weights.to_vec() },
        };
        checkpoint.save(self.keep.folder.checkpoint())?;
        self.saved = Instant::now();
        Ok(())
    }

    /// Makes the history's files whole, and the event files last.
    pub(crate) fn finish(self) -> Result<(), RuntimeError> {
        self.writer.finish()?;
        Ok(self.events.map_or(Ok(()), EventWriter::finish)?)
    }
}
