//! The chapter of one experiment: its model, each of its runs, all of them side by side,
//! and what is needed to run it again.

use super::document::{Block, Kind, Named, slug};
use super::load::{ClassHead, Experiment, Run};
use super::sections::{Wanted, Which, wanted};
use super::{Options, pictures, sweep};
use crate::embed::{self, Method};
use crate::plots::{
    Cells, DrawingError, Figure, class_scatter, class_scores, confusion_matrix, learning_curves,
    network_figure,
};
use crate::tables::history_table;
use kiln_record::{HeadKind, Problem, RecordError, Status, Weights, time};
use std::panic::resume_unwind;

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
    blocks.extend(network_block(experiment, first)?);
    // What the swept value did comes first; a single run has nothing to be compared with.
    let is_sweep = experiment.runs.len() > 1;
    if is_sweep {
        blocks.extend(sweep::outcome(experiment)?);
        blocks.extend(side_by_side(experiment, options)?);
        blocks.extend(sweep::curves(experiment)?);
    }
    for run in &experiment.runs {
        blocks.extend(run_blocks(run)?);
    }
    if !is_sweep {
        blocks.extend(side_by_side(experiment, options)?);
    }
    blocks.push(heading(3, format!("{}-spec", experiment_id(experiment)), "Spec"));
    blocks.push(folded(Kind::Spec, &first.record.source, "The spec"));
    if let Some(before) = before {
        blocks.extend(difference_blocks(before, experiment));
    }
    Ok(blocks)
}

