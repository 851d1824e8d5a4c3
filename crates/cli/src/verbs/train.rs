//! `kiln train`: every run of a spec that is missing.
//!
//! In: a spec. Out: a folder for each run; progress on standard error; on standard output what each run
//! came to, as text or as one JSON object. One run failing does not keep the others from being trained.

use crate::arguments::{Format, RunArguments, SpecArguments};
use crate::console::Console;
use crate::machine::{MachineArguments, checkpoints};
use crate::outcome::{Outcome, words, wrong};
use crate::progress::{Drawing, Waiting, grouped, number};
use crate::results::{Results, columns};
use crate::watch::look::Look;
use crate::watch::training::during;
use crate::{failure, interrupt, spec};
use anyhow::{Context, Result};
use kiln::record::{History, Measure, Predictions, RunRecord, Status};
use kiln::runtime::{Event, Progress};
use kiln::{How, Options, Run, Trained};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// Train every run of a spec that is missing
///
/// Each combination of swept values is a run with a folder of its own, OUT/SPEC/CONTENT, which holds
/// the record of the run, its history, its weights and its predictions. A run that is there already is
/// not trained again. Ctrl-C stops after the batch at hand; the same command goes on from the last
/// checkpoint, to the same bytes as if it had never been stopped.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,

    /// Show no progress, only what the runs came to
    #[arg(long, short)]
    quiet: bool,

    /// Show the curves on the whole terminal while it trains, as `kiln watch` does; q stops after the batch
    #[arg(long, conflicts_with = "quiet")]
    tui: bool,

    /// How results are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,

    /// Also write the history as event files for TensorBoard, to tensorboard/ in each run's folder
    #[arg(long)]
    tensorboard: bool,

    #[command(flatten)]
    machine: MachineArguments,

    /// Seconds between two checkpoints [default: 10]; 0 writes one after every epoch
    #[arg(long, value_name = "SECONDS", help_heading = "Machine", value_parser = crate::arguments::seconds)]
    checkpoint: Option<f64>,
}

/// A run that was trained, and the last epoch that a checkpoint holds of it.
struct Ended {
    trained: Trained,
    saved: u32,
}

/// What one run came to.
struct Done {
    outcome: Outcome,
    trained: Trained,
    history: History,
    results: Results,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let spec = spec::resolve(&arguments.spec, console)?;
    let runs = spec::chosen(&spec, &arguments.run)?;
    let mut options = arguments.machine.options()?;
    options.checkpoint_every = checkpoints(arguments.checkpoint).unwrap_or(options.checkpoint_every);
    options.tensorboard = arguments.tensorboard;
    let stop = interrupt::listen()?;
    let (mut outcome, mut all) = (Outcome::Done, Vec::new());
    let ended: Box<dyn Iterator<Item = Result<Ended>>> = if arguments.tui {
        Box::new(in_view(&runs, &options, stop, console)?.into_iter())
    } else {
        let left = runs.iter().enumerate().take_while(|_| !stop.load(Ordering::Relaxed));
        Box::new(left.map(|(index, run)| one(arguments, (run, index, runs.len()), &options, stop, console)))
    };
    for ended in ended {
        let done = tell(arguments, ended?, console)?;
        if done.outcome != Outcome::Done {
            outcome = done.outcome;
        }
        all.push(done);
    }
    let finished = all.iter().filter(|done| done.outcome == Outcome::Done).count();
    if runs.len() > 1 && finished < runs.len() {
        console.say(&format!("{} of {} runs are not trained yet", runs.len() - finished, runs.len()));
    }
    match arguments.format {
        Format::Json => {
            let runs: Vec<Value> = all.iter().map(as_json).collect();
            let whole = json!({ "spec": spec.name(), "title": spec.title(), "runs": runs });
            console.line(&serde_json::to_string_pretty(&whole)?)?;
        }
        Format::Human if all.len() > 1 => console.print(&comparison(&all))?,
        Format::Human => {}
    }
    Ok(outcome)
}

