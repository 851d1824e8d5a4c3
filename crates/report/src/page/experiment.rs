//! The chapter of one experiment: its model, each of its runs, all of them side by side,
//! and what is needed to run it again.

use super::document::{Block, Kind, Named, slug};
use super::load::{ClassHead, Experiment, Run};
use super::sections::{Wanted, wanted};
use super::{Options, pictures, sweep};
use crate::embed::{self, Method};
use crate::plots::{
    Cells, DrawingError, Figure, class_scatter, class_scores, confusion_matrix, learning_curves,
};
use crate::tables::history_table;
use kiln_record::{HeadKind, Status, Weights, time};

/// The id of an experiment's heading.
pub(super) fn experiment_id(experiment: &Experiment) -> String {
    slug(&experiment.spec)
}

/// The id of a run's heading.
pub(super) fn run_id(run: &Run) -> String {
    // The content id keeps runs apart whose names are equal.
    format!("{}-{}-{}", slug(&run.record.spec), slug(&run.name()), slug(&run.record.content))
}

/// The chapter. `before` is the experiment before it, with which its model is compared.
///
/// Errors: a figure could not be drawn.
pub(super) fn chapter(
    experiment: &Experiment,
    before: Option<&Experiment>,
    options: &Options,
) -> Result<Vec<Block>, DrawingError> {
    let Some(first) = experiment.runs.first() else { return Ok(Vec::new()) };
    let title = if first.record.title.is_empty() { &experiment.spec } else { &first.record.title };
    let mut blocks = vec![heading(2, experiment_id(experiment), title)];
    blocks.push(heading(3, format!("{}-model", experiment_id(experiment)), "Model"));
    blocks.push(plain(&first.record.summary));
    for run in &experiment.runs {
        blocks.extend(run_blocks(run, options)?);
    }
    blocks.extend(side_by_side(experiment)?);
    blocks.push(heading(3, format!("{}-spec", experiment_id(experiment)), "Spec"));
    blocks.push(folded(Kind::Spec, &first.record.source, "The spec"));
    if let Some(before) = before {
        blocks.extend(difference_blocks(before, experiment));
    }
    Ok(blocks)
}

pub(super) fn heading(level: u8, id: String, text: &str) -> Block {
    Block::Heading { level, id, text: text.to_owned() }
}

pub(super) fn plain(text: &str) -> Block {
    Block::Preformatted { kind: Kind::Plain, text: text.to_owned(), folded: None }
}

fn folded(kind: Kind, text: &str, words: &str) -> Block {
    Block::Preformatted { kind, text: text.to_owned(), folded: Some(words.to_owned()) }
}

/// One figure with its name: run, kind, and the head where it matters.
pub(super) fn named(id: &str, kind: &str, figure: Figure, caption: &str) -> Named {
    Named { name: format!("{id}-{}", slug(kind)), figure, caption: caption.to_owned() }
}

/// One run: how it ended, then the sections that the spec asks for.
fn run_blocks(run: &Run, options: &Options) -> Result<Vec<Block>, DrawingError> {
    let mut blocks = vec![heading(3, run_id(run), &run.name()), Block::Text(ending(run))];
    let (sections, mut warnings) = wanted(&run.record);
    warnings.extend(run.warnings.iter().cloned());
    blocks.extend(warnings.into_iter().map(Block::Warning));
    let needs_predictions =
        sections.iter().any(|s| !matches!(s, Wanted::Curves | Wanted::Table | Wanted::Weights { .. }));
    if let (Err(why), true) = (&run.predictions, needs_predictions) {
        blocks.push(Block::Warning(format!("{}: {why}", run.folder.path().display())));
    }
    for section in &sections {
        section_blocks(&mut blocks, run, section, options)?;
    }
    blocks.push(reproducibility(run));
    Ok(blocks)
}

