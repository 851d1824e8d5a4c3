//! Follows the folders of runs: what they say now, read again where a file has changed.
//!
//! Changes are seen by the files' times and lengths, asked for a few times a second. A subscription to the
//! system's file events would save these some microseconds, and miss changes on network file systems.
//! A long history is read again less often, so that watching never takes more than a small part of a core.

use super::state::{RunState, Standing};
use kiln::record::{History, Position, Problem, RecordError, RunFolder, RunRecord, Status, discover};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How often new runs are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A file that took so long to read is read again after this many times as long.
const REST: u32 = 20;

/// Which runs are watched.
#[derive(Debug)]
pub(crate) enum Source {
    /// All at or below a folder, those to come too.
    Below(PathBuf),
    /// These, with the name of each; they may not have begun.
    Given(Vec<(String, RunFolder)>),
}

/// The runs, and when their files were read.
#[derive(Debug)]
pub(crate) struct Follower {
    source: Source,
    runs: Vec<Followed>,
    looked: Option<Instant>,
}

/// A file's time and length; `None` where it is not there.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Debug)]
struct Followed {
    folder: RunFolder,
    record: (Stamp, Result<Option<RunRecord>, RecordError>),
    history: (Stamp, Result<Option<History>, RecordError>),
    position: (Stamp, Result<Option<Position>, RecordError>),
    /// The history is not read again before this.
    rest: Instant,
    state: RunState,
}

impl Follower {
    pub(crate) fn new(source: Source) -> Follower {
        let runs = match &source {
            Source::Below(_) => Vec::new(),
            Source::Given(runs) => runs.iter().map(|(name, folder)| Followed::new(name, folder)).collect(),
        };
        Follower { source, runs, looked: None }
    }

    /// Reads what has changed; true where anything has.
    ///
    /// Errors: the folder cannot be read.
    pub(crate) fn refresh(&mut self) -> Result<bool, RecordError> {
        let mut changed = self.look()?;
        for run in &mut self.runs {
            changed |= run.refresh();
        }
        if changed && matches!(self.source, Source::Below(_)) {
            self.runs.sort_by_key(Followed::order);
        }
        Ok(changed)
    }

    /// What is known of the runs, in order.
    pub(crate) fn states(&self) -> Vec<RunState> {
        self.runs.iter().map(|run| run.state.clone()).collect()
    }

    /// Looks for new runs, and forgets those that have gone.
    fn look(&mut self) -> Result<bool, RecordError> {
        let Source::Below(root) = &self.source else { return Ok(false) };
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return Ok(false);
        }
        self.looked = Some(Instant::now());
        let found = discover(root)?;
        let before = self.runs.len();
        self.runs.retain(|run| found.contains(&run.folder));
        let mut changed = self.runs.len() != before;
        for folder in found {
            if !self.runs.iter().any(|run| run.folder == folder) {
                let name = folder.path().file_name().unwrap_or(folder.path().as_os_str());
                self.runs.push(Followed::new(&name.to_string_lossy(), &folder));
                changed = true;
            }
        }
        Ok(changed)
    }
}

impl Followed {
    fn new(name: &str, folder: &RunFolder) -> Followed {
        let path = folder.path().display().to_string();
        Followed {
            folder: folder.clone(),
            record: (None, Ok(None)),
            history: (None, Ok(None)),
            position: (None, Ok(None)),
            rest: Instant::now(),
            state: RunState { name: name.to_owned(), folder: path, ..RunState::default() },
        }
    }

    /// Specs by name; the runs of each as they were begun.
    fn order(&self) -> (String, u64, PathBuf) {
        let record = self.state.record.as_ref();
        let (spec, started) = record.map_or((String::new(), u64::MAX), |r| (r.spec.clone(), r.started));
        (spec, started, self.folder.path().to_path_buf())
    }

    fn refresh(&mut self) -> bool {
        let folder = &self.folder;
        let mut changed = renew(&mut self.record, &folder.run_ron(), |path| RunRecord::load(path));
        changed |= renew(&mut self.position, &folder.progress(), |path| Position::load(path));
        let begun = Instant::now();
        if begun >= self.rest && renew(&mut self.history, &folder.history_csv(), |path| History::load(path)) {
            self.rest = Instant::now() + REST * begun.elapsed();
            changed = true;
        }
        let running = matches!(&self.record.1, Ok(Some(record)) if record.status == Status::Running);
        let written = running && folder.is_being_written();
        if changed || written != self.state.written {
            self.tell(written);
            return true;
        }
        false
    }

    /// Puts together what the files say.
    fn tell(&mut self, written: bool) {
        let (record, history, position) = (&self.record.1, &self.history.1, &self.position.1);
        let state = &mut self.state;
        state.written = written;
        state.record = record.as_ref().ok().cloned().flatten();
        state.history = history.as_ref().ok().cloned().flatten().unwrap_or_default();
        state.position = position.as_ref().ok().cloned().flatten();
        if let Some(record) = &state.record {
            let name = if record.label.is_empty() { &record.content } else { &record.label };
            state.name.clone_from(name);
        }
        let errors = [record.as_ref().err(), history.as_ref().err(), position.as_ref().err()];
        state.problems = errors.into_iter().flatten().map(ToString::to_string).collect();
        // Traces without a record; a run whose turn has not come leaves none.
        if matches!(record, Ok(None)) && (self.history.0.is_some() || self.folder.model().exists()) {
            state.problems.push(RecordError::new(self.folder.run_ron(), Problem::Missing).to_string());
        }
        if state.standing() == Standing::Finished && matches!(history, Ok(None)) {
            state.problems.push(RecordError::new(self.folder.history_csv(), Problem::Missing).to_string());
        }
    }
}

/// Reads a file again if its time or its length has changed; true where it has. A file that is not there
/// is no error here.
fn renew<T>(
    known: &mut (Stamp, Result<Option<T>, RecordError>),
    path: &Path,
    load: impl Fn(&Path) -> Result<T, RecordError>,
) -> bool {
    let stamp = std::fs::metadata(path).ok().and_then(|data| Some((data.modified().ok()?, data.len())));
    if stamp == known.0 {
        return false;
    }
    let found = match load(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(*error.problem, Problem::Missing) => Ok(None),
        Err(error) => Err(error),
    };
    *known = (stamp, found);
    true
}