/// `run 2 of 4: batch=128 · 245,424 parameters`
fn opening(run: &Run<'_>, index: usize, runs: usize) -> String {
    let summary = run.summary();
    let title = &run.model().title;
    let parameters = format!("{} parameters", grouped(summary.total as f64));
    match runs {
        1 => format!("{title} · {parameters}"),
        _ => format!("{title} · run {} of {runs}: {} · {parameters}", index + 1, run.label()),
    }
}

fn one(
    arguments: &Arguments,
    (run, index, runs): (&Run<'_>, usize, usize),
    options: &Options,
    stop: &AtomicBool,
    console: &Console,
) -> Result<Ended> {
    if !arguments.quiet {
        console.say(&opening(run, index, runs));
        load(run, options, console);
    }
    let mut drawing = (!arguments.quiet).then(|| Drawing::new(console));
    let mut saved = 0;
    let mut progress = |event: Event<'_>| {
        remember(&mut saved, &event);
        if let Some(drawing) = &mut drawing {
            drawing.event(event);
        }
    };
    let trained = run.train(options, &mut progress, stop);
    if let Some(drawing) = drawing {
        drawing.clear();
    }
    Ok(Ended { trained: trained.map_err(failure::of)?, saved })
}

/// Loads the data with a sign of life. The training takes it from there, and says what is wrong with it.
fn load(run: &Run<'_>, options: &Options, console: &Console) {
    let waiting = Waiting::new(console, &format!("loading the data `{}`", run.model().data.name));
    let loaded = options.data.load(&run.model().data);
    waiting.end();
    drop(loaded);
}

/// The last epoch that a checkpoint holds.
fn remember(saved: &mut u32, event: &Event<'_>) {
    if let Event::Started { done: epoch, .. } | Event::Saved { epoch } = event {
        *saved = *epoch;
    }
}

/// All runs, while the terminal shows them: as many as were begun, until one could not be trained.
fn in_view(
    runs: &[Run<'_>],
    options: &Options,
    stop: &AtomicBool,
    console: &Console,
) -> Result<Vec<Result<Ended>>> {
    if !console.is_terminal() {
        return Err(wrong("--tui needs a terminal for its view; leave it out, and lines tell the progress"));
    }
    let place = |run: &Run<'_>| {
        load(run, options, console);
        let name = if run.label().is_empty() { run.spec().name() } else { run.label() };
        Ok((name.to_owned(), run.folder(options).map_err(failure::of)?))
    };
    let places = runs.iter().map(place).collect::<Result<Vec<_>>>()?;
    let look = Look { colored: console.is_message_colored() };
    let train = || {
        let mut all = Vec::new();
        for run in runs {
            if stop.load(Ordering::Relaxed) || all.last().is_some_and(Result::is_err) {
                break;
            }
            let mut saved = 0;
            let mut progress = |event: Event<'_>| remember(&mut saved, &event);
            let trained = run.train(options, &mut progress, stop);
            all.push(trained.map(|trained| Ended { trained, saved }).map_err(failure::of));
        }
        all
    };
    let (all, failure) = during(places, look, train)?;
    if let Some(failure) = failure {
        console.note(&format!("the view ended before the training: {}", words(&failure)));
    }
    Ok(all)
}

/// Says what a run came to.
fn tell(arguments: &Arguments, ended: Ended, console: &Console) -> Result<Done> {
    let Ended { trained, saved } = ended;
    let record = &trained.record;
    let history = History::load(trained.folder.history_csv()).unwrap_or_default();
    let outcome = match &record.status {
        Status::Finished => Outcome::Done,
        Status::Failed { reason, .. } => {
            console.error(reason);
            Outcome::Failed
        }
        Status::Interrupted | Status::Running => {
            console.say(&interrupted(&trained, history.epochs.len(), saved));
            Outcome::Failed
        }
    };
    let results = results(&trained)?;
    if arguments.format == Format::Human && outcome == Outcome::Done {
        let name = if record.label.is_empty() { &record.spec } else { &record.label };
        console.print(&format!("{name}: {}\n{}\n", closing(&trained, &history), results.text()))?;
        console.line(&format!("run folder: {}\n", trained.folder.path().display()))?;
    }
    Ok(Done { outcome, trained, history, results })
}

