//! What is chosen outside of a spec: folders, threads, instruction set.

use crate::outcome::wrong;
use anyhow::Result;
use clap::Args;
use kiln::codegen::Isa;
use kiln::data::Paths;
use kiln::{Datasets, Options};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where data is, what works.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Machine")]
pub(crate) struct Worker {
    /// The folder that data files are relative to [default: $KILN_DATA_DIR, or the current folder]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,

    /// Threads; results do not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,

    /// Instruction set: avx512, avx2, neon or portable [default: the best this processor has]
    #[arg(long, value_name = "ISA")]
    isa: Option<String>,
}

/// Where runs are kept, where data is, what works.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Machine")]
pub(crate) struct MachineArguments {
    /// The folder of runs: each has its own, OUT/SPEC/CONTENT
    #[arg(long, value_name = "FOLDER", default_value = "runs")]
    out: PathBuf,

    #[command(flatten)]
    worker: Worker,
}

impl MachineArguments {
    /// As the runtime takes them.
    ///
    /// # Errors
    /// As [`Worker::options`].
    pub(crate) fn options(&self) -> Result<Options> {
        self.worker.options(&self.out)
    }
}

impl Worker {
    /// As the runtime takes them, with `runs` as the folder of runs.
    ///
    /// # Errors
    /// Where the processor lacks the instruction set, or there is none of that name.
    pub(crate) fn options(&self, runs: &Path) -> Result<Options> {
        let defaults = Options::default();
        Ok(Options {
            runs: runs.to_path_buf(),
            data: Datasets::new(Paths::from_environment(self.data_dir.as_deref())),
            threads: self.threads.map_or(defaults.threads, |threads| threads as usize),
            isa: self.isa.as_deref().map_or(Ok(defaults.isa), isa)?,
            command: command_as_typed(),
            ..defaults
        })
    }
}

/// Seconds between two checkpoints, as the runtime takes them.
pub(crate) fn checkpoints(seconds: Option<f64>) -> Option<Duration> {
    seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// The instruction set of that name.
pub(crate) fn isa(name: &str) -> Result<Isa> {
    let names = |all: &[Isa]| all.iter().map(|isa| isa.name()).collect::<Vec<_>>().join(", ");
    let isa = Isa::parse(name).ok_or_else(|| {
        wrong(format!("there is no instruction set `{name}`; there are {}", names(&Isa::ALL)))
    })?;
    if isa.is_available() {
        return Ok(isa);
    }
    Err(wrong(format!("this processor has no {name}; it has {}", names(&Isa::available()))))
}

/// For the record of a run. Words that a shell would take apart are quoted.
fn command_as_typed() -> String {
    let words = std::env::args().skip(1).map(|word| {
        let plain = |c: char| c.is_alphanumeric() || "-_./=:,+%".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{word}'") }
    });
    std::iter::once("kiln".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
