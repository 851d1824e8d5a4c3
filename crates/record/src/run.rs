//! `run.ron`: what ran, with what, and how it ended.
//!
//! RON, because people read it. A field that a later version adds has a default, so that
//! older records stay readable; unknown fields are passed over.

use crate::error::{Problem, RecordError};
use crate::network::Network;
use crate::{FORMAT, file};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The longest `run.ron` that is read, in bytes. A resolved spec is some kilobytes.
const LIMIT: u64 = 16 << 20;

/// One run, from the spec to how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of the record's format ([`FORMAT`]).
    pub format: u32,
    /// Version of the program that ran.
    pub kiln: String,
    /// Name of the spec: its file's name without the ending (`exp11`).
    pub spec: String,
    /// The spec's `title`; empty where it has none.
    pub title: String,
    /// What sets this run apart from the others of its sweep (`batch=512`); empty without a sweep.
    pub label: String,
    /// The swept names and their values in this run, in the spec's order.
    pub sweep: Vec<(String, String)>,
    /// Names the run by the content of what it ran; also the name of its folder.
    pub content: String,
    /// The text of the spec's file, as the user wrote it.
    pub source: String,
    /// The resolved model as RON text: everything that decides the numbers.
    pub resolved: String,
    /// The model table in Keras' layout.
    pub summary: String,
    /// The model as a drawing shows it; empty in records of older versions.
    #[serde(default)]
    pub network: Network,
    /// The report's sections that the spec asks for, in order.
    pub sections: Vec<Section>,
    /// The data.
    pub data: DataRecord,
    /// The seed of everything random in the run.
    pub seed: u64,
    /// Rows of a batch.
    pub batch: u64,
    /// Epochs that the spec asks for.
    pub epochs: u32,
    /// The machine.
    pub host: Host,
    /// The command that started it, as typed.
    pub command: String,
    /// When it started: seconds since 1970, UTC.
    pub started: u64,
    /// When it ended: seconds since 1970, UTC; `None` while it runs.
    pub finished: Option<u64>,
    /// The model's heads, in the spec's order.
    pub heads: Vec<HeadRecord>,
    /// How many numbers the model holds.
    pub parameters: Parameters,
    /// How far it came.
    pub status: Status,
    /// The epoch whose weights are in `model.safetensors`; `None` before the first has ended.
    pub best: Option<Best>,
    /// Measures on the test rows with the weights of `model.safetensors`, named as in the
    /// history without `val_` (`loss`, `loss.decoder`, `classifier.accuracy`).
    pub results: Vec<Measure>,
}

/// One section of the spec's `report { … }`, arguments as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `curves`, `confusion`, `classification`, `reconstructions`, `manifold`, …
    pub name: String,
    /// Arguments by name, in order; a positional argument has an empty name.
    pub arguments: Vec<(String, String)>,
}

/// The data of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRecord {
    /// Its name in the spec (`letters`).
    pub name: String,
    /// A hash of every sample and of the split.
    pub fingerprint: String,
    /// Rows to learn from.
    pub train_rows: u64,
    /// Rows to test on.
    pub test_rows: u64,
    /// The classes' names, by index; empty without labels.
    pub classes: Vec<String>,
    /// The samples' fields, in order.
    pub fields: Vec<FieldRecord>,
}

/// One field of each sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRecord {
    /// `image`, `label`, …
    pub name: String,
    /// Numbers in a sample.
    pub columns: u64,
    /// Rows and columns of the picture, where the field is one; their product is `columns`.
    pub picture: Option<(u64, u64)>,
}

/// The machine a run ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The processor's name.
    pub cpu: String,
    /// Logical cores.
    pub cores: u32,
    /// The instruction set of the tiles in use (`avx512`, `avx2`, `neon`, `portable`).
    pub isa: String,
    /// Threads that trained.
    pub threads: u32,
    /// Operating system and architecture (`linux x86_64`).
    pub system: String,
}

