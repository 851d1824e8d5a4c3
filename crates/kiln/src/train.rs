//! Training a run into its folder: only what is missing, and on from where it was stopped.
//!
//! The order of the files is such that a run killed at any instant is taken up again: weights and
//! predictions are written before `run.ron` says that the run has finished, and the checkpoint is
//! removed after that.

use crate::compile::{Purpose, compile};
use crate::contradiction::placed;
use crate::error::Error;
use crate::evaluate::test;
use crate::options::Options;
use crate::spec::Run;
use crate::{predictions, recorded, settings};
use kiln_data::Dataset;
use kiln_record::{
    Best, EventWriter, History, Measure, Predictions, RunFolder, RunRecord, Status, Tensor, Weights,
};
use kiln_runtime::{End, Keep, Outcome, Progress, Session};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// A run that has been trained, or as far as it came.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What `run.ron` says.
    pub record: RunRecord,
    /// Where its files are.
    pub folder: RunFolder,
    /// What was done.
    pub how: How,
}

/// What training a run came to.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// Nothing was missing.
    Already,
    /// It was trained, or went on.
    Now {
        /// How it ended.
        end: End,
        /// Milliseconds from the model to machine code.
        compile_ms: f64,
        /// Bytes of machine code.
        code_bytes: usize,
        /// Bytes of states and workspace.
        memory_bytes: usize,
    },
}

impl Trained {
    /// It has all its epochs, or early stopping ended it.
    pub fn is_finished(&self) -> bool {
        self.record.status == Status::Finished
    }
}

impl Run<'_> {
    /// Trains the run, unless its folder has it already; goes on from its checkpoint, if it has one.
    ///
    /// `stop` ends it after the batch at hand. A loss that becomes NaN or infinite is no error here:
    /// it is in the record and in [`How::Now`].
    ///
    /// # Errors
    /// Data cannot be loaded or does not fit the model; the run's files cannot be written or are
    /// damaged; another process trains it.
    pub fn train(
        &self,
        options: &Options,
        progress: &mut dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Trained, Error> {
        self.train_on(options, progress, stop).map_err(|error| placed(self, error))
    }

    fn train_on(
        &self,
        options: &Options,
        progress: &mut dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Trained, Error> {
        let model = self.model();
        let data = options.data.load(&model.data)?;
        let folder = folder(self, options, &data);
        let _lock = folder.lock()?;
        let place = Place { run: self, options, data: &data, folder: &folder };
        if folder.is_complete() {
            return refresh(&place);
        }
        let content = recorded::content_id(self, &data);
        let mut record = recorded::begin(self, &data, options, &content);
        record.started = first_started(&folder).unwrap_or(record.started);
        record.save(folder.run_ron())?;

        let begun = Instant::now();
        let mut session = compile(model, Purpose::Training { rows: data.train.len() }, options.isa)?;
        let compile_ms = begun.elapsed().as_secs_f64() * 1e3;
        let settings = settings::settings(model, options.threads);
        let (train, validation) = settings::rows(model, &data);
        let (started, every) = (record.started, options.checkpoint_every);
        let tensorboard = options.tensorboard;
        let keep = Keep { folder: folder.clone(), content, started, every, tensorboard };
        let rows = (&*data, train, validation);
        let outcome = kiln_runtime::fit(&mut session, rows, &settings, Some(&keep), progress, stop)?;
        let (code_bytes, memory_bytes) = (session.program().code_bytes(), session.memory_bytes());
        let end = outcome.end.clone();
        finish(&place, &mut session, outcome, &mut record)?;
        Ok(Trained { record, folder, how: How::Now { end, compile_ms, code_bytes, memory_bytes } })
    }

    /// The folder that the run's files are in, or will be.
    ///
    /// # Errors
    /// The data cannot be loaded: its content is a part of the folder's name.
    pub fn folder(&self, options: &Options) -> Result<RunFolder, Error> {
        let data = options.data.load(&self.model().data).map_err(|error| placed(self, error.into()))?;
        Ok(folder(self, options, &data))
    }
}

pub(crate) fn folder(run: &Run<'_>, options: &Options, data: &Dataset) -> RunFolder {
    RunFolder::new(&options.runs, run.spec().name(), &recorded::content_id(run, data))
}

/// When an unfinished run in this folder began; `None` where there is none to go on from.
fn first_started(folder: &RunFolder) -> Option<u64> {
    let record = folder.checkpoint().exists().then(|| RunRecord::load(folder.run_ron()).ok());
    record.flatten().map(|record| record.started)
}

/// A run, what it runs on, and where its files go.
struct Place<'a> {
    run: &'a Run<'a>,
    options: &'a Options,
    data: &'a Dataset,
    folder: &'a RunFolder,
}

