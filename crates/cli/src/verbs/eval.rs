//! `kiln eval`: what trained weights come to on the test rows.
//!
//! In: a run's folder, or a spec and weights. Out: losses, metrics and a classification report for each
//! head with class labels, as text or as JSON. Nothing is written.

use crate::arguments::{Format, RunArguments, SpecArguments};
use crate::console::Console;
use crate::machine::MachineArguments;
use crate::outcome::{Outcome, wrong};
use crate::progress::grouped;
use crate::results::Results;
use crate::{failure, spec};
use anyhow::{Context, Result};
use kiln::model::{Model, Run, Spec};
use kiln::record::{RunFolder, RunRecord, discover};
use kiln::{Evaluated, Options};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Evaluate trained weights on the test rows
///
/// `kiln eval runs/exp01/CONTENT` evaluates a run by what its folder says.
/// `kiln eval SPEC` evaluates the run that `kiln train SPEC` made, best epoch.
/// `kiln eval SPEC --weights FILE --data …` evaluates any weights on any data.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,

    /// Weights to evaluate [default: the run's model.safetensors]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    /// How results are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,

    #[command(flatten)]
    machine: MachineArguments,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let options = arguments.machine.options()?;
    let path = Path::new(&arguments.spec.spec);
    let all = if path.is_dir() {
        vec![of_folder(arguments, path, &options)?]
    } else {
        of_spec(arguments, &options, console)?
    };
    for (label, evaluated, results) in &all {
        if arguments.format == Format::Human {
            let title = if label.is_empty() { String::new() } else { format!("{label}: ") };
            console.print(&format!("{title}{}\n{}\n", opening(evaluated), results.text()))?;
        }
    }
    if arguments.format == Format::Json {
        let values: Vec<Value> = all.iter().map(as_json).collect();
        console.line(&serde_json::to_string_pretty(&values)?)?;
    }
    Ok(Outcome::Done)
}

/// A label, what was found, and its tables.
type Found = (String, Evaluated, Results);

fn of_spec(arguments: &Arguments, options: &Options, console: &Console) -> Result<Vec<Found>> {
    let spec = spec::resolve(&arguments.spec, console)?;
    let runs = spec::chosen(&spec, &arguments.run)?;
    if let (Some(weights), [_, _, ..]) = (&arguments.weights, runs.as_slice()) {
        let n = runs.len();
        return Err(wrong(format!("`{}` cannot be those of {n} runs; say which with --run N", weights.display())));
    }
    let mut all = Vec::new();
    for run in runs {
        if arguments.weights.is_none() {
            let folder = run.folder(options).map_err(failure::of)?;
            if !folder.model().is_file() {
                let name = if run.label().is_empty() { spec.name() } else { run.label() };
                anyhow::bail!(
                    "{name} is not trained: there is no {}\ntype `kiln train {}` first",
                    folder.model().display(),
                    arguments.spec.spec
                );
            }
        }
        all.push(evaluate(&run, options, arguments.weights.as_deref())?);
    }
    Ok(all)
}

/// What the folder's own record says ran.
fn of_folder(arguments: &Arguments, path: &Path, options: &Options) -> Result<Found> {
    let folder = RunFolder::at(path);
    if !folder.run_ron().is_file() {
        return Err(wrong(no_run(path)));
    }
    if !arguments.spec.changes.set.is_empty() || arguments.spec.changes.data.is_some() || arguments.run.run.is_some() {
        return Err(wrong(format!(
            "a run's folder says all by itself; to change something, name the spec:\n\
             kiln eval SPEC --weights {} --set … --data …",
            folder.model().display()
        )));
    }
    let record = RunRecord::load(folder.run_ron())?;
    let model = Model::from_ron(&record.resolved)
        .with_context(|| format!("{} does not hold a model that this program knows", folder.run_ron().display()))?;
    let run = Run { label: record.label, values: Vec::new(), model };
    let spec = Spec { title: record.title, axes: Vec::new(), runs: vec![run] };
    let spec = kiln::Spec::checked(&record.spec, record.source, spec);
    let weights = arguments.weights.clone().unwrap_or_else(|| folder.model());
    let run = spec.runs().next().context("the record has no run")?;
    evaluate(&run, options, Some(&weights))
}

fn evaluate(run: &kiln::Run<'_>, options: &Options, weights: Option<&Path>) -> Result<Found> {
    let evaluated = run.evaluate(options, weights).map_err(failure::of)?;
    let classes = &evaluated.data.classes;
    let results = Results::of(evaluated.measures.clone(), &evaluated.predictions, &evaluated.heads, classes)?;
    Ok((run.label().to_owned(), evaluated, results))
}

/// What is at or below a folder that is none of a run.
fn no_run(path: &Path) -> String {
    let runs = discover(path).unwrap_or_default();
    match runs.as_slice() {
        [] => format!("`{}` is no run's folder: it has no run.ron", path.display()),
        runs => {
            let lines: Vec<String> = runs.iter().map(|run| format!("  {}", run.path().display())).collect();
            format!("`{}` holds several runs; name one\n{}", path.display(), lines.join("\n"))
        }
    }
}

fn opening(evaluated: &Evaluated) -> String {
    let rows = evaluated.data.test.len();
    let epoch = match evaluated.epoch {
        0 => String::new(),
        epoch => format!(", epoch {epoch}"),
    };
    let (weights, name) = (evaluated.weights.display(), &evaluated.data.name);
    format!("{weights}{epoch}, on {} samples of {name}", grouped(rows as f64))
}

fn as_json((label, evaluated, results): &Found) -> Value {
    let mut value = json!({
        "label": label,
        "weights": evaluated.weights.display().to_string(),
        "epoch": evaluated.epoch,
        "data": evaluated.data.name,
        "rows": evaluated.data.test.len(),
        "seconds": evaluated.seconds,
    });
    if let Some(object) = value.as_object_mut() {
        object.extend(results.json());
    }
    value
}