impl Host {
    /// This machine, with the tiles and threads that the caller chose.
    pub fn detect(isa: &str, threads: u32) -> Host {
        Host {
            cpu: cpu_name().unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            isa: isa.to_owned(),
            threads,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// The processor's name as Linux tells it; other systems have no file to ask.
fn cpu_name() -> Option<String> {
    // Some hundred cores' worth; the first block is enough.
    let text = file::read_text("/proc/cpuinfo", 4 << 20).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// One head: a named prediction with what is asked of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeadRecord {
    /// The layer's name (`classifier`).
    pub name: String,
    /// Columns of the prediction.
    pub columns: u64,
    /// What the columns mean.
    pub kind: HeadKind,
    /// Its loss, where it has one.
    pub loss: Option<LossRecord>,
    /// Its metrics, named as in the history without the head (`accuracy`, `f1_macro`).
    pub metrics: Vec<String>,
}

/// What the columns of a head mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeadKind {
    /// One column a class; the largest is the prediction.
    Class,
    /// Numbers to compare with a field of the data (a reconstruction, say).
    Value,
    /// Numbers with nothing to compare to (the code between encoder and decoder).
    Code,
}

/// A head's loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRecord {
    /// `cross_entropy`, `mse`, …
    pub name: String,
    /// The field it is compared with (`label`, `image`).
    pub target: String,
    /// Its weight in the total, as the spec writes it (`1.0`, `ramp(0.1 -> 1.0, epochs = 10)`).
    pub weight: String,
}

/// How many numbers the model holds; each tied one once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// Learned by gradient.
    pub trainable: u64,
    /// Kept, but not learned by gradient.
    pub fixed: u64,
}

impl Parameters {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.trainable.saturating_add(self.fixed)
    }
}

/// How far a run came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It runs, or was killed; a checkpoint may be there to go on from.
    Running,
    /// All epochs, or early stopping.
    Finished,
    /// Stopped by the user after a whole batch.
    Interrupted,
    /// It could not go on.
    Failed {
        /// The head whose loss is at fault, where one is.
        head: Option<String>,
        /// The epoch, counted from 1.
        epoch: u32,
        /// What happened and what to try.
        reason: String,
    },
}

/// The epoch that was best by what was monitored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Counted from 1.
    pub epoch: u32,
    /// The series of the history that decides (`val_loss`).
    pub monitor: String,
    /// Its value in that epoch.
    pub value: f64,
}

/// A named number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// `loss`, `classifier.accuracy`, …
    pub name: String,
    /// Its value.
    pub value: f64,
}

impl RunRecord {
    /// The measure of [`RunRecord::results`] with this name.
    pub fn result(&self, name: &str) -> Option<f64> {
        self.results.iter().find(|measure| measure.name == name).map(|measure| measure.value)
    }

    /// The head with this name.
    pub fn head(&self, name: &str) -> Option<&HeadRecord> {
        self.heads.iter().find(|head| head.name == name)
    }

    /// Writes the record to `path`, whole or not at all.
    ///
    /// Errors: [`Problem::Write`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordError> {
        let path = path.as_ref();
        let text = ron::ser::to_string_pretty(
            self,
            ron::ser::PrettyConfig::new().new_line("\n").escape_strings(false),
        )
        .map_err(|error| RecordError::new(path, Problem::Unwritable(error.to_string())))?;
        file::atomic_write(path, format!("{text}\n").as_bytes())
    }

    /// Reads the record at `path`.
    ///
    /// Errors: the file is missing, damaged, or of a newer format.
    pub fn load(path: impl AsRef<Path>) -> Result<RunRecord, RecordError> {
        let path = path.as_ref();
        let text = file::read_text(path, LIMIT)?;
        let damaged = |error: ron::error::SpannedError| {
            RecordError::new(
                path,
                Problem::Damaged(format!("line {}: {}", error.span.start.line, error.code)),
            )
        };
        // The version alone first: the rest may have changed in ways unknown here.
        let version: Version = ron::from_str(&text).map_err(damaged)?;
        if version.format > FORMAT {
            return Err(RecordError::new(path, Problem::Newer { found: version.format, known: FORMAT }));
        }
        ron::from_str(&text).map_err(damaged)
    }
}

/// The part of every version of `run.ron`.
#[derive(Deserialize)]
struct Version {
    format: u32,
}
