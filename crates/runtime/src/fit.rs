//! Fit: epochs until the last one, early stopping, a stop from outside, or a loss that is no number.

use crate::epoch::{self, EpochEnd, Trained};
use crate::error::RuntimeError;
use crate::evaluate::evaluate;
use crate::fields;
use crate::keep::{Files, Keep, Progressed};
use crate::position::Telling;
use crate::progress::{Event, Progress};
use crate::session::{Session, TRAIN};
use crate::settings::{Monitor, Settings, Verdict};
use crate::tally::NotFinite;
use kiln_data::Dataset;
use kiln_graph::random;
use kiln_record::{Best, Epoch, History, Tensor};
use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All epochs are done.
    Finished,
    /// Early stopping ended it.
    Early,
    /// It was told to stop.
    Interrupted,
    /// A loss became NaN or infinite.
    Diverged(Divergence),
}

/// A loss that is no number, and where. Prints with what to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The head; `None` where only the total is at fault (a penalty, say).
    pub head: Option<String>,
    /// The epoch, from 1.
    pub epoch: u32,
    /// The step of the epoch, from 1; `None` in validation.
    pub step: Option<usize>,
    /// NaN or an infinity.
    pub value: f64,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.value.is_nan() { "NaN" } else { "infinite" };
        match &self.head {
            Some(head) => write!(f, "the loss of `{head}` became {value} in epoch {}", self.epoch)?,
            None => write!(f, "the total loss became {value} in epoch {}", self.epoch)?,
        }
        match self.step {
            Some(step) => write!(f, ", step {step}")?,
            None => write!(f, ", in validation")?,
        }
        f.write_str(
            "; try a lower `rate` (a tenth of it), `clip_norm = 1.0` in the optimizer, or `warmup` as schedule",
        )
    }
}

/// What a training leaves besides the session's states.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Whole epochs done, those before a resume included.
    pub epochs: u32,
    /// Steps taken in them.
    pub steps: u64,
    /// One row an epoch.
    pub history: History,
    /// The best epoch.
    pub best: Option<Best>,
    /// Parameters and statistics after the best epoch; empty where there was none.
    pub best_weights: Vec<Tensor>,
}

/// Trains on `train`, looking at `validation` (which may be empty) after each epoch.
///
/// Goes on from the checkpoint in `keep`, where there is one; otherwise the states get their initial
/// values under the seed. When `stop` becomes true it ends after the batch at hand: the session keeps
/// what it has learned, and the last checkpoint is what a later call goes on from.
///
/// # Errors
/// The data does not fit the program; the run's files cannot be read or written.
///
/// # Panics
/// Where the program has no entry [`TRAIN`] or, with validation, none that evaluates: bugs of the caller.
pub fn fit(
    session: &mut Session,
    (data, train, validation): (&Dataset, &[u32], &[u32]),
    settings: &Settings,
    keep: Option<&Keep>,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<Outcome, RuntimeError> {
    let entry = session.program().entry(TRAIN);
    let entry = entry.unwrap_or_else(|| panic!("runtime: the program has no entry `{TRAIN}`"));
    if train.is_empty() {
        return Err(RuntimeError::NoRows { data: data.name.clone(), purpose: "to train on" });
    }
    fields::check(session, entry, data, &settings.heads)?;
    let names = settings.series(!validation.is_empty());
    let batch = session.program().schedule().entries[entry].batch as usize;
    let monitor = settings.monitor.clone().unwrap_or_else(|| Monitor {
        series: total(!validation.is_empty()).to_owned(),
        higher_is_better: false,
    });
    let outcome = Outcome {
        end: End::Finished,
        epochs: 0,
        steps: 0,
        history: History::new(names),
        best: None,
        best_weights: Vec::new(),
    };
    let steps = train.len().div_ceil(batch);
    let mut fit = Fit {
        session,
        data,
        train,
        validation,
        settings,
        entry,
        steps,
        monitor,
        totals: Vec::new(),
        values: Vec::new(),
        outcome,
    };
    let early = fit.begin(keep)?;
    let best = fit.outcome.best.as_ref().map(|best| best.epoch);
    let mut telling = Telling::new(progress, keep.map(|keep| &keep.folder), best);
    fit.run(keep, early, &mut telling, stop)?;
    drop(telling);
    Ok(fit.outcome)
}

/// The series that rates look at.
fn total(validation: bool) -> &'static str {
    if validation { "val_loss" } else { "loss" }
}

