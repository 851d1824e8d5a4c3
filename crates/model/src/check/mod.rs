//! Checking: from a spec as read to the runs that it asks for, or to everything that is wrong with it.
//!
//! In: [`Loaded`]. Out: [`Checked`]: a [`Spec`] of fully resolved models, one a run, and every
//! mistake and warning in the order of the text.
//!
//! One rule: a mistake is said once. What cannot be known because of it (a term, an extent, a
//! layer) is unknown from there on, and unknown things agree with everything.
//!
//! A spec with sweeps is checked once for each run; messages that repeat are dropped.

pub(crate) mod arguments;
mod cascade;
mod data;
mod guess;
mod heads;
mod inspect;
mod naming;
mod network;
mod parameters;
mod ranges;
mod report;
mod scope;
mod section;
mod select;
mod stages;
pub(crate) mod sweep;
pub(crate) mod term;
mod ties;
mod train;
mod unused;
mod weight;

pub use data::{KEYS as DATA_KEYS, SOURCES, SPLITS};
pub use inspect::{Applied, Inspected, Meaning, Named, inspect};
pub use report::SECTIONS;
pub use train::KEYS as TRAIN_KEYS;

use crate::load::{Items, Loaded};
use crate::mistakes;
use crate::model::{Data, Head, Model, Part, Source, TargetKind, elements};
use crate::runs::{Axis, Run, Spec};
use kiln_diag::Diagnostics;
use kiln_dsl::ast::{self, Name};
use section::Lines;
use sweep::Choices;

/// More messages than this are no help to anybody, and each takes time to draw.
const MESSAGES_MAX: usize = 100;

/// What checking found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The spec, where it has no error.
    pub spec: Option<Spec>,
    /// Every mistake and warning, those of reading included.
    pub diagnostics: Diagnostics,
}

/// Checks a spec as read.
pub fn check(loaded: &Loaded) -> Checked {
    let mut diagnostics = loaded.diagnostics.clone();
    let sweeps = sweep::collect(&select::reachable(&loaded.items), &mut diagnostics);
    let mut runs = Vec::new();
    for choices in sweeps.combinations() {
        let model = one_run(&loaded.items, &choices, &mut diagnostics);
        let picks: Vec<usize> = sweeps.axes.iter().filter_map(|a| choices.pick(a.span)).collect();
        runs.extend(model.map(|m| (m, picks)));
        // The other runs would mostly say the same again.
        if diagnostics.has_errors() && diagnostics.len() > 100 {
            break;
        }
    }
    cascade::prune(loaded, &mut diagnostics);
    guess::parameters(&loaded.items, &loaded.sources, &mut diagnostics);
    let is_wrong = diagnostics.has_errors();
    diagnostics.truncate(MESSAGES_MAX);
    if is_wrong {
        return Checked { spec: None, diagnostics };
    }
    let axes: Vec<Axis> = sweeps.axes.iter().map(|axis| Axis::new(axis, &loaded.sources)).collect();
    let runs: Vec<Run> = runs.into_iter().map(|(model, picks)| Run::new(model, &axes, &picks)).collect();
    let title = runs.first().map_or(String::new(), |r| r.model.title.clone());
    Checked { spec: Some(Spec { title, axes, runs }), diagnostics }
}

/// One run's model; `None` where a mistake was said.
fn one_run(items: &Items, choices: &Choices, diagnostics: &mut Diagnostics) -> Option<Model> {
    let main = items.main_start();
    let empty = ast::Section { entries: Vec::new(), span: main };
    let section = items.train.as_ref().unwrap_or(&empty);
    if items.train.is_none() {
        diagnostics.push(mistakes::train::no_train(main));
    }
    let lines = Lines::new("train", head_span(section), &section.entries, choices, diagnostics);
    let selected = select::run(items, &lines, diagnostics);
    let data = selected.data.and_then(|d| data_set(d, choices, diagnostics));
    let Some(model) = selected.model else {
        if items.train.is_some() {
            let split = data.as_ref().map(|d| d.split);
            train::run(&lines, &train::Of { heads: &[], is_whole: false, split, samples: None }, diagnostics);
        }
        return None;
    };

    let called = mistakes::Called { text: &model.name.node, span: selected.model_span };
    let env = parameters::bind(called, &model.params, &selected.model_args, choices, diagnostics);
    let mut walk = network::Walk::new(&model.body, &items.blocks, choices, diagnostics);
    walk.run(&env);
    let heads = heads::run(&mut walk, &env, &model.name);
    let (is_whole, heads): (bool, Vec<Head>) =
        (heads.is_whole && !cascade::is_broken_in(items, model.span), heads.list);
    let (network, unused_params) = (walk.network, walk.unused_params);

    if let (Some(data), Some(ast)) = (&data, selected.data) {
        fields_fit(&network, data, &ast.name, diagnostics);
        ranges::run(&network, &heads, data, ast, diagnostics);
    }
    let (samples, split) = (data.as_ref().and_then(samples), data.as_ref().map(|d| d.split));
    let of = train::Of { heads: &heads, is_whole, split, samples };
    let train = items.train.as_ref().and_then(|_| train::run(&lines, &of, diagnostics));
    let sections = items.report.as_ref();
    let report = sections.map(|r| {
        let scene = report::Scene { network: &network, heads: &heads, is_whole, data: data.as_ref() };
        report::run(r, &scene, choices, diagnostics)
    });
    let report = report.unwrap_or_default();
    unused::run(
        &unused::Scene {
            items,
            model,
            env: &env,
            network: &network,
            heads: &heads,
            report: &report,
            unused_params: &unused_params,
            selected: &selected,
        },
        diagnostics,
    );
    if diagnostics.has_errors() {
        return None;
    }
    let name = model.name.node.clone();
    let mut model = Model {
        title: items.title.as_ref().map_or(name.clone(), |t| t.node.clone()),
        name,
        layers: network.layers(),
        inputs: network.inputs,
        targets: network.targets,
        stacks: network.stacks,
        heads,
        views: report.views,
        train: train?,
        data: data?,
        report: report.sections,
    };
    unused::prune(&mut model);
    Some(model)
}

