//! What is known of the runs that are watched, and what follows from it: plain values, no files.
//!
//! The time left is a guess from the last epochs; before the first has ended, from the part of it that is
//! done. Early stopping may end a run sooner.

use kiln::record::{History, Position, RunRecord, Status};

/// Epochs that the pace is taken from.
const RECENT: usize = 5;

/// A pace that was measured over less than this many seconds would be a guess.
const SURE_AFTER: f64 = 1.0;

/// One run, as its files tell it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunState {
    /// The run within its sweep, or its content id.
    pub(crate) name: String,
    /// Where its files are.
    pub(crate) folder: String,
    /// What ran; `None` where that is missing or damaged.
    pub(crate) record: Option<RunRecord>,
    /// Whole epochs.
    pub(crate) history: History,
    /// The epoch at hand.
    pub(crate) position: Option<Position>,
    /// A process writes it now.
    pub(crate) written: bool,
    /// Files that cannot be read, and what to do.
    pub(crate) problems: Vec<String>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its turn has not come.
    Waiting,
    /// It is trained now.
    Training,
    /// Whoever trained it has gone without a word.
    Killed,
    /// Stopped by the user.
    Interrupted,
    /// All epochs, or early stopping.
    Finished,
    /// It could not go on.
    Failed,
    /// Its record cannot be read.
    Damaged,
}

impl Standing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Training => "training",
            Standing::Killed => "killed",
            Standing::Interrupted => "interrupted",
            Standing::Finished => "finished",
            Standing::Failed => "failed",
            Standing::Damaged => "damaged",
        }
    }
}

impl RunState {
    pub(crate) fn standing(&self) -> Standing {
        match &self.record {
            None if !self.problems.is_empty() => Standing::Damaged,
            None => Standing::Waiting,
            Some(record) => match &record.status {
                Status::Running if self.written => Standing::Training,
                Status::Running => Standing::Killed,
                Status::Finished => Standing::Finished,
                Status::Interrupted => Standing::Interrupted,
                Status::Failed { .. } => Standing::Failed,
            },
        }
    }

    /// Epochs that the run asks for.
    pub(crate) fn epochs(&self) -> u32 {
        self.record.as_ref().map_or(0, |record| record.epochs)
    }

    /// Whole epochs that are done.
    pub(crate) fn done(&self) -> u32 {
        self.history.epochs.len() as u32
    }

    /// The epoch at hand, where one is being trained and something is known of it.
    pub(crate) fn current(&self) -> Option<&Position> {
        let current = self.position.as_ref().filter(|position| position.epoch == self.done() + 1);
        current.filter(|_| self.standing() == Standing::Training)
    }

    /// The part of the epoch at hand that is done, 0 to 1.
    fn part(&self) -> f64 {
        let rows = self.record.as_ref().map_or(0, |record| record.data.train_rows).max(1);
        match self.current() {
            Some(current) if current.validating => 1.0,
            // Held-out validation leaves fewer rows than the data has; the steps say the same.
            Some(current) if current.steps > 0 => current.step as f64 / current.steps as f64,
            Some(current) => current.rows as f64 / rows as f64,
            None => 0.0,
        }
        .clamp(0.0, 1.0)
    }

    /// The part of the whole run that is done, 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        match self.standing() {
            Standing::Finished => 1.0,
            _ => ((f64::from(self.done()) + self.part()) / f64::from(self.epochs().max(1))).min(1.0),
        }
    }

    /// Seconds of training that are left; `None` where nothing is trained or it cannot be told yet.
    pub(crate) fn left(&self) -> Option<f64> {
        if self.standing() != Standing::Training {
            return None;
        }
        let recent = &self.history.epochs[self.history.epochs.len().saturating_sub(RECENT)..];
        let part = self.part();
        let epoch = if recent.is_empty() {
            let current = self.current().filter(|c| c.seconds >= SURE_AFTER && part > 0.0)?;
            current.seconds / part
        } else {
            recent.iter().map(|row| row.seconds).sum::<f64>() / recent.len() as f64
        };
        let todo = f64::from(self.epochs().saturating_sub(self.done())) - part;
        Some(epoch * todo.max(0.0)).filter(|left| left.is_finite())
    }

    /// Training samples a second: of the epoch at hand, or of the last one.
    pub(crate) fn pace(&self) -> Option<f64> {
        let now = self.current().filter(|c| c.seconds > 0.0 && !c.validating);
        let last = self.history.epochs.last().map(|row| row.samples_per_second);
        now.map(|current| current.rows as f64 / current.seconds).or(last).filter(|pace| pace.is_finite())
    }

    /// The best epoch so far: the run's own word, or the least total loss.
    pub(crate) fn best(&self) -> Option<u32> {
        let said = self.record.as_ref().and_then(|record| record.best.as_ref()).map(|best| best.epoch);
        let now = self.position.as_ref().and_then(|position| position.best);
        let is_done = |epoch: &u32| (1..=self.done()).contains(epoch);
        said.or(now).filter(is_done).or_else(|| {
            let losses = self.history.series("val_loss").or_else(|| self.history.series("loss"))?;
            let finite = losses.iter().enumerate().filter(|(_, loss)| loss.is_finite());
            finite.min_by(|a, b| a.1.total_cmp(b.1)).map(|(index, _)| index as u32 + 1)
        })
    }

    /// How it failed.
    pub(crate) fn reason(&self) -> Option<&str> {
        match &self.record.as_ref()?.status {
            Status::Failed { reason, .. } => Some(reason),
            Status::Running | Status::Finished | Status::Interrupted => None,
        }
    }

    /// What is measured, in the history's order.
    pub(crate) fn measures(&self) -> Vec<Measured> {
        let names = self.history.names.iter().filter(|name| !name.starts_with("val_"));
        let measured = |name: &String| Measured {
            name: name.clone(),
            train: self.history.series(name).unwrap_or_default(),
            validation: self.history.series(&format!("val_{name}")).unwrap_or_default(),
        };
        names.map(measured).collect()
    }
}

