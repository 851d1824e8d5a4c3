//! Position: passes on what happens, and keeps `progress.json` of the run's folder up to date.
//!
//! The file is for whoever watches from outside. Writing it took 4 ms on a busy machine (ext4), so it is
//! written [`EVERY`] so often at most. Where it cannot be written the training goes on without it: the
//! history, which is written to the same folder, says what is wrong.

use crate::progress::{Batch, Event, Progress};
use kiln_record::{FORMAT, Measure, Position, RunFolder};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The pause between two writes: a view that moves every second looks alive, and 4 ms of it are 0.4 %.
const EVERY: Duration = Duration::from_secs(1);

/// Tells `inner` everything, and the file where the training is.
pub(crate) struct Telling<'a> {
    inner: &'a mut dyn Progress,
    path: Option<PathBuf>,
    written: Option<Instant>,
    position: Position,
}

impl<'a> Telling<'a> {
    /// Without a folder there is no file. `best` is the best epoch before a resume.
    pub(crate) fn new(
        inner: &'a mut dyn Progress,
        folder: Option<&RunFolder>,
        best: Option<u32>,
    ) -> Telling<'a> {
        let position = Position {
            format: FORMAT,
            epoch: 1,
            step: 0,
            steps: 0,
            seconds: 0.0,
            rows: 0,
            validating: false,
            values: Vec::new(),
            best,
        };
        Telling { inner, path: folder.map(RunFolder::progress), written: None, position }
    }

    fn due(&self) -> bool {
        self.path.is_some() && self.written.is_none_or(|written| written.elapsed() >= EVERY)
    }

    fn write(&mut self) {
        if let Some(path) = &self.path {
            // See above: nobody needs to know here.
            let _ = self.position.save(path);
            self.written = Some(Instant::now());
        }
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        let values = batch.names.iter().zip(batch.values).filter(|(_, value)| value.is_finite());
        self.position = Position {
            epoch: batch.epoch,
            step: batch.step as u64,
            steps: batch.steps as u64,
            seconds: batch.seconds,
            rows: batch.rows as u64,
            validating: false,
            values: values.map(|(name, &value)| Measure { name: name.clone(), value }).collect(),
            ..self.position
        };
        self.write();
    }
}

impl Progress for Telling<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Batch(batch) if self.due() => self.batch(&batch),
            Event::Validating { epoch } if self.due() => {
                self.position = Position { epoch, validating: true, ..self.position.clone() };
                self.write();
            }
            // The epoch itself is in the history.
            Event::Epoch { row, best: true, .. } => self.position.best = Some(row.epoch),
            Event::Batch(_)
            | Event::Validating { .. }
            | Event::Started { .. }
            | Event::Epoch { best: false, .. }
            | Event::Saved { .. }
            | Event::Restored { .. } => {}
        }
        self.inner.event(event);
    }
}

impl Drop for Telling<'_> {
    /// The training has ended, in whatever way.
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // One that stays does no harm: nobody writes the run any more.
            let _ = std::fs::remove_file(path);
        }
    }
}
