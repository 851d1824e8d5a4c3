//! Early stopping: ends a training that no longer improves.
//!
//! In: the monitored value of each epoch. Out: whether it was the best so far, and whether to stop.
//!
//! ```text
//! better = value + min_delta < best      (value − min_delta > best where larger is better)
//! better    →  best ← value, wait ← 0
//! otherwise →  wait ← wait + 1;  stop where wait ≥ patience and it is not the first epoch
//! ```
//!
//! Source: Keras 3, `EarlyStopping`, defaults included.
//!
//! | argument | default | range | meaning |
//! |---|---|---|---|
//! | `monitor` | val_loss | val_loss, loss, val_metric | total loss on the validation data, on the training data, or the first metric on the validation data |
//! | `patience` | 0 | ≥ 0 | epochs without progress that are borne |
//! | `min_delta` | 0 | ≥ 0 | less than this is no progress |
//! | `restore_best` | false | | ends with the weights of the best epoch |
//! | `start_from_epoch` | 0 | ≥ 0 | epochs that are not looked at |
//!
//! The state is a pure function of the values so far: a resumed run replays its history.
//! Trap: a NaN is never better, so a training that has gone wrong stops, and its best epoch stays.
//!
//! Not here: keeping the weights (crate `runtime`).

use crate::args::{ArgKind, ArgSpec, Args};

/// Arguments of `early_stopping` in the section `train`.
pub const ARGS: &[ArgSpec] = &[
    ArgSpec::new("monitor", ArgKind::Word(&["val_loss", "loss", "val_metric"]))
        .or("val_loss")
        .doc("The total loss on the validation or the training data, or the first metric."),
    ArgSpec::int("patience").or("0").at_least(0.0).doc("Epochs without progress that are borne."),
    ArgSpec::float("min_delta").or("0.0").at_least(0.0).doc("Less than this is no progress."),
    ArgSpec::new("restore_best", ArgKind::Bool).or("false").doc("Ends with the weights of the best epoch."),
    ArgSpec::int("start_from_epoch").or("0").at_least(0.0).doc("Epochs that are not looked at."),
];

/// What the runtime does after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// This epoch is the best so far: keep its weights.
    pub best: bool,
    /// End the training.
    pub stop: bool,
}

/// The state of early stopping, fed one value an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyStopping {
    higher_is_better: bool,
    patience: u64,
    min_delta: f64,
    start_from_epoch: u64,
    epoch: u64,
    wait: u64,
    best: Option<(u64, f64)>,
}

impl EarlyStopping {
    /// Before the first epoch. `args` are checked against [`ARGS`]; `higher_is_better` is that of the
    /// monitored metric, and false for a loss.
    pub fn new(args: &Args, higher_is_better: bool) -> EarlyStopping {
        EarlyStopping {
            higher_is_better,
            patience: args.int("patience").max(0) as u64,
            min_delta: args.float64("min_delta"),
            start_from_epoch: args.int("start_from_epoch").max(0) as u64,
            epoch: 0,
            wait: 0,
            best: None,
        }
    }

    /// The value after the next epoch.
    pub fn epoch(&mut self, value: f64) -> Verdict {
        let epoch = self.epoch;
        self.epoch += 1;
        if epoch < self.start_from_epoch {
            return Verdict { best: false, stop: false };
        }
        if self.improves(value) {
            self.best = Some((epoch, value));
            self.wait = 0;
            return Verdict { best: true, stop: false };
        }
        self.wait += 1;
        Verdict { best: false, stop: self.wait >= self.patience && epoch > 0 }
    }

    /// The best epoch, from 0, and its value; `None` before there is one.
    pub fn best(&self) -> Option<(u64, f64)> {
        self.best
    }

    fn improves(&self, value: f64) -> bool {
        match self.best {
            None => !value.is_nan(),
            Some((_, best)) if self.higher_is_better => value - self.min_delta > best,
            Some((_, best)) => value + self.min_delta < best,
        }
    }
}