struct Fit<'a> {
    session: &'a mut Session,
    data: &'a Dataset,
    train: &'a [u32],
    validation: &'a [u32],
    settings: &'a Settings,
    entry: usize,
    /// Steps of an epoch.
    steps: usize,
    monitor: Monitor,
    /// What rates look at: the total loss of each epoch.
    totals: Vec<f64>,
    /// What early stopping looks at.
    values: Vec<f64>,
    outcome: Outcome,
}

impl Fit<'_> {
    /// Initial states, or those of the checkpoint. True where early stopping has ended it already.
    fn begin(&mut self, keep: Option<&Keep>) -> Result<bool, RuntimeError> {
        let checkpoint = keep.map_or(Ok(None), Keep::checkpoint)?;
        let Some(checkpoint) = checkpoint else {
            self.session.initialise(self.settings.seed);
            return Ok(false);
        };
        self.session.set_all_states(checkpoint.states)?;
        self.outcome.epochs = checkpoint.epoch;
        self.outcome.steps = checkpoint.step;
        self.outcome.best_weights = checkpoint.best_weights;
        if self.outcome.best_weights.is_empty() && checkpoint.best.is_some() {
            self.outcome.best_weights = self.session.weights();
        }
        let mut stop = false;
        for row in checkpoint.history.epochs {
            stop = self.judge(&row).stop;
            self.outcome.history.epochs.push(row);
        }
        self.outcome.best = checkpoint.best;
        Ok(stop)
    }

    fn run(
        &mut self,
        keep: Option<&Keep>,
        mut early: bool,
        progress: &mut dyn Progress,
        stop: &AtomicBool,
    ) -> Result<(), RuntimeError> {
        let mut files = keep.map(|keep| Files::start(keep, &self.outcome.history)).transpose()?;
        progress.event(Event::Started {
            done: self.outcome.epochs,
            epochs: self.settings.epochs,
            rows: self.train.len(),
            steps: self.steps,
            names: &self.outcome.history.names,
        });
        self.outcome.end = End::Finished;
        while !early && self.outcome.epochs < self.settings.epochs {
            if stop.load(Ordering::Relaxed) {
                self.outcome.end = End::Interrupted;
                break;
            }
            let Some(verdict) = self.epoch(&mut files, progress, stop)? else { break };
            early = verdict.stop;
            if let Some(files) = files.as_mut().filter(|f| f.due()) {
                files.save(self.session, &self.progressed())?;
                progress.event(Event::Saved { epoch: self.outcome.epochs });
            }
        }
        if early {
            self.outcome.end = End::Early;
        }
        if matches!(self.outcome.end, End::Finished | End::Early) && self.settings.restore_best {
            self.restore(progress)?;
        }
        files.map_or(Ok(()), Files::finish)
    }

    /// One epoch with its validation; `None` where it did not come to its end.
    fn epoch(
        &mut self,
        files: &mut Option<Files<'_>>,
        progress: &mut dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Option<Verdict>, RuntimeError> {
        let number = self.outcome.epochs;
        let order = order(self.train, self.settings, number);
        let epoch = epoch::Epoch {
            entry: self.entry,
            number,
            first_step: self.outcome.steps,
            steps: self.steps,
            order: &order,
            monitored: &self.totals,
            stop,
        };
        let trained = epoch::train(self.session, self.data, self.settings, epoch, progress)?;
        match &trained.end {
            EpochEnd::Whole => {}
            EpochEnd::Stopped => {
                self.outcome.end = End::Interrupted;
                return Ok(None);
            }
            EpochEnd::Diverged(why) => {
                self.outcome.end = diverged(why, number, Some(trained.steps));
                return Ok(None);
            }
        }
        let Some(row) = self.row(number, trained, progress)? else { return Ok(None) };
        self.outcome.epochs += 1;
        self.outcome.steps += self.steps as u64;
        let verdict = self.judge(&row);
        if verdict.best {
            let value = self.value(&row);
            self.outcome.best = Some(Best { epoch: row.epoch, monitor: self.monitor.series.clone(), value });
            self.outcome.best_weights = self.session.weights();
        }
        progress.event(Event::Epoch { row: &row, names: &self.outcome.history.names, best: verdict.best });
        if let Some(files) = files {
            files.append(row.clone())?;
        }
        self.outcome.history.epochs.push(row);
        Ok(Some(verdict))
    }

    /// The epoch's row of the history, validation included; `None` where a validation loss is no number.
    fn row(
        &mut self,
        number: u32,
        trained: Trained,
        progress: &mut dyn Progress,
    ) -> Result<Option<Epoch>, RuntimeError> {
        let mut values = trained.values;
        values.extend(trained.weights);
        let mut seconds = trained.seconds;
        if !self.validation.is_empty() {
            progress.event(Event::Validating { epoch: number + 1 });
            let begun = std::time::Instant::now();
            let (heads, threads) = (&self.settings.heads, self.settings.threads);
            // Under the weights of the last epoch: while they ramp up, a total under those of the epoch
            // at hand rises however well the network learns, and the first epoch would be the best.
            let last = self.settings.epochs.saturating_sub(1);
            let found = evaluate(self.session, (self.data, self.validation), heads, &[], last, threads)?;
            if let Some((head, value)) = found.not_finite {
                self.outcome.end = diverged(&NotFinite { head, value }, number, None);
                return Ok(None);
            }
            values.extend(found.measures.iter().map(|(_, value)| *value));
            seconds += begun.elapsed().as_secs_f64();
        }
        let samples_per_second = self.train.len() as f64 / trained.seconds.max(1e-9);
        Ok(Some(Epoch { epoch: number + 1, seconds, samples_per_second, rate: trained.rate, values }))
    }

    /// Remembers the epoch's total and monitored value, and asks early stopping.
    fn judge(&mut self, row: &Epoch) -> Verdict {
        let value = self.value(row);
        self.totals.push(self.series(row, total(!self.validation.is_empty())));
        self.values.push(value);
        match &self.settings.stopping {
            Some(stopping) => stopping.verdict(&self.values),
            None => Verdict { best: self.improves(value), stop: false },
        }
    }

    fn improves(&self, value: f64) -> bool {
        match &self.outcome.best {
            None => !value.is_nan(),
            Some(best) if self.monitor.higher_is_better => value > best.value,
            Some(best) => value < best.value,
        }
    }

    fn value(&self, row: &Epoch) -> f64 {
        self.series(row, &self.monitor.series)
    }

    /// NaN where there is no such series: never better.
    fn series(&self, row: &Epoch, name: &str) -> f64 {
        let column = self.outcome.history.names.iter().position(|n| n == name);
        column.and_then(|c| row.values.get(c)).copied().unwrap_or(f64::NAN)
    }

    fn progressed(&self) -> Progressed<'_> {
        Progressed {
            epoch: self.outcome.epochs,
            step: self.outcome.steps,
            seed: self.settings.seed,
            history: &self.outcome.history,
            best: self.outcome.best.as_ref(),
            best_weights: &self.outcome.best_weights,
        }
    }

    fn restore(&mut self, progress: &mut dyn Progress) -> Result<(), RuntimeError> {
        let Some(best) = &self.outcome.best else { return Ok(()) };
        if best.epoch != self.outcome.epochs {
            self.session.set_weights(self.outcome.best_weights.clone())?;
            progress.event(Event::Restored { epoch: best.epoch });
        }
        Ok(())
    }
}

/// The samples in the order of an epoch.
fn order<'a>(train: &'a [u32], settings: &Settings, number: u32) -> Cow<'a, [u32]> {
    if !settings.shuffle {
        return Cow::Borrowed(train);
    }
    // Rows are numbered with 32 bits, so there are no more of them than that.
    let order = random::shuffle(settings.seed, u64::from(number), train.len() as u32);
    Cow::Owned(order.into_iter().map(|i| train[i as usize]).collect())
}

fn diverged(why: &NotFinite, number: u32, step: Option<usize>) -> End {
    End::Diverged(Divergence { head: why.head.clone(), epoch: number + 1, step, value: why.value })
}
