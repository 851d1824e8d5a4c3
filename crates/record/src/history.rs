//! `history.csv` and `history.jsonl`: one row an epoch.
//!
//! The CSV is the source when reading back (it keeps the order of the columns); the JSON
//! lines say the same for programs. While a run goes on, each epoch appends one line to
//! both with a single write, so that they can be watched; there is no sync then, and a
//! killed run may leave half a line. Readers therefore pass over a last line without its
//! line end. [`HistoryWriter::finish`], and a resumed run at its start, write both files
//! anew, atomically, from what is known to be whole.
//!
//! Numbers are written in the shortest form that reads back to the same `f64`. Names of
//! series: `loss` (the weighted total), `loss.<head>`, `val_loss`, `val_loss.<head>`,
//! `<head>.<metric>`, `val_<head>.<metric>`, `weight.<head>`.

use crate::error::{Problem, RecordError};
use crate::file;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The longest history that is read, in bytes: a million epochs of some sixty columns.
const LIMIT: u64 = 1 << 30;

/// The columns before the named series.
const FIXED: [&str; 4] = ["epoch", "seconds", "samples_per_second", "rate"];

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: u32,
    /// Time of training and validation, in seconds.
    pub seconds: f64,
    /// Training samples a second of the training part.
    pub samples_per_second: f64,
    /// The learning rate of the epoch's last step.
    pub rate: f64,
    /// The series' values, in the order of [`History::names`].
    pub values: Vec<f64>,
}

/// All epochs so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Names of the series.
    pub names: Vec<String>,
    /// Rows, in order; each has as many values as there are names.
    pub epochs: Vec<Epoch>,
}

impl History {
    /// No epochs yet, with these series.
    pub fn new(names: Vec<String>) -> History {
        History { names, epochs: Vec::new() }
    }

    /// The values of one series, an epoch each; `None` where there is no such series.
    pub fn series(&self, name: &str) -> Option<Vec<f64>> {
        let column = self.names.iter().position(|n| n == name)?;
        Some(self.epochs.iter().map(|row| row.values.get(column).copied().unwrap_or(f64::NAN)).collect())
    }

    /// Seconds of all epochs together.
    pub fn seconds(&self) -> f64 {
        self.epochs.iter().map(|row| row.seconds).sum()
    }

    /// As CSV, with a header line.
    ///
    /// Errors, as the text of a [`Problem::Unwritable`]: a name that would need quoting,
    /// or a row with another number of values than there are names.
    pub fn to_csv(&self) -> Result<String, String> {
        self.check()?;
        let mut text = csv_header(&self.names);
        for row in &self.epochs {
            text.push_str(&csv_line(row));
        }
        Ok(text)
    }

    /// As JSON lines: one object an epoch; numbers that JSON lacks are the texts `NaN`,
    /// `inf` and `-inf`.
    ///
    /// Errors: as [`History::to_csv`].
    pub fn to_jsonl(&self) -> Result<String, String> {
        self.check()?;
        Ok(self.epochs.iter().map(|row| json_line(&self.names, row)).collect())
    }

    /// Reads what [`History::to_csv`] wrote. A last line without its line end is passed over.
    ///
    /// Errors: which line is wrong, and how.
    pub fn from_csv(text: &str) -> Result<History, String> {
        let Some(whole) = text.rfind('\n').map(|end| &text[..end]) else {
            return Err("line 1: the header is not whole".to_owned());
        };
        let mut lines = whole.split('\n').map(|line| line.trim_end_matches('\r'));
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        if header.len() < FIXED.len() || header[..FIXED.len()] != FIXED {
            return Err(format!("line 1: the header does not begin with {}", FIXED.join(",")));
        }
        let mut history = History::new(header[FIXED.len()..].iter().map(|&name| name.to_owned()).collect());
        for (index, line) in lines.enumerate() {
            let row =
                parse_line(line, history.names.len()).map_err(|why| format!("line {}: {why}", index + 2))?;
            history.epochs.push(row);
        }
        Ok(history)
    }

    /// Reads the CSV file at `path`.
    ///
    /// Errors: the file is missing or damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<History, RecordError> {
        let path = path.as_ref();
        let text = file::read_text(path, LIMIT)?;
        History::from_csv(&text).map_err(|why| RecordError::new(path, Problem::Damaged(why)))
    }

    fn check(&self) -> Result<(), String> {
        if let Some(name) = self.names.iter().find(|n| n.is_empty() || n.contains([',', '"', '\n', '\r'])) {
            return Err(format!("a series named {name:?}"));
        }
        match self.epochs.iter().find(|row| row.values.len() != self.names.len()) {
            None => Ok(()),
            Some(row) => {
                let (values, names) = (row.values.len(), self.names.len());
                Err(format!("{values} values in epoch {} for {names} series", row.epoch))
            }
        }
    }
}

