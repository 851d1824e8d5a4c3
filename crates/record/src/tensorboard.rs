//! `tensorboard/`: the history once more, as event files for TensorBoard.
//!
//! ```text
//! tensorboard/train/events.out.tfevents.kiln        loss  loss/decoder  decoder/mse  rate  seconds …
//! tensorboard/validation/events.out.tfevents.kiln   loss  loss/decoder  decoder/mse
//! ```
//!
//! One event an epoch, whose step is the epoch. A tag is the history's name without `val_` and with its
//! point as a slash: so TensorBoard draws training and validation over each other, and has a group for
//! the losses and one for each head.
//!
//! **The files are a function of the history and of when the run began.** The wall time of an epoch is
//! that beginning and the seconds of all epochs up to this one: training time, without the pauses of a
//! run that was stopped. So the files of a run that was killed and went on are those of one that never
//! was, but for what any two runs differ in: wall times, and the columns `seconds` and
//! `samples_per_second`. These have fixed widths, so every event is at the same place in both files.
//!
//! That place matters to a TensorBoard which watches: it keeps the file open and reads on where it was.
//! A resumed run therefore cuts the file back to what its checkpoint knows, or adds what is missing, in
//! place; only a file that holds anything else is replaced.
//!
//! Not here: the bytes of an event (`event`).

use crate::error::{Problem, RecordError};
use crate::history::{Epoch, History};
use crate::{event, file};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// TensorBoard takes every file with `tfevents` in its name.
const NAME: &str = "events.out.tfevents.kiln";

/// The longest event file that is compared with what it should hold, in bytes.
const LIMIT: u64 = 1 << 30;

/// Writes the event files of a run that goes on.
#[derive(Debug)]
pub struct EventWriter {
    /// The wall time of the last epoch.
    time: f64,
    parts: Vec<(Part, PathBuf, File)>,
}

impl EventWriter {
    /// Begins with the epochs of `history` in the run's folder `tensorboard/` (none for a new run, those
    /// of the checkpoint for a resumed one). `started` is when the run began first, in seconds since 1970.
    ///
    /// Errors: [`Problem::Write`], [`Problem::Read`].
    pub fn start(folder: &Path, history: &History, started: u64) -> Result<EventWriter, RecordError> {
        let mut parts = Vec::new();
        for part in parts_of(&history.names) {
            let path = folder.join(part.name).join(NAME);
            file::make_folder(&folder.join(part.name))?;
            settle(&path, &part.whole(history, started))?;
            let file = OpenOptions::new().append(true).open(&path);
            let file = file.map_err(|error| RecordError::new(&path, Problem::Write(error)))?;
            parts.push((part, path, file));
        }
        let time = history.epochs.iter().fold(started as f64, |time, row| time + row.seconds);
        Ok(EventWriter { time, parts })
    }

    /// Adds one epoch.
    ///
    /// Errors: [`Problem::Write`].
    pub fn append(&mut self, row: &Epoch) -> Result<(), RecordError> {
        self.time += row.seconds;
        for (part, path, file) in &mut self.parts {
            let written = file.write_all(&part.event(self.time, row));
            written.map_err(|error| RecordError::new(&*path, Problem::Write(error)))?;
        }
        Ok(())
    }

    /// Makes what has been written last through a crash.
    ///
    /// Errors: [`Problem::Write`].
    pub fn finish(self) -> Result<(), RecordError> {
        for (_, path, file) in self.parts {
            file.sync_all().map_err(|error| RecordError::new(path, Problem::Write(error)))?;
        }
        Ok(())
    }
}

/// One of the two files: what TensorBoard calls a run.
#[derive(Debug)]
struct Part {
    name: &'static str,
    /// The series' tags and where their values are in a row.
    series: Vec<(String, usize)>,
    /// With the columns that every history has.
    fixed: bool,
}

/// Training, and validation where the history has some.
fn parts_of(names: &[String]) -> Vec<Part> {
    let tag = |name: &str| name.replacen('.', "/", 1);
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (index, name) in names.iter().enumerate() {
        match name.strip_prefix("val_") {
            Some(name) => validation.push((tag(name), index)),
            None => train.push((tag(name), index)),
        }
    }
    let mut parts = vec![Part { name: "train", series: train, fixed: true }];
    if !validation.is_empty() {
        parts.push(Part { name: "validation", series: validation, fixed: false });
    }
    parts
}

impl Part {
    fn whole(&self, history: &History, started: u64) -> Vec<u8> {
        let mut time = started as f64;
        let mut bytes = event::opening(time);
        for row in &history.epochs {
            time += row.seconds;
            bytes.extend(self.event(time, row));
        }
        bytes
    }

    fn event(&self, time: f64, row: &Epoch) -> Vec<u8> {
        let series = self
            .series
            .iter()
            .map(|(tag, index)| (tag.as_str(), row.values.get(*index).copied().unwrap_or(f64::NAN)));
        let fixed =
            [("rate", row.rate), ("seconds", row.seconds), ("samples_per_second", row.samples_per_second)];
        event::scalars(time, row.epoch, series.chain(fixed.into_iter().filter(|_| self.fixed)))
    }
}

/// Makes the file at `path` hold `wanted`: in place where it holds their beginning, or them and more.
fn settle(path: &Path, wanted: &[u8]) -> Result<(), RecordError> {
    let found = match file::read(path, LIMIT) {
        Ok(found) => found,
        Err(error) => match *error.problem {
            Problem::Missing | Problem::TooLong { .. } => Vec::new(),
            _ => return Err(error),
        },
    };
    let common = found.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    if found.is_empty() || common < found.len().min(wanted.len()) {
        return file::atomic_write(path, wanted);
    }
    let in_place = || {
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.set_len(common as u64)?;
        file.write_all(&wanted[common..])
    };
    in_place().map_err(|error| RecordError::new(path, Problem::Write(error)))
}
