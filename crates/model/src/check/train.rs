//! `train { … }`: optimizer, schedule, epochs, batch, seed, validation, early stopping.

use super::arguments::{bind, item};
use super::section::Lines;
use super::term::{Term, TermArg, TermKind};
use crate::mistakes::{self, Called};
use crate::model::{EarlyStopping, Head, Monitor, Split, Train, Validation};
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::Name;
use kiln_library::{ArgSpec, Call, Kind, early_stopping, registry};

/// Keys of `train`.
pub const KEYS: &[&str] = &[
    "model",
    "data",
    "optimizer",
    "schedule",
    "rate",
    "epochs",
    "batch",
    "seed",
    "shuffle",
    "validation",
    "early_stopping",
];

/// Bounds of whole numbers of `train`.
const EPOCHS: (u64, u64) = (1, 1_000_000);
const BATCH: (u64, u64) = (1, 1 << 24);
/// Whole numbers that `f64`, and so the spec, holds exactly.
pub(crate) const SEED: (u64, u64) = (0, 1 << 53);

/// What the section speaks of.
pub(crate) struct Of<'a> {
    pub(crate) heads: &'a [Head],
    /// Nothing was wrong with the heads.
    pub(crate) is_whole: bool,
    pub(crate) split: Option<Split>,
    /// Samples of the data set, where the spec alone says how many.
    pub(crate) samples: Option<u64>,
}

/// The section, resolved; `None` where something is wrong with it.
pub(crate) fn run(lines: &Lines, of: &Of<'_>, diagnostics: &mut Diagnostics) -> Option<Train> {
    lines.only(KEYS, diagnostics);
    let optimizer = optimizer(lines, diagnostics);
    let schedule = schedule(lines, diagnostics);
    let epochs = lines.whole("epochs", EPOCHS, None, diagnostics);
    let batch = lines.whole("batch", BATCH, Some(32), diagnostics);
    let seed = lines.whole("seed", SEED, Some(0), diagnostics);
    let shuffle = lines.flag("shuffle", true, diagnostics);
    let validation = validation(lines, of.split, diagnostics);
    let early_stopping = stopping(lines, of, diagnostics);
    if let (Some(batch), Some(samples), Some(term)) =
        (batch, training_samples(of.samples, of.split), lines.get("batch"))
        && batch > samples
    {
        diagnostics.push(mistakes::warnings::batch_over_data(term.span, batch as u32, samples));
    }
    Some(Train {
        optimizer: optimizer?,
        schedule: schedule?,
        epochs: epochs? as u32,
        batch: batch? as u32,
        seed: seed?,
        shuffle: shuffle?,
        validation: validation?,
        early_stopping: early_stopping?,
    })
}

/// Samples to train on, where the spec alone says how many.
fn training_samples(samples: Option<u64>, split: Option<Split>) -> Option<u64> {
    let samples = samples? as f64;
    match split? {
        Split::Given => None,
        Split::All => Some(samples as u64),
        Split::Stratified { train, .. } | Split::Random { train, .. } => {
            Some((samples * train).round() as u64)
        }
    }
}

fn optimizer(lines: &Lines, diagnostics: &mut Diagnostics) -> Option<Call> {
    let Some(term) = lines.get("optimizer") else {
        if !lines.misspells("optimizer") {
            diagnostics.push(mistakes::train::missing_key(&lines.what, "optimizer", lines.span));
        }
        return None;
    };
    let call = item(term, Kind::Optimizer, diagnostics)?;
    if let Some(rate) = call.args.get("rate").map(|_| call.args.float64("rate"))
        && rate > 1.0
    {
        diagnostics.push(mistakes::warnings::high_rate(argument_span(term, "rate"), rate));
    }
    Some(call)
}

/// Where an argument was given, by name or first.
fn argument_span(term: &Term, name: &str) -> Span {
    let TermKind::Call(_, args) = &term.kind else { return term.span };
    let named = args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.node == name));
    named.or(args.first()).map_or(term.span, |a| a.value.span)
}

/// `schedule = cosine(…)`, or `rate = cosine(…)`; constant where neither is given.
fn schedule(lines: &Lines, diagnostics: &mut Diagnostics) -> Option<Call> {
    let constant = || {
        let args = registry::defaults(Kind::Schedule, "constant").unwrap_or_default();
        Call { name: "constant".into(), args }
    };
    match (lines.get("schedule"), lines.get("rate")) {
        (Some(_), Some(rate)) => {
            diagnostics.push(mistakes::train::rate_and_schedule(rate.span, lines.key_span("schedule")));
            None
        }
        (None, Some(Term { kind: TermKind::Number { .. }, span })) => {
            diagnostics.push(mistakes::train::rate_number(*span));
            None
        }
        (Some(term), None) | (None, Some(term)) => item(term, Kind::Schedule, diagnostics),
        (None, None) => Some(constant()),
    }
}