fn csv_header(names: &[String]) -> String {
    let fixed = FIXED.iter().copied();
    let columns: Vec<&str> = fixed.chain(names.iter().map(String::as_str)).collect();
    columns.join(",") + "\n"
}

fn csv_line(row: &Epoch) -> String {
    let mut line = row.epoch.to_string();
    for value in [row.seconds, row.samples_per_second, row.rate].iter().chain(&row.values) {
        // `{:?}` is the shortest text that reads back to the same number.
        line.push_str(&format!(",{value:?}"));
    }
    line + "\n"
}

fn json_line(names: &[String], row: &Epoch) -> String {
    let mut line = format!("{{\"epoch\":{}", row.epoch);
    let fixed = FIXED[1..].iter().copied().zip([row.seconds, row.samples_per_second, row.rate]);
    for (name, value) in fixed.chain(names.iter().map(String::as_str).zip(row.values.iter().copied())) {
        let name = serde_json::Value::from(name);
        if value.is_finite() {
            line.push_str(&format!(",{name}:{value:?}"));
        } else {
            line.push_str(&format!(",{name}:\"{value:?}\""));
        }
    }
    line + "}\n"
}

fn parse_line(line: &str, names: usize) -> Result<Epoch, String> {
    let mut cells = line.split(',');
    let epoch = cells.next().unwrap_or_default();
    let epoch = epoch.parse().map_err(|_| format!("{epoch:?} is not the number of an epoch"))?;
    let numbers: Vec<f64> = cells
        .map(|cell| cell.parse().map_err(|_| format!("{cell:?} is not a number")))
        .collect::<Result<_, String>>()?;
    match numbers.as_slice() {
        [seconds, samples_per_second, rate, values @ ..] if values.len() == names => Ok(Epoch {
            epoch,
            seconds: *seconds,
            samples_per_second: *samples_per_second,
            rate: *rate,
            values: values.to_vec(),
        }),
        _ => Err(format!("{} cells where the header has {}", numbers.len() + 1, names + FIXED.len())),
    }
}

/// Writes the history of a run that goes on.
#[derive(Debug)]
pub struct HistoryWriter {
    history: History,
    csv: (PathBuf, File),
    jsonl: (PathBuf, File),
}

impl HistoryWriter {
    /// Begins with the epochs of `history` (none for a new run, those of the checkpoint
    /// for a resumed one), replacing what the files held.
    ///
    /// Errors: the files cannot be written, or `history` has what they cannot hold.
    pub fn start(csv: &Path, jsonl: &Path, history: History) -> Result<HistoryWriter, RecordError> {
        save(csv, jsonl, &history)?;
        let open = |path: &Path| {
            let file = OpenOptions::new().append(true).open(path);
            file.map(|file| (path.to_path_buf(), file))
                .map_err(|error| RecordError::new(path, Problem::Write(error)))
        };
        Ok(HistoryWriter { history, csv: open(csv)?, jsonl: open(jsonl)? })
    }

    /// Adds one epoch.
    ///
    /// Errors: as [`HistoryWriter::start`].
    pub fn append(&mut self, row: Epoch) -> Result<(), RecordError> {
        if row.values.len() != self.history.names.len() {
            let why = format!("{} values for {} series", row.values.len(), self.history.names.len());
            return Err(RecordError::new(&self.csv.0, Problem::Unwritable(why)));
        }
        let lines = [csv_line(&row), json_line(&self.history.names, &row)];
        for ((path, file), line) in [&mut self.csv, &mut self.jsonl].into_iter().zip(lines) {
            file.write_all(line.as_bytes()).map_err(|error| RecordError::new(path, Problem::Write(error)))?;
        }
        self.history.epochs.push(row);
        Ok(())
    }

    /// All epochs so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Writes both files anew, atomically, and gives the history back.
    ///
    /// Errors: [`Problem::Write`].
    pub fn finish(self) -> Result<History, RecordError> {
        save(&self.csv.0, &self.jsonl.0, &self.history)?;
        Ok(self.history)
    }
}

/// Writes both files, each whole or not at all.
fn save(csv: &Path, jsonl: &Path, history: &History) -> Result<(), RecordError> {
    let text = history.to_csv().map_err(|why| RecordError::new(csv, Problem::Unwritable(why)))?;
    file::atomic_write(csv, text.as_bytes())?;
    let text = history.to_jsonl().map_err(|why| RecordError::new(jsonl, Problem::Unwritable(why)))?;
    file::atomic_write(jsonl, text.as_bytes())
}
