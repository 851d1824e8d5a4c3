//! One epoch of training: the step for each batch of the samples in this epoch's order.
//!
//! Around each step the leader sets the rate, the weights of heads and the keys of the random
//! streams, and looks at the losses. Nothing is allocated per batch, and the clock is read once.

use crate::error::RuntimeError;
use crate::progress::{Batch, Event, Progress};
use crate::session::Session;
use crate::settings::{Head, RateContext, Settings, Weight};
use crate::tally::{NotFinite, Pass, Tally};
use kiln_codegen::{Flow, Hooks, View};
use kiln_data::Dataset;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Progress is told no more often than this: a terminal need not be faster than the eye.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// Which epoch, and of what.
#[derive(Clone, Copy)]
pub(crate) struct Epoch<'a> {
    /// The training entry.
    pub(crate) entry: usize,
    /// Counted from 0.
    pub(crate) number: u32,
    /// Steps done before it.
    pub(crate) first_step: u64,
    pub(crate) steps: usize,
    /// The samples in their order.
    pub(crate) order: &'a [u32],
    /// What a rate may look at.
    pub(crate) monitored: &'a [f64],
    pub(crate) stop: &'a AtomicBool,
}

/// How an epoch went.
pub(crate) struct Trained {
    pub(crate) end: EpochEnd,
    /// Means of the measures.
    pub(crate) values: Vec<f64>,
    /// Weights of the heads whose weight is not constant.
    pub(crate) weights: Vec<f64>,
    /// The rate of the last step.
    pub(crate) rate: f64,
    pub(crate) seconds: f64,
    /// Steps done.
    pub(crate) steps: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EpochEnd {
    Whole,
    /// Told to stop before the last batch.
    Stopped,
    Diverged(NotFinite),
}

/// Trains for one epoch.
pub(crate) fn train(
    session: &mut Session,
    data: &Dataset,
    settings: &Settings,
    epoch: Epoch<'_>,
    progress: &mut dyn Progress,
) -> Result<Trained, RuntimeError> {
    let weights = HeadWeights::new(&settings.heads, epoch.number);
    let mut hooks = Steps {
        tally: Tally::new(&settings.heads, data, Pass::Training)?,
        values: Vec::new(),
        weights,
        settings,
        epoch,
        progress,
        end: EpochEnd::Whole,
        rate: 0.0,
        steps: 0,
        rows: 0,
        begun: Instant::now(),
        told: Instant::now(),
    };
    session.run(epoch.entry, (data, epoch.order), settings.threads, &mut hooks);
    let Steps { tally, mut values, weights, end, rate, steps, begun, .. } = hooks;
    tally.values(&mut values);
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Trained { end, values, weights: weights.values, rate, seconds, steps })
}

/// Weights of heads that are not constant: given ones are set, learned ones read.
pub(crate) struct HeadWeights {
    names: Vec<String>,
    given: Vec<bool>,
    values: Vec<f64>,
}

impl HeadWeights {
    /// For an epoch counted from 0.
    pub(crate) fn new(heads: &[Head], epoch: u32) -> HeadWeights {
        let mut weights = HeadWeights { names: Vec::new(), given: Vec::new(), values: Vec::new() };
        for head in heads {
            let (given, value) = match &head.weight {
                Weight::Constant => continue,
                Weight::Given(at) => (true, at(epoch)),
                Weight::Learned => (false, f64::NAN),
            };
            weights.names.push(format!("weight.{}", head.name));
            weights.given.push(given);
            weights.values.push(value);
        }
        weights
    }

    pub(crate) fn set(&self, view: &mut View<'_>) {
        for (name, (_, &value)) in self.names.iter().zip(self.given.iter().zip(&self.values).filter(|w| *w.0))
        {
            view.set_scalar(name, value as f32);
        }
    }

    fn read(&mut self, view: &View<'_>) {
        for ((name, value), given) in self.names.iter().zip(&mut self.values).zip(&self.given) {
            if !given && let Some(learned) = view.number(name) {
                *value = f64::from(learned);
            }
        }
    }
}

struct Steps<'a> {
    settings: &'a Settings,
    epoch: Epoch<'a>,
    tally: Tally<'a>,
    /// The measures so far, for progress; kept to be filled again.
    values: Vec<f64>,
    weights: HeadWeights,
    progress: &'a mut dyn Progress,
    end: EpochEnd,
    rate: f64,
    steps: usize,
    rows: usize,
    begun: Instant,
    told: Instant,
}

impl Hooks for Steps<'_> {
    fn before(&mut self, view: &mut View<'_>, step: usize, _rows: usize) {
        let step = self.epoch.first_step + step as u64;
        self.rate = self.settings.rate.rate(RateContext {
            step,
            steps_per_epoch: self.epoch.steps as u64,
            epochs: u64::from(self.settings.epochs),
            monitored: self.epoch.monitored,
        });
        view.set_scalar("rate", self.rate as f32);
        self.weights.set(view);
        view.set_keys(self.settings.seed, step);
    }

    fn after(&mut self, view: &mut View<'_>, _step: usize, rows: usize) -> Flow {
        let samples = &self.epoch.order[self.rows..self.rows + rows];
        self.rows += rows;
        self.steps += 1;
        self.weights.read(view);
        if let Err(why) = self.tally.add(view, samples) {
            self.end = EpochEnd::Diverged(why);
            return Flow::Stop;
        }
        let last = self.steps == self.epoch.steps;
        let now = Instant::now();
        if last || now.duration_since(self.told) >= TELL_EVERY {
            self.told = now;
            self.tell(now);
        }
        if !last && self.epoch.stop.load(Ordering::Relaxed) {
            self.end = EpochEnd::Stopped;
            return Flow::Stop;
        }
        Flow::Continue
    }
}

impl Steps<'_> {
    fn tell(&mut self, now: Instant) {
        self.tally.values(&mut self.values);
        self.progress.event(Event::Batch(Batch {
            epoch: self.epoch.number + 1,
            step: self.steps,
            steps: self.epoch.steps,
            rows: self.rows,
            seconds: now.duration_since(self.begun).as_secs_f64(),
            names: self.tally.names(),
            values: &self.values,
        }));
    }
}