/// How a run ended, in a line.
fn closing(trained: &Trained, history: &History) -> String {
    let epochs = history.epochs.len();
    let best = trained.record.best.as_ref();
    let best = best.map_or(String::new(), |best| format!(", the best is {} by {}", best.epoch, best.monitor));
    let already = if trained.how == How::Already { "trained already: " } else { "" };
    let plural = if epochs == 1 { "" } else { "s" };
    format!("{already}{epochs} epoch{plural} in {:.1} s{best}", history.seconds())
}

/// What was kept of a run that was stopped, and how to go on.
fn interrupted(trained: &Trained, epochs: usize, saved: u32) -> String {
    let folder = trained.folder.path().display();
    let of = trained.record.epochs;
    let mut text = format!("stopped in epoch {} of {of}; kept in {folder}:\n", epochs + 1);
    if let Some(best) = &trained.record.best {
        text.push_str(&format!("  model.safetensors        weights of epoch {}, the best by {}\n", best.epoch, best.monitor));
    }
    text.push_str("  model-final.safetensors  weights of the last batch\n");
    match saved {
        0 => text.push_str("no checkpoint was due yet: the same command begins again"),
        _ => text.push_str(&format!("the same command goes on from the checkpoint after epoch {saved}")),
    }
    text
}

/// What the run's files say of the test rows.
fn results(trained: &Trained) -> Result<Results> {
    let RunRecord { results, heads, data, .. } = &trained.record;
    let measures = results.iter().map(|Measure { name, value }| (name.clone(), *value)).collect();
    // Without test rows, or before the first epoch, there are none.
    let predictions = if results.is_empty() {
        Predictions::default()
    } else {
        Predictions::load(trained.folder.predictions()).context("the run's predictions")?
    };
    Results::of(measures, &predictions, heads, &data.classes)
}

/// All runs of a sweep below each other.
fn comparison(all: &[Done]) -> String {
    let mut titles = ["run", "epochs", "best", "seconds"].map(str::to_owned).to_vec();
    let shown = all.iter().map(|done| done.results.shown()).find(|shown| !shown.is_empty()).unwrap_or_default();
    titles.extend(shown.iter().map(|(name, _)| (*name).to_owned()));
    let line = |done: &Done| {
        let best = done.trained.record.best.as_ref();
        let mut cells = vec![
            done.trained.record.label.clone(),
            done.history.epochs.len().to_string(),
            best.map_or(String::new(), |best| best.epoch.to_string()),
            format!("{:.1}", done.history.seconds()),
        ];
        cells.extend(done.results.shown().iter().map(|(_, value)| number(*value)));
        cells
    };
    let lines: Vec<Vec<String>> = all.iter().map(line).collect();
    columns(&titles, &lines)
}

fn as_json(Done { trained, history, results, .. }: &Done) -> Value {
    let record = &trained.record;
    let status = match &record.status {
        Status::Running => "running",
        Status::Finished => "finished",
        Status::Interrupted => "interrupted",
        Status::Failed { .. } => "failed",
    };
    let best = record.best.as_ref();
    let mut value = json!({
        "label": record.label,
        "folder": trained.folder.path().display().to_string(),
        "status": status,
        "epochs": history.epochs.len(),
        "seconds": history.seconds(),
        "best": best.map(|b| json!({ "epoch": b.epoch, "monitor": b.monitor, "value": b.value })),
        "trained_now": trained.how != How::Already,
    });
    if let Some(object) = value.as_object_mut() {
        if let Status::Failed { reason, .. } = &record.status {
            object.insert("reason".to_owned(), json!(reason));
        }
        object.extend(results.json());
    }
    value
}