fn section_blocks(
    blocks: &mut Vec<Block>,
    run: &Run,
    section: &Wanted,
    options: &Options,
) -> Result<(), DrawingError> {
    let id = run_id(run);
    let title = format!("{}, {}", run.record.spec, run.name());
    match section {
        Wanted::Curves => {
            let figure = learning_curves(
                &format!("{title}: learning curves"),
                &run.history,
                run.record.best.as_ref(),
            )?;
            blocks.push(Block::Figures(vec![named(&id, "curves", figure, "")]));
        }
        Wanted::Classification => {
            for head in &run.classes {
                blocks.push(plain(&head.scores.to_string()));
                let figure = class_scores(&format!("{title}: scores of {}", head.name), &head.scores)?;
                blocks.push(Block::Figures(vec![named(&id, &format!("scores-{}", head.name), figure, "")]));
            }
        }
        Wanted::Confusion => {
            for head in &run.classes {
                confusion_blocks(blocks, run, head, &title)?;
            }
        }
        Wanted::Manifold { head, method } => {
            if let Some(figure) = manifold(run, head.as_deref(), *method, &title, options)? {
                let caption = format!("{} of the code on the test rows, coloured by class.", method.title());
                blocks.push(Block::Figures(vec![named(
                    &id,
                    &format!("manifold-{}", method.name()),
                    figure,
                    &caption,
                )]));
            }
        }
        Wanted::Weights { layer } => match Weights::load(run.folder.model()) {
            Err(error) => blocks.push(Block::Warning(error.to_string())),
            Ok(weights) => {
                let title = format!("{title}: weights of {layer}");
                if let Some(figure) = pictures::layer_weights(&title, run, &weights, layer)? {
                    blocks.push(Block::Figures(vec![named(&id, &format!("weights-{layer}"), figure, "")]));
                }
            }
        },
        Wanted::Table => {
            let text = history_table(&run.history, run.record.best.as_ref());
            blocks.push(folded(Kind::Plain, &text, "All epochs"));
        }
        // All runs stand in one figure: see `side_by_side`.
        Wanted::Reconstructions { .. } => {}
    }
    Ok(())
}

fn confusion_blocks(
    blocks: &mut Vec<Block>,
    run: &Run,
    head: &ClassHead,
    title: &str,
) -> Result<(), DrawingError> {
    let id = run_id(run);
    let counts =
        confusion_matrix(&format!("{title}: confusion of {}", head.name), &head.confusion, Cells::Counts)?;
    let shares = confusion_matrix(
        &format!("{title}: confusion of {}, by row", head.name),
        &head.confusion,
        Cells::Shares,
    )?;
    blocks.push(Block::Figures(vec![
        named(&id, &format!("confusion-{}", head.name), counts, ""),
        named(&id, &format!("confusion-{}-shares", head.name), shares, ""),
    ]));
    if let Some(figure) = pictures::confused_pairs(&format!("{title}: most confused pairs"), run, head)? {
        blocks.push(Block::Figures(vec![named(
            &id,
            &format!("pairs-{}", head.name),
            figure,
            "Most confused pairs.",
        )]));
    }
    Ok(())
}

fn manifold(
    run: &Run,
    head: Option<&str>,
    method: Method,
    title: &str,
    options: &Options,
) -> Result<Option<Figure>, DrawingError> {
    let Ok(predictions) = &run.predictions else { return Ok(None) };
    let first_code = run.record.heads.iter().find(|h| h.kind == HeadKind::Code).map(|h| h.name.as_str());
    let Some(code) = head.or(first_code).and_then(|name| predictions.output(name)) else { return Ok(None) };
    let rows: Vec<f32> = (0..code.rows()).filter_map(|row| code.row(row)).flatten().collect();
    let points = embed::embed(method, &rows, code.columns(), options.cache.as_deref());
    let (labels, names) = match run.labels() {
        Some(labels) => (labels, run.record.data.classes.clone()),
        None => (vec![0; points.len()], vec!["all".to_owned()]),
    };
    class_scatter(&format!("{title}: {} of the code", method.title()), &points, &labels, &names).map(Some)
}

