//! The folder of a run: where its files are, whether it is whole, and who may write it.

use crate::error::{Problem, RecordError};
use crate::file;
use crate::history::{History, HistoryWriter};
use crate::run::{RunRecord, Status};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How deep below the given folder runs are looked for: `runs/<spec>/<content id>` is two.
const DEPTH: usize = 4;

/// How often the right to write is asked for, and the pause between two times: a reader that looks
/// whether somebody has it holds it for an instant.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The name of a run: a hash of the parts that decide its numbers, in order. Each part is
/// hashed with its length, so that moving a byte from one part to the next changes it.
pub fn content_id(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// One run's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder `<runs>/<spec>/<content>`.
    pub fn new(runs: impl AsRef<Path>, spec: &str, content: &str) -> RunFolder {
        RunFolder { path: runs.as_ref().join(spec).join(content) }
    }

    /// The folder at `path`.
    pub fn at(path: impl Into<PathBuf>) -> RunFolder {
        RunFolder { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What ran.
    pub fn run_ron(&self) -> PathBuf {
        self.path.join("run.ron")
    }

    /// One row an epoch, for people and spreadsheets.
    pub fn history_csv(&self) -> PathBuf {
        self.path.join("history.csv")
    }

    /// One row an epoch, for programs.
    pub fn history_jsonl(&self) -> PathBuf {
        self.path.join("history.jsonl")
    }

    /// The weights of the best epoch.
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// The weights after the last epoch.
    pub fn model_final(&self) -> PathBuf {
        self.path.join("model-final.safetensors")
    }

    /// Everything for an exact resume.
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint").join("state.safetensors")
    }

    /// The folder of the predictions on the test rows.
    pub fn predictions(&self) -> PathBuf {
        self.path.join("predictions")
    }

    /// How far a training is in the epoch at hand; there while it goes on.
    pub fn progress(&self) -> PathBuf {
        self.path.join("progress.json")
    }

    /// The folder of the event files for TensorBoard.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    /// Makes the folder, and those above it.
    ///
    /// Errors: [`Problem::Write`].
    pub fn create(&self) -> Result<(), RecordError> {
        file::make_folder(&self.path)
    }

    /// Begins the history with these epochs (see [`HistoryWriter::start`]).
    ///
    /// Errors: [`Problem::Write`], [`Problem::Unwritable`].
    pub fn start_history(&self, history: History) -> Result<HistoryWriter, RecordError> {
        HistoryWriter::start(&self.history_csv(), &self.history_jsonl(), history)
    }

    /// Whether the run has ended well and its files are there: what a second call of the
    /// same training may leave alone.
    pub fn is_complete(&self) -> bool {
        let finished = RunRecord::load(self.run_ron()).is_ok_and(|run| run.status == Status::Finished);
        finished
            && [self.history_csv(), self.history_jsonl(), self.model(), self.model_final()]
                .iter()
                .all(|path| path.is_file())
    }

    /// Takes the right to write this run, until the lock is dropped or the process ends,
    /// however it ends.
    ///
    /// Errors: [`Problem::Locked`] where another process has it, [`Problem::Write`].
    pub fn lock(&self) -> Result<Lock, RecordError> {
        self.create()?;
        let path = self.path.join("lock");
        let failed = |error| RecordError::new(&path, Problem::Write(error));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(RecordError::new(&self.path, Problem::Locked))
    }

    /// Whether a process, this one or another, has the right to write this run ([`RunFolder::lock`]).
    /// Where that cannot be told, nobody has.
    pub fn is_being_written(&self) -> bool {
        // The shared lock is given back at once; `lock` tries again for longer than that takes.
        let file = File::open(self.path.join("lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Whether anything of a run is here, whole or not.
    fn has_traces(&self) -> bool {
        [self.run_ron(), self.history_csv(), self.model(), self.model_final(), self.checkpoint()]
            .iter()
            .any(|path| path.exists())
    }
}

/// The right to write a run's folder. The operating system takes it back when the process
/// ends; the file itself stays and means nothing.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// All folders with traces of a run at or below `root`, damaged ones too, in order of
/// their paths. Links are not followed; hidden folders are passed over.
///
/// Errors: a folder cannot be read.
pub fn discover(root: impl AsRef<Path>) -> Result<Vec<RunFolder>, RecordError> {
    let mut found = Vec::new();
    visit(root.as_ref(), DEPTH, &mut found)?;
    found.sort();
    Ok(found)
}

fn visit(folder: &Path, depth: usize, found: &mut Vec<RunFolder>) -> Result<(), RecordError> {
    let run = RunFolder::at(folder);
    if run.has_traces() {
        found.push(run);
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let failed = |error: std::io::Error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        RecordError::new(folder, if missing { Problem::Missing } else { Problem::Read(error) })
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.file_type().map_err(failed)?.is_dir() {
            visit(&entry.path(), depth - 1, found)?;
        }
    }
    Ok(())
}
