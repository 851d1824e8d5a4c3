//! How long several runs will take: one line on a terminal while a run is trained, and an estimate of the
//! time left for all of them.
//!
//! The estimate counts work, not runs: the runs of a sweep differ by a factor of ten. Work is measured in
//! rows that pass through the parameters; the machine's pace is measured while it works.

use crate::console::Console;
use crate::progress::{bar, clock};
use indicatif::ProgressBar;
use kiln::runtime::{Event, Progress};
use std::time::{Duration, Instant};

/// A time left that was measured over less than this would be a guess.
const SURE_AFTER: Duration = Duration::from_secs(2);

/// An update moves every parameter and its moments; in time that is about as much as this many rows
/// (from the seconds of an epoch of `exp11` with batches of 128 and 32; measure again with `kiln profile`).
const ROWS_OF_A_STEP: f64 = 50.0;

/// The work of a run: `epochs` over `rows` in batches of `batch`, through that many parameters.
pub(crate) fn work(epochs: u32, rows: usize, batch: u32, parameters: u64) -> f64 {
    let steps = rows.div_ceil(batch.max(1) as usize) as f64;
    f64::from(epochs) * (rows as f64 + ROWS_OF_A_STEP * steps) * parameters as f64
}

/// How far all runs are.
pub(crate) struct Pace {
    begun: Instant,
    done: f64,
    todo: f64,
}

impl Pace {
    /// Nothing is done of `todo`; the clock runs from now on.
    pub(crate) fn new(todo: f64) -> Pace {
        Pace { begun: Instant::now(), done: 0.0, todo }
    }

    /// A run has ended, whose work was this.
    pub(crate) fn finish(&mut self, work: f64) {
        self.done += work;
    }

    /// `about 1:20 left`, where `more` is done of the run at hand; `None` before it can be told, and
    /// at the end.
    pub(crate) fn left(&self, more: f64) -> Option<String> {
        left(self.begun.elapsed(), self.done + more, self.todo)
    }
}

fn left(elapsed: Duration, done: f64, todo: f64) -> Option<String> {
    if elapsed < SURE_AFTER || done <= 0.0 || todo - done <= 1e-9 * todo {
        return None;
    }
    let left = Duration::try_from_secs_f64(elapsed.as_secs_f64() * (todo - done) / done).ok()?;
    Some(format!("about {} left", clock(left)))
}

/// The line of the run at hand.
pub(crate) struct Line<'a> {
    pace: &'a Pace,
    bar: Option<ProgressBar>,
    work: f64,
    epochs: u32,
    rows: usize,
}

impl<'a> Line<'a> {
    pub(crate) fn new(console: &Console, name: &str, pace: &'a Pace, work: f64) -> Line<'a> {
        let bar = console.is_terminal().then(|| bar(console).with_prefix(name.to_owned()));
        Line { pace, bar, work, epochs: 1, rows: 1 }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Line<'_> {
    fn event(&mut self, event: Event<'_>) {
        let Some(bar) = &self.bar else { return };
        match event {
            Event::Started { done, epochs, rows, .. } => {
                (self.epochs, self.rows) = (epochs.max(1), rows.max(1));
                bar.set_length(u64::from(epochs));
                bar.set_position(u64::from(done));
            }
            Event::Batch(batch) => {
                let epochs = f64::from(batch.epoch.saturating_sub(1)) + batch.rows as f64 / self.rows as f64;
                let done = epochs / f64::from(self.epochs) * self.work;
                bar.set_message(self.pace.left(done).unwrap_or_default());
            }
            Event::Epoch { row, .. } => bar.set_position(u64::from(row.epoch)),
            Event::Validating { .. } | Event::Saved { .. } | Event::Restored { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_pace() {
        let after = |seconds, done| left(Duration::from_secs(seconds), done, 100.0);
        assert_eq!(after(10, 25.0).as_deref(), Some("about 0:30 left"));
        assert_eq!(after(1, 25.0), None, "too early to tell");
        assert_eq!(after(10, 0.0), None);
        assert_eq!(after(10, 100.0), None);
        assert!(work(30, 11_200, 16, 1_000) > 1.5 * work(30, 11_200, 128, 1_000));
    }
}