/// What all runs of the experiment are shown in together.
fn side_by_side(experiment: &Experiment) -> Result<Vec<Block>, DrawingError> {
    let id = experiment_id(experiment);
    let mut blocks = Vec::new();
    let runs: Vec<&Run> = experiment.runs.iter().collect();
    let sections = experiment.runs.first().map(|run| wanted(&run.record).0).unwrap_or_default();
    for section in sections {
        let Wanted::Reconstructions { head, columns, which } = section else { continue };
        let head = head.as_deref();
        let wants = |name: &str| which.as_deref().is_none_or(|which| which == name);
        let key = head.unwrap_or("first");
        if wants("fixed") {
            let title = format!("{}: originals over reconstructions", experiment.spec);
            if let Some(figure) = pictures::reconstructions(&title, &runs, head, columns)? {
                let caption = "Test samples, the same in each row, and what each run made of them.";
                blocks.push(Block::Figures(vec![named(
                    &id,
                    &format!("reconstructions-{key}"),
                    figure,
                    caption,
                )]));
            }
        }
        for run in &runs {
            let mut figures = Vec::new();
            for (which, is_worst) in [("worst", true), ("best", false)] {
                let title = format!("{}, {}: reconstructed {which}", experiment.spec, run.name());
                let figure = if wants(which) {
                    pictures::extremes(&title, run, head, columns, is_worst)?
                } else {
                    None
                };
                if let Some(figure) = figure {
                    let caption = format!("{}: reconstructed {which}, with mean squared errors.", run.name());
                    figures.push(named(&run_id(run), &format!("{which}-{key}"), figure, &caption));
                }
            }
            if !figures.is_empty() {
                blocks.push(Block::Figures(figures));
            }
        }
    }
    if !blocks.is_empty() {
        blocks.insert(0, heading(3, format!("{id}-reconstructions"), "Reconstructions"));
    }
    blocks.extend(sweep::comparison(experiment)?);
    Ok(blocks)
}

/// How the run ended, in a sentence.
fn ending(run: &Run) -> String {
    let epochs = run.history.epochs.len();
    let ended = match &run.record.status {
        Status::Finished => format!("Finished after {epochs} epochs"),
        Status::Interrupted => format!("Stopped by the user after {epochs} epochs; train again to go on"),
        Status::Running => format!("Running or killed; {epochs} epochs so far; train again to go on"),
        Status::Failed { head, epoch, reason } => {
            let head = head.as_ref().map_or_else(String::new, |head| format!(" in head {head}"));
            format!("Failed in epoch {epoch}{head}: {reason}")
        }
    };
    let best = run.record.best.as_ref().map_or_else(String::new, |best| {
        let value = crate::tables::history::number(best.value);
        format!(", best in epoch {} with {} = {value}", best.epoch, best.monitor)
    });
    let seconds = run.history.seconds();
    format!("{ended}{best}; {seconds:.1} seconds.")
}

/// What is needed to get the same numbers again.
fn reproducibility(run: &Run) -> Block {
    let record = &run.record;
    let host = &record.host;
    let finished = record.finished.map_or_else(|| "not yet".to_owned(), time::utc);
    let rows = [
        ("command", record.command.clone()),
        ("run", record.content.clone()),
        ("data", format!("{}, fingerprint {}", record.data.name, record.data.fingerprint)),
        ("rows", format!("{} to learn from, {} to test on", record.data.train_rows, record.data.test_rows)),
        ("seed", record.seed.to_string()),
        ("kiln", format!("{}, record format {}", record.kiln, record.format)),
        ("processor", format!("{}, {} cores, {}", host.cpu, host.cores, host.system)),
        ("ran with", format!("{} threads, {}", host.threads, host.isa)),
        ("started", time::utc(record.started)),
        ("finished", finished),
    ];
    let text = rows.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect::<String>();
    folded(Kind::Plain, &text, "To get the same numbers again")
}

fn difference_blocks(before: &Experiment, experiment: &Experiment) -> Vec<Block> {
    let (Some(old), Some(new)) = (before.runs.first(), experiment.runs.first()) else { return Vec::new() };
    let words = format!("What changed from {} to {}", before.spec, experiment.spec);
    match super::difference::difference(&old.record.resolved, &new.record.resolved) {
        None => vec![Block::Text(format!("{words}: the models are too long to compare."))],
        Some(text) if text.is_empty() => {
            vec![Block::Text(format!("{words}: nothing in the resolved model."))]
        }
        Some(text) => vec![folded(Kind::Difference, &text, &words)],
    }
}