/// The model as a drawing; none for a record of an older version, which does not hold it.
fn network_block(experiment: &Experiment, first: &Run) -> Result<Option<Block>, DrawingError> {
    let figure = network_figure(&format!("{}: the model", experiment.spec), &first.record.network)?;
    let id = experiment_id(experiment);
    Ok(figure.map(|figure| Block::Figures(vec![named(&id, "network", figure, "")])))
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
fn run_blocks(run: &Run) -> Result<Vec<Block>, DrawingError> {
    let mut blocks = vec![heading(3, run_id(run), &run.name()), Block::Text(ending(run))];
    let (sections, mut warnings) = wanted(&run.record);
    warnings.extend(run.warnings.iter().cloned());
    blocks.extend(warnings.into_iter().map(Block::Warning));
    let needs_predictions =
        sections.iter().any(|s| !matches!(s, Wanted::Curves { .. } | Wanted::Table | Wanted::Weights { .. }));
    if let (Err(why), true) = (&run.predictions, needs_predictions) {
        blocks.push(Block::Warning(format!("{}: {why}", run.folder.path().display())));
    }
    for section in &sections {
        section_blocks(&mut blocks, run, section)?;
    }
    blocks.push(reproducibility(run));
    Ok(blocks)
}

fn section_blocks(blocks: &mut Vec<Block>, run: &Run, section: &Wanted) -> Result<(), DrawingError> {
    let id = run_id(run);
    let title = format!("{}, {}", run.record.spec, run.name());
    let of_head =
        |wanted: &Option<String>, head: &ClassHead| wanted.as_ref().is_none_or(|name| *name == head.name);
    match section {
        Wanted::Curves { log } => {
            let best = run.record.best.as_ref();
            let curves = learning_curves(&title, &run.history, best, *log)?;
            let curves = curves.into_iter().map(|(series, f)| named(&id, &format!("curves-{series}"), f, ""));
            blocks.push(Block::Figures(curves.collect()));
            blocks.push(folded(Kind::Numbers, &history_table(&run.history, best), "All epochs"));
        }
        Wanted::Classification { head, digits } => {
            for head in run.classes.iter().filter(|class| of_head(head, class)) {
                blocks.push(plain(&head.scores.text(*digits)));
                let figure = class_scores(&format!("{title}: scores of {}", head.name), &head.scores)?;
                blocks.push(Block::Figures(vec![named(&id, &format!("scores-{}", head.name), figure, "")]));
            }
        }
        Wanted::Confusion { head, normalize } => {
            for head in run.classes.iter().filter(|class| of_head(head, class)) {
                confusion_blocks(blocks, run, head, *normalize, &title)?;
            }
        }
        Wanted::Weights { layer, columns, tiles } => match Weights::load(run.folder.model()) {
            Err(error) => blocks.push(Block::Warning(error.to_string())),
            Ok(weights) if weights.content != run.record.content => {
                let (found, expected) = (weights.content, run.record.content.clone());
                let error = RecordError::new(run.folder.model(), Problem::OtherRun { found, expected });
                blocks.push(Block::Warning(error.to_string()));
            }
            Ok(weights) => {
                let title = format!("{title}: weights of {layer}");
                if let Some(figure) =
                    pictures::layer_weights(&title, run, &weights, layer, [*columns, *tiles])?
                {
                    let caption = format!("The weights of {layer}, a picture a unit: dark is positive.");
                    blocks.push(Block::Figures(vec![named(
                        &id,
                        &format!("weights-{layer}"),
                        figure,
                        &caption,
                    )]));
                }
            }
        },
        // Every chapter begins with the model's table; the others are of all runs: `side_by_side`.
        Wanted::Table | Wanted::Manifold { .. } | Wanted::Reconstructions { .. } => {}
    }
    Ok(())
}

fn confusion_blocks(
    blocks: &mut Vec<Block>,
    run: &Run,
    head: &ClassHead,
    normalize: bool,
    title: &str,
) -> Result<(), DrawingError> {
    let id = run_id(run);
    let mut figures = Vec::new();
    if !normalize {
        let title = format!("{title}: confusion of {}", head.name);
        let counts = confusion_matrix(&title, &head.confusion, Cells::Counts)?;
        figures.push(named(&id, &format!("confusion-{}", head.name), counts, ""));
    }
    let by_row = format!("{title}: confusion of {}, by row", head.name);
    let shares = confusion_matrix(&by_row, &head.confusion, Cells::Shares)?;
    figures.push(named(&id, &format!("confusion-{}-shares", head.name), shares, ""));
    blocks.push(Block::Figures(figures));
    if let Some(figure) = pictures::confused_pairs(&format!("{title}: most confused pairs"), run, head)? {
        let caption = "The pairs that are confused most often, each with some of its test samples.";
        blocks.push(Block::Figures(vec![named(&id, &format!("pairs-{}", head.name), figure, caption)]));
    }
    Ok(())
}

/// What all runs of the experiment are shown in together: reconstructions of the same samples, and codes.
fn side_by_side(experiment: &Experiment, options: &Options) -> Result<Vec<Block>, DrawingError> {
    let id = experiment_id(experiment);
    let (mut pictures, mut codes) = (Vec::new(), Vec::new());
    for section in experiment.runs.first().map(|run| wanted(&run.record).0).unwrap_or_default() {
        match section {
            Wanted::Reconstructions { head, columns, which } => {
                pictures.extend(reconstruction_blocks(experiment, head.as_deref(), columns, which)?);
            }
            Wanted::Manifold { head, method, color, samples } => {
                let manifold = Manifold { head: head.as_deref(), method, color: color.as_deref(), samples };
                codes.extend(manifold.blocks(experiment, options)?);
            }
            Wanted::Curves { .. }
            | Wanted::Classification { .. }
            | Wanted::Confusion { .. }
            | Wanted::Weights { .. }
            | Wanted::Table => {}
        }
    }
    for (blocks, key, words) in
        [(&mut pictures, "reconstructions", "Reconstructions"), (&mut codes, "code", "The code in the plane")]
    {
        if !blocks.is_empty() {
            blocks.insert(0, heading(3, format!("{id}-{key}"), words));
        }
    }
    pictures.extend(codes);
    Ok(pictures)
}

fn reconstruction_blocks(
    experiment: &Experiment,
    head: Option<&str>,
    columns: usize,
    which: Which,
) -> Result<Vec<Block>, DrawingError> {
    let id = experiment_id(experiment);
    let runs = sweep::compared(experiment);
    let key = head.unwrap_or("first");
    let mut blocks = Vec::new();
    if which.has_fixed() {
        let title = format!("{}: originals over reconstructions", experiment.spec);
        let of_each_class = which == Which::Classes;
        if let Some(figure) = pictures::reconstructions(&title, &runs, head, columns, of_each_class)? {
            let caption = "Test samples that no run has learned from, the same in each row, and what each run made \
                           of them, with the mean squared error over all test samples.";
            blocks.push(Block::Figures(vec![named(&id, &format!("reconstructions-{key}"), figure, caption)]));
        }
    }
    let mut pairs = Vec::new();
    for run in &runs {
        let mut figures = Vec::new();
        let ends = [("worst", true, which.has_worst()), ("best", false, which.has_best())];
        for (word, is_worst, _) in ends.into_iter().filter(|(.., is_shown)| *is_shown) {
            let title = format!("{}, {}: reconstructed {word}", experiment.spec, run.name());
            if let Some(figure) = pictures::extremes(&title, run, head, columns, is_worst)? {
                let caption = format!("{}: reconstructed {word}, with mean squared errors.", run.name());
                figures.push(named(&run_id(run), &format!("{word}-{key}"), figure, &caption));
            }
        }
        pairs.extend((!figures.is_empty()).then_some(Block::Figures(figures)));
    }
    if !pairs.is_empty() {
        // A row of their own for each run: the worst beside the best.
        blocks.push(heading(4, format!("{id}-extremes-{}", slug(key)), "Reconstructed worst and best"));
        blocks.extend(pairs);
    }
    Ok(blocks)
}

/// What a section `manifold` asks for.
struct Manifold<'a> {
    head: Option<&'a str>,
    method: Method,
    color: Option<&'a str>,
    samples: usize,
}

