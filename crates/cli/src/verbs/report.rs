//! `kiln report`: what is missing is trained, then all of it is told on one page.
//!
//! In: specs. Out: a folder with the page, its Markdown twin, its plots and its numbers; on standard
//! output where the page is. The page is made from the run folders alone, so making it again without
//! training gives the same bytes.
//!
//! A run that fails, or whose folder is damaged, is named; the others are reported all the same.

use crate::arguments::{Changes, SpecArguments};
use crate::console::Console;
use crate::machine::Worker;
use crate::outcome::{Outcome, said, words, wrong};
use crate::pace::{Line, Pace, work};
use crate::progress::Waiting;
use crate::{failure, interrupt, spec};
use anyhow::{Context, Result};
use kiln::record::{History, RunFolder, Status};
use kiln::report::page::{self, load::natural};
use kiln::{Options, Run, Spec, Trained};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Write the report of experiments, after training what is missing
///
/// Every run of the specs that is not in RUNS yet is trained, then OUT gets index.html (one file that
/// needs nothing else), report.md with plots/*.svg, results.csv, classification.csv and results.json. Ctrl-C
/// stops the training after the batch at hand; the same command goes on. What did not change is not written
/// again.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Specs, or folders of specs [default: specs/exp*.model]
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,

    #[command(flatten)]
    changes: Changes,

    /// Report on what has been trained, and train nothing
    #[arg(long)]
    no_train: bool,

    /// Also write each run's history as event files for TensorBoard, to tensorboard/ in its folder
    #[arg(long, conflicts_with = "no_train")]
    tensorboard: bool,

    /// Write each plot as a PNG too: plots/*.png
    #[arg(long)]
    png: bool,

    /// The folder of the report
    #[arg(long, value_name = "FOLDER", default_value = "report")]
    out: PathBuf,

    /// The folder of runs: each has its own, RUNS/SPEC/CONTENT
    #[arg(long, value_name = "FOLDER", default_value = "runs")]
    runs: PathBuf,

    #[command(flatten)]
    worker: Worker,
}

/// A run and where its files are, or will be.
struct Place<'s> {
    run: Run<'s>,
    folder: RunFolder,
    work: f64,
}

impl Place<'_> {
    /// `exp06 batch=16`
    fn name(&self) -> String {
        format!("{} {}", self.run.spec().name(), self.run.label()).trim_end().to_owned()
    }
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let specs = specs(arguments, console)?;
    let worker = arguments.worker.options(&arguments.runs)?;
    let options = Options { tensorboard: arguments.tensorboard, ..worker };
    let (mut folders, mut outcome) = (Vec::new(), Outcome::Done);
    let waiting = Waiting::new(console, "loading the data");
    let mut places = Vec::new();
    for spec in &specs {
        match places_of(spec, &options) {
            Ok(of_spec) => places.extend(of_spec),
            // Without its data no one can tell which of its runs are up to date.
            Err(_) if arguments.no_train => folders.extend(all_of(spec, &options)),
            Err(error) => {
                console.error(&format!("{}: {}", spec.name(), words(&error)));
                outcome = Outcome::Failed;
            }
        }
    }
    waiting.end();
    if !arguments.no_train {
        let stop = interrupt::listen()?;
        match train(&places, &options, stop, console) {
            Outcome::Done => {}
            worse => outcome = worse,
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Failed);
        }
    }
    folders.extend(places.iter().map(|place| place.folder.clone()));
    let complete = write(arguments, &specs, &folders, console)?;
    Ok(if complete { outcome } else { Outcome::Failed })
}

// ---- which runs

/// The specs, checked. All mistakes are shown before any ends the verb.
fn specs(arguments: &Arguments, console: &Console) -> Result<Vec<Spec>> {
    let mut specs = Vec::new();
    let mut failed = None;
    for spec in paths(&arguments.specs)? {
        match spec::resolve(&SpecArguments { spec, changes: arguments.changes.clone() }, console) {
            Ok(spec) => specs.push(spec),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(specs), Err)
}

/// Folders give the specs in them, by name; nothing gives the experiments.
fn paths(given: &[String]) -> Result<Vec<String>> {
    let in_folder = |folder: &str| {
        let found = spec::models(Path::new(folder)).with_context(|| format!("cannot read the folder `{folder}`"))?;
        let mut found: Vec<String> = found.iter().map(|path| path.display().to_string()).collect();
        found.sort_by(|a, b| natural(a, b));
        anyhow::Ok(found)
    };
    if given.is_empty() {
        let is_experiment =
            |path: &String| Path::new(path).file_name().is_some_and(|name| name.to_string_lossy().starts_with("exp"));
        let mut found = in_folder("specs").unwrap_or_default();
        found.retain(is_experiment);
        if found.is_empty() {
            return Err(wrong("there are no specs/exp*.model here: name the specs to report on"));
        }
        return Ok(found);
    }
    let mut paths = Vec::new();
    for path in given {
        if path != spec::STDIN && Path::new(path).is_dir() {
            let found = in_folder(path)?;
            if found.is_empty() {
                return Err(wrong(format!("there is no spec in the folder `{path}`")));
            }
            paths.extend(found);
        } else {
            paths.push(path.clone());
        }
    }
    Ok(paths)
}

/// The runs of a spec in its order, with their folders, which are named by the data too.
fn places_of<'s>(spec: &'s Spec, options: &Options) -> Result<Vec<Place<'s>>> {
    let place = |run: Run<'s>| {
        let folder = run.folder(options).map_err(failure::of)?;
        let model = run.model();
        let rows = options.data.load(&model.data)?.train.len();
        let parameters = run.summary().total;
        let work = work(model.train.epochs, rows, model.train.batch, parameters);
        Ok(Place { run, folder, work })
    };
    spec.runs().map(place).collect()
}