/// Writes what a training leaves behind, `run.ron` last.
fn finish(
    place: &Place<'_>,
    session: &mut Session,
    outcome: Outcome,
    record: &mut RunRecord,
) -> Result<(), Error> {
    let folder = place.folder;
    let weights = |epoch, tensors| Weights { content: record.content.clone(), epoch, tensors };
    let last = session.weights();
    let usable = !matches!(outcome.end, End::Diverged(_));
    if usable {
        weights(outcome.epochs, last.clone()).save(folder.model_final())?;
    }
    // Where no epoch was the best (early stopping did not look yet), the last one is.
    let (best, tensors) = match outcome.best.clone() {
        Some(best) => (Some(best), outcome.best_weights.clone()),
        None => (fallback(&outcome, usable), if usable { last } else { Vec::new() }),
    };
    if !tensors.is_empty() {
        let epoch = best.as_ref().map_or(outcome.epochs, |best| best.epoch);
        weights(epoch, tensors.clone()).save(folder.model())?;
        record.results = predict(place, session, tensors)?;
    }
    record.best = best;
    record.status = status(&outcome.end);
    record.finished = Some(kiln_record::time::now());
    record.save(folder.run_ron())?;
    if record.status == Status::Finished {
        remove_checkpoint(folder);
    }
    Ok(())
}

fn fallback(outcome: &Outcome, usable: bool) -> Option<Best> {
    let row = outcome.history.epochs.last().filter(|_| usable)?;
    let monitor = outcome.history.names.first()?.clone();
    Some(Best { epoch: row.epoch, monitor, value: *row.values.first()? })
}

fn status(end: &End) -> Status {
    match end {
        End::Finished | End::Early => Status::Finished,
        End::Interrupted => Status::Interrupted,
        End::Diverged(why) => {
            Status::Failed { head: why.head.clone(), epoch: why.epoch, reason: why.to_string() }
        }
    }
}

/// Measures and predictions of these weights on the test rows; none where there are no test rows.
fn predict(place: &Place<'_>, session: &mut Session, weights: Vec<Tensor>) -> Result<Vec<Measure>, Error> {
    let Place { run, options, data, folder } = place;
    if data.test.is_empty() {
        return Ok(Vec::new());
    }
    let model = run.model();
    session.set_weights(weights)?;
    let found = test(session, model, data, options.threads)?;
    predictions::predictions(model, data, &data.test, &found).save(folder.predictions())?;
    Ok(found.measures.into_iter().map(|(name, value)| Measure { name, value }).collect())
}

/// A finished run of a spec whose title or report has changed since, or that is to have event files: what
/// that asks for is made from the weights and the history, without training.
fn refresh(place: &Place<'_>) -> Result<Trained, Error> {
    let Place { run, options, data, folder } = *place;
    let old = RunRecord::load(folder.run_ron())?;
    let now = recorded::begin(run, data, options, &old.content);
    let mut record = RunRecord {
        title: now.title,
        label: now.label,
        sweep: now.sweep,
        source: now.source,
        resolved: now.resolved,
        summary: now.summary,
        sections: now.sections,
        heads: now.heads,
        ..old.clone()
    };
    let stored = Predictions::load(folder.predictions());
    let wanted = predictions::outputs(run.model());
    let missing = |p: &Predictions| wanted.iter().any(|name| p.output(name).is_none());
    if !data.test.is_empty() && stored.as_ref().map_or(true, missing) {
        let weights = Weights::load(folder.model())?;
        let mut session = compile(run.model(), Purpose::Evaluation, options.isa)?;
        record.results = predict(place, &mut session, weights.tensors)?;
    }
    if record != old {
        record.save(folder.run_ron())?;
    }
    if options.tensorboard {
        let history = History::load(folder.history_csv())?;
        EventWriter::start(&folder.tensorboard(), &history, record.started)?.finish()?;
    }
    remove_checkpoint(folder);
    Ok(Trained { record, folder: folder.clone(), how: How::Already })
}

/// A finished run needs none. One that cannot be removed does no harm: it belongs to this very run.
fn remove_checkpoint(folder: &RunFolder) {
    if let Some(parent) = folder.checkpoint().parent() {
        let _ = std::fs::remove_dir_all(parent);
    }
}
