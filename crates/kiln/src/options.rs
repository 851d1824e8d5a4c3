//! What is chosen outside of a spec, and changes no result: folders, threads, tiles.

use crate::describe::describe;
use kiln_codegen::Isa;
use kiln_data::{DataError, Dataset, Description, Paths};
use kiln_runtime::{Keep, all_cores};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Folders, threads, tiles.
#[derive(Debug)]
pub struct Options {
    /// Runs are kept in `<runs>/<spec>/<content id>`.
    pub runs: PathBuf,
    /// Where data is found; what has been loaded is kept for the next run.
    pub data: Datasets,
    /// Threads, 1 to 256; weights do not depend on it.
    pub threads: usize,
    /// The instruction set of the tiles; weights depend on it in their last bits.
    pub isa: Isa,
    /// The command as typed, for the record.
    pub command: String,
    /// Seconds between two checkpoints.
    pub checkpoint_every: Duration,
    /// Also write event files for TensorBoard, to `tensorboard/` in the run's folder.
    pub tensorboard: bool,
}

impl Default for Options {
    /// `runs` in the current folder, the user's data folders, all cores, the best tiles.
    fn default() -> Options {
        Options {
            runs: "runs".into(),
            data: Datasets::new(Paths::from_environment(None)),
            threads: all_cores(),
            isa: Isa::detect(),
            command: String::new(),
            checkpoint_every: Keep::EVERY,
            tensorboard: false,
        }
    }
}

/// Data sets, each loaded once.
#[derive(Debug)]
pub struct Datasets {
    paths: Paths,
    loaded: Mutex<Vec<(Description, Arc<Dataset>)>>,
}

impl Datasets {
    /// None yet; files are looked for in `paths`.
    pub fn new(paths: Paths) -> Datasets {
        Datasets { paths, loaded: Mutex::new(Vec::new()) }
    }

    /// The data set of a model.
    ///
    /// # Errors
    /// A file is missing or damaged, or contradicts the spec.
    pub fn load(&self, data: &kiln_model::model::Data) -> Result<Arc<Dataset>, DataError> {
        let description = describe(data);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = loaded.iter().find(|(known, _)| *known == description) {
            return Ok(Arc::clone(known));
        }
        let dataset = Arc::new(kiln_data::load(&description, &self.paths)?);
        loaded.push((description, Arc::clone(&dataset)));
        Ok(dataset)
    }
}