/// Every folder of runs of this spec.
fn all_of(spec: &Spec, options: &Options) -> Vec<RunFolder> {
    // Where there is none yet, the report says that there is no run.
    kiln::record::discover(options.runs.join(spec.name())).unwrap_or_default()
}

// ---- training

/// Trains what is missing, one line a run. A failure is said, and the next run goes on.
fn train(places: &[Place<'_>], options: &Options, stop: &AtomicBool, console: &Console) -> Outcome {
    let is_missing: Vec<bool> = places.iter().map(|place| !place.folder.is_complete()).collect();
    let missing = is_missing.iter().filter(|missing| **missing).count();
    if missing > 0 {
        console.say(&format!("{missing} of {} runs are to be trained", places.len()));
    }
    let todo = places.iter().zip(&is_missing).filter(|(_, missing)| **missing).map(|(place, _)| place.work);
    let mut pace = Pace::new(todo.sum());
    let (mut outcome, mut trained) = (Outcome::Done, 0);
    for (place, is_missing) in places.iter().zip(is_missing) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut line = Line::new(console, &place.name(), &pace, place.work);
        // Finished ones too: their title or report may have changed since.
        let result = place.run.train(options, &mut line, stop).map_err(failure::of);
        line.clear();
        if is_missing {
            pace.finish(place.work);
        }
        match result {
            Ok(done) if done.is_finished() => {
                trained += usize::from(is_missing);
                if is_missing {
                    let left = pace.left(0.0).map_or(String::new(), |left| format!("  ({left})"));
                    console.say(&format!("{}{left}", closing(place, &done)));
                }
            }
            Ok(done) => {
                console.say(&closing(place, &done));
                outcome = Outcome::Failed;
            }
            Err(error) => {
                console.error(&format!("{}: {}", place.name(), words(&error)));
                outcome = Outcome::Failed;
            }
        }
    }
    if stop.load(Ordering::Relaxed) {
        let left = missing - trained;
        console.say(&format!("{left} of {} runs are not trained yet; the same command goes on", places.len()));
        console.say("`kiln report --no-train` reports on what is there");
    }
    outcome
}

/// How a run ended, in a line.
fn closing(place: &Place<'_>, trained: &Trained) -> String {
    let name = place.name();
    let history = History::load(trained.folder.history_csv()).unwrap_or_default();
    let epochs = history.epochs.len();
    let plural = if epochs == 1 { "" } else { "s" };
    match &trained.record.status {
        Status::Finished => format!("{name}: {epochs} epoch{plural} in {:.1} s", history.seconds()),
        Status::Failed { reason, .. } => format!("{name}: failed: {reason}"),
        Status::Interrupted | Status::Running => format!("{name}: stopped after {epochs} epoch{plural}"),
    }
}

// ---- the page

/// Makes the report and writes it; tells whether every run is in it.
fn write(arguments: &Arguments, specs: &[Spec], folders: &[RunFolder], console: &Console) -> Result<bool> {
    let title = match specs {
        [spec] if !spec.title().is_empty() => spec.title().to_owned(),
        _ => "Experiments".to_owned(),
    };
    // Beside the runs, hidden from who looks for runs.
    let options = page::Options { title, cache: Some(arguments.runs.join(".layouts")), png: arguments.png };
    let waiting = Waiting::new(console, "writing the report");
    let report = page::build(folders, &options);
    waiting.end();
    let report = report.context("the report")?;
    for damaged in &report.damaged {
        console.error(&format!("left out: {damaged}"));
    }
    report.write(&arguments.out).context("the report")?;
    if folders.len() == report.damaged.len() {
        console.error("there is no run to report on");
        return Err(said(Outcome::Failed));
    }
    console.line(&format!("report: {}", arguments.out.join("index.html").display()))?;
    Ok(report.damaged.is_empty())
}