impl Manifold<'_> {
    /// What the method shows, and a figure a run, beside each other.
    fn blocks(&self, experiment: &Experiment, options: &Options) -> Result<Vec<Block>, DrawingError> {
        let runs = sweep::compared(experiment);
        // Layouts take seconds each, so those of all runs are made at once.
        let drawn: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = runs.iter().map(|run| scope.spawn(|| self.figure(run, options))).collect();
            let end = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| resume_unwind(panic))
            };
            workers.into_iter().map(end).collect()
        });
        let (mut figures, mut names) = (Vec::new(), Vec::new());
        for (run, drawn) in runs.iter().zip(drawn) {
            if let Some((name, figure)) = drawn? {
                let kind = format!("manifold-{name}-{}", self.method.name());
                figures.push(named(&run_id(run), &kind, figure, &run.name()));
                names.push(name);
            }
        }
        let Some(name) = names.into_iter().next() else { return Ok(Vec::new()) };
        let title = self.method.title();
        let id = format!("{}-{}-{}", experiment_id(experiment), slug(&name), self.method.name());
        let words = format!(
            "{} Each dot is a test sample, coloured by its class; what is laid out is {name}.",
            self.method.meaning()
        );
        Ok(vec![heading(4, id, title), Block::Text(words), Block::Figures(figures)])
    }

    /// The figure of a run and the name of what it shows; `None` where it was not stored.
    fn figure(&self, run: &Run, options: &Options) -> Result<Option<(String, Figure)>, DrawingError> {
        let Ok(predictions) = &run.predictions else { return Ok(None) };
        let first_code =
            || run.record.heads.iter().find(|h| h.kind == HeadKind::Code).map(|h| h.name.as_str());
        let Some(name) = self.head.or_else(first_code) else { return Ok(None) };
        let Some(code) = predictions.output(name) else { return Ok(None) };
        let shown = evenly(code.rows(), self.samples);
        let rows: Vec<f32> = shown.iter().filter_map(|&row| code.row(row)).flatten().collect();
        let points = embed::embed(self.method, &rows, code.columns(), options.cache.as_deref());
        let labels = self.color.and_then(|field| run.labels_in(field)).or_else(|| run.labels());
        let (labels, names) = match labels {
            Some(labels) => {
                let of_row = |&row: &usize| labels.get(row).copied();
                (shown.iter().filter_map(of_row).collect(), run.record.data.classes.clone())
            }
            None => (vec![0; points.len()], vec!["all".to_owned()]),
        };
        let title = format!("{}, {}: {} of {name}", run.record.spec, run.name(), self.method.title());
        Ok(Some((name.to_owned(), class_scatter(&title, &points, &labels, &names)?)))
    }
}

/// At most `most` of `rows` rows, evenly among them: rows may be sorted by class.
fn evenly(rows: usize, most: usize) -> Vec<usize> {
    let shown = rows.min(most);
    // The product of two counts of rows in memory fits into 128 bits.
    (0..shown).map(|i| (i as u128 * rows as u128 / shown as u128) as usize).collect()
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
    let known = rows.iter().filter(|(_, value)| !value.is_empty());
    let text = known.map(|(name, value)| format!("{name:<10} {value}\n")).collect::<String>();
    folded(Kind::Plain, &text, "To get the same numbers again")
}

fn difference_blocks(before: &Experiment, experiment: &Experiment) -> Vec<Block> {
    // Runs of one batch size where there are such: what a sweep changes is no change of the experiment.
    let pairs = || before.runs.iter().flat_map(|old| experiment.runs.iter().map(move |new| (old, new)));
    let alike = pairs().find(|(old, new)| old.record.batch == new.record.batch);
    let Some((old, new)) = alike.or_else(|| pairs().next()) else { return Vec::new() };
    let words = format!("What changed from {} to {}", before.spec, experiment.spec);
    match super::difference::difference(&old.record.resolved, &new.record.resolved) {
        None => vec![Block::Text(format!("{words}: the models are too long to compare."))],
        Some(text) if text.is_empty() => {
            vec![Block::Text(format!("{words}: nothing in the resolved model."))]
        }
        Some(text) => vec![folded(Kind::Difference, &text, &words)],
    }
}