/// A measure over the epochs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measured {
    /// As in the history: `loss`, `loss.decoder`, `decoder.mse`.
    pub(crate) name: String,
    /// On the training samples, an epoch each.
    pub(crate) train: Vec<f64>,
    /// On the validation samples; empty where there are none.
    pub(crate) validation: Vec<f64>,
}

/// All runs, and what the user looks at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    pub(crate) runs: Vec<RunState>,
    /// The run that the user has picked; `None` follows the one that is trained.
    pub(crate) picked: Option<usize>,
    /// Which page of charts is shown; counted round and round.
    pub(crate) page: i32,
    /// Charts have a logarithmic axis where all values are above zero.
    pub(crate) log: bool,
    /// What leaving does, for the last line: `quit`, `stop after this batch`.
    pub(crate) leaving: &'static str,
}

impl Watched {
    /// The run that is shown: the one picked, the one that is trained, or the last with anything to show.
    pub(crate) fn chosen(&self) -> usize {
        let last = self.runs.len().saturating_sub(1);
        let find = |wanted: Standing| self.runs.iter().position(|run| run.standing() == wanted);
        let shown = || self.runs.iter().rposition(|run| run.standing() != Standing::Waiting);
        self.picked.or_else(|| find(Standing::Training)).or_else(shown).unwrap_or(0).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::samples::{run, training};

    #[test]
    fn the_time_left_counts_the_epochs_and_the_part_of_the_one_at_hand() {
        // Ten epochs of two seconds, three done, half of the fourth.
        let mut state = training(10, 3);
        assert_eq!(state.left(), Some(13.0));
        assert_eq!(state.fraction(), 0.35);
        state.position = None;
        assert_eq!(state.left(), Some(14.0));
        // A position of an epoch that is in the history already is an old one.
        state = training(10, 4);
        state.position = training(10, 3).position;
        assert_eq!((state.left(), state.fraction()), (Some(12.0), 0.4));
    }

    #[test]
    fn before_the_first_epoch_has_ended_its_own_pace_counts() {
        let mut state = training(10, 0);
        assert_eq!(state.left(), Some(19.0));
        state.position.as_mut().expect("a position").seconds = 0.1;
        assert_eq!(state.left(), None, "nobody can tell yet");
    }

    #[test]
    fn a_run_that_nobody_writes_was_killed() {
        let mut state = training(10, 3);
        state.written = false;
        assert_eq!((state.standing(), state.left()), (Standing::Killed, None));
        assert_eq!(state.fraction(), 0.3, "what was not a whole epoch is lost");
    }

    #[test]
    fn the_best_epoch_is_the_runs_own_word_or_that_of_the_least_loss() {
        let mut state = training(10, 3);
        assert_eq!(state.best(), Some(2));
        state.position = None;
        assert_eq!(state.best(), Some(3));
        assert_eq!(run(4).best(), Some(4));
        state.history.epochs.clear();
        assert_eq!(state.best(), None);
    }

    #[test]
    fn the_run_that_is_trained_is_shown_unless_another_was_picked() {
        let waiting = RunState { name: "c".into(), ..RunState::default() };
        let mut watched = Watched { runs: vec![run(3), training(10, 3), waiting], ..Watched::default() };
        assert_eq!(watched.chosen(), 1);
        watched.runs[1] = run(3);
        assert_eq!(watched.chosen(), 1, "the last that has begun");
        watched.picked = Some(9);
        assert_eq!(watched.chosen(), 2);
        assert_eq!(Watched::default().chosen(), 0);
    }
}