/// `test`, `none`, or a part of the training data.
fn validation(lines: &Lines, split: Option<Split>, diagnostics: &mut Diagnostics) -> Option<Validation> {
    let Some(term) = lines.get("validation") else {
        let none = matches!(split, Some(Split::All));
        return Some(if none { Validation::Nothing } else { Validation::Test });
    };
    match &term.kind {
        TermKind::Name(name) if name == "test" && split != Some(Split::All) => Some(Validation::Test),
        TermKind::Name(name) if name == "none" => Some(Validation::Nothing),
        TermKind::Number { value, .. } if *value > 0.0 && *value < 1.0 => Some(Validation::Fraction(*value)),
        TermKind::Poisoned => None,
        _ => {
            let wants = "`test`, `none`, or a part of the training data such as `10%`";
            diagnostics.push(mistakes::train::bad_value("validation", term, wants));
            None
        }
    }
}

/// Early stopping; the outer `None` means a mistake.
fn stopping(lines: &Lines, of: &Of<'_>, diagnostics: &mut Diagnostics) -> Option<Option<EarlyStopping>> {
    let Some(term) = lines.get("early_stopping") else { return Some(None) };
    // `early_stopping = early_stopping(…)` says the name twice, and `early_stopping = (…)` is no value.
    let args: &[TermArg] = match &term.kind {
        TermKind::Call(name, args) if matches!(name.node.as_str(), "early_stopping" | "stop") => args,
        TermKind::Bool(false) => return Some(None),
        TermKind::Bool(true) => &[],
        TermKind::Poisoned => return None,
        _ => {
            let wants = "`early_stopping(patience = 5)`";
            diagnostics.push(mistakes::train::bad_value("early_stopping", term, wants));
            return None;
        }
    };
    let is_monitor = |a: &&TermArg| a.name.as_ref().is_some_and(|n| n.node == "monitor");
    let monitor = match args.iter().find(is_monitor) {
        Some(arg) => monitor(&arg.value, of, diagnostics),
        None => Some(Monitor::ValidationLoss),
    };
    let rest: Vec<TermArg> = args.iter().filter(|a| !is_monitor(a)).cloned().collect();
    // The monitor is resolved here, since its words are the model's heads and metrics.
    let specs: Vec<ArgSpec> = early_stopping::ARGS.iter().filter(|s| s.name != "monitor").copied().collect();
    let bound = bind(Called { text: "early_stopping", span: term.span }, &specs, &rest, diagnostics);
    let call = Call { name: "early_stopping".into(), args: bound.args };
    let monitor = monitor?;
    bound.ok.then(|| {
        Some(EarlyStopping { higher_is_better: higher_is_better(&monitor, of.heads), monitor, call })
    })
}

fn higher_is_better(monitor: &Monitor, heads: &[Head]) -> bool {
    let Monitor::Metric { head, metric } = monitor else { return false };
    let metrics = heads.iter().filter(|h| h.name == *head).flat_map(|h| &h.metrics);
    let call = metrics.into_iter().find(|m| m.name == *metric).map(|m| m.call.name.as_str());
    call.and_then(registry::find_metric).is_some_and(|m| m.higher_is_better())
}

fn monitor(term: &Term, of: &Of<'_>, diagnostics: &mut Diagnostics) -> Option<Monitor> {
    let found = match &term.kind {
        TermKind::Name(name) => monitor_by_name(name, of.heads),
        TermKind::Path(head, what) => monitor_by_path(head, what, of.heads),
        TermKind::Poisoned => return None,
        _ => None,
    };
    // A head with a mistake may be the one that is meant.
    if found.is_none() && of.is_whole {
        diagnostics.push(mistakes::train::unknown_monitor(term, &monitors(of.heads)));
    }
    found
}

fn monitor_by_name(name: &str, heads: &[Head]) -> Option<Monitor> {
    match name {
        "val_loss" => return Some(Monitor::ValidationLoss),
        "loss" => return Some(Monitor::TrainingLoss),
        _ => {}
    }
    let wants_first = name == "val_metric";
    let mut metrics = heads.iter().flat_map(|h| h.metrics.iter().map(move |m| (h, m)));
    let (head, metric) = metrics.find(|(_, m)| wants_first || m.name == name)?;
    Some(Monitor::Metric { head: head.name.clone(), metric: metric.name.clone() })
}

fn monitor_by_path(head: &Name, what: &Name, heads: &[Head]) -> Option<Monitor> {
    let head = heads.iter().find(|h| h.name == head.node)?;
    if what.node == "loss" {
        return Some(Monitor::HeadLoss { head: head.name.clone() });
    }
    let metric = head.metrics.iter().find(|m| m.name == what.node)?;
    Some(Monitor::Metric { head: head.name.clone(), metric: metric.name.clone() })
}

/// Everything that can be monitored, as it is written.
fn monitors(heads: &[Head]) -> Vec<String> {
    let mut all = vec!["val_loss".to_owned(), "loss".to_owned()];
    for head in heads {
        all.push(format!("{}.loss", head.name));
        all.extend(head.metrics.iter().map(|m| format!("{}.{}", head.name, m.name)));
    }
    all
}
