//! What happens while a training goes on, told to whoever draws it.

use kiln_record::Epoch;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The training begins, or goes on from a checkpoint.
    Started {
        /// Epochs that are done already.
        done: u32,
        /// Epochs in all.
        epochs: u32,
        /// Training samples.
        rows: usize,
        /// Steps of an epoch.
        steps: usize,
        /// Names of the history's series.
        names: &'a [String],
    },
    /// A batch of the epoch is done; told at most twenty times a second, and for the last batch.
    Batch(Batch<'a>),
    /// The validation of this epoch (from 1) begins.
    Validating {
        /// Counted from 1.
        epoch: u32,
    },
    /// An epoch is done.
    Epoch {
        /// Its row of the history.
        row: &'a Epoch,
        /// Names of the row's values.
        names: &'a [String],
        /// It is the best so far.
        best: bool,
    },
    /// A checkpoint was written after this epoch.
    Saved {
        /// Counted from 1.
        epoch: u32,
    },
    /// The weights of the best epoch are back.
    Restored {
        /// Counted from 1.
        epoch: u32,
    },
}

/// How far an epoch is.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Counted from 1.
    pub epoch: u32,
    /// Steps done of this epoch.
    pub step: usize,
    /// Steps of this epoch.
    pub steps: usize,
    /// Samples done of this epoch.
    pub rows: usize,
    /// Seconds since the epoch began.
    pub seconds: f64,
    /// Names of what is measured: `loss`, `loss.<head>`, `<head>.<metric>`.
    pub names: &'a [String],
    /// Their values over the epoch's samples so far.
    pub values: &'a [f64],
}

/// Who is told.
pub trait Progress: Send {
    /// Something happened. Called between two steps, so it should be quick.
    fn event(&mut self, event: Event<'_>);
}

/// Nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&mut self, _event: Event<'_>) {}
}

impl<F: FnMut(Event<'_>) + Send> Progress for F {
    fn event(&mut self, event: Event<'_>) {
        self(event);
    }
}