/// The section's first line, so that a missing key is not shown by underlining all of it.
fn head_span(section: &ast::Section) -> kiln_diag::Span {
    let end = section.span.end.min(section.span.start.saturating_add("train".len() as u32));
    kiln_diag::Span { end, ..section.span }
}

fn data_set(ast: &ast::Data, choices: &Choices, diagnostics: &mut Diagnostics) -> Option<Data> {
    let what = format!("data {}", ast.name.node);
    let lines = Lines::new(&what, ast.name.span, &ast.entries, choices, diagnostics);
    data::run(&ast.name, &lines, diagnostics)
}

/// How many samples there are, where the spec alone says so.
fn samples(data: &Data) -> Option<u64> {
    match &data.source {
        Source::Glyphs { samples, .. } => Some(u64::from(*samples)),
        Source::Idx { .. } | Source::Parquet { .. } => None,
    }
}

/// Every input and target is a field of its kind, and of its size where the spec alone says that.
fn fields_fit(network: &network::Network, data: &Data, name: &Name, diagnostics: &mut Diagnostics) {
    let span = |field: &str| network.scope.find(field).map_or(name.span, |n| n.span);
    let names: Vec<&str> = data.fields.iter().map(|f| f.name.as_str()).collect();
    let mut wanted: Vec<(&str, TargetKind)> = Vec::new();
    wanted.extend(network.inputs.iter().map(|i| (i.name.as_str(), TargetKind::Values(i.dims.clone()))));
    wanted.extend(network.targets.iter().map(|t| (t.name.as_str(), t.kind.clone())));
    for (wanted, kind) in wanted {
        let Some(field) = data.fields.iter().find(|f| f.name == wanted) else {
            diagnostics.push(mistakes::data::missing_field(span(wanted), wanted, name, &names));
            continue;
        };
        match (field.part, &kind) {
            (Part::Class, TargetKind::Class(n)) => {
                if let Some(count) = classes(&data.source).filter(|c| *c != *n as usize) {
                    diagnostics.push(mistakes::data::class_count(span(wanted), wanted, *n, name, count));
                }
            }
            (Part::Pixels { .. }, TargetKind::Values(dims)) => {
                if let Some(count) = pixels(&data.source).filter(|c| *c != elements(dims)) {
                    diagnostics.push(mistakes::data::pixel_count(span(wanted), wanted, dims, name, count));
                }
            }
            (Part::Class, TargetKind::Values(_)) => {
                diagnostics.push(mistakes::data::field_kind(span(wanted), wanted, true, name));
            }
            (Part::Pixels { .. }, TargetKind::Class(_)) => {
                diagnostics.push(mistakes::data::field_kind(span(wanted), wanted, false, name));
            }
        }
    }
}

/// Number of classes, where the spec alone says so.
fn classes(source: &Source) -> Option<usize> {
    let n = match source {
        Source::Glyphs { classes, .. } => classes.len(),
        Source::Idx { classes, names, .. } | Source::Parquet { classes, names, .. } => {
            classes.len().max(names.len())
        }
    };
    (n > 0).then_some(n)
}

/// Pixels of one sample, where the spec alone says so.
fn pixels(source: &Source) -> Option<u64> {
    match source {
        // The generator draws 28×28, as MNIST has it.
        Source::Glyphs { .. } => Some(784),
        Source::Idx { .. } => None,
        Source::Parquet { pixels, .. } => Some(pixels.count() as u64),
    }
}
