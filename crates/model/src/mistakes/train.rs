//! E06xx: sections, keys, sweeps, overrides.

use super::Guess;
use super::arguments::unquoted;
use crate::check::term::{Term, TermKind};
use kiln_diag::{Code, Diagnostic, Span};
use kiln_dsl::ast::Name;

pub(crate) fn unknown_key(what: &str, key: &Name, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownKey, format!("`{what}` has no key `{}`", key.node))
        .primary(key.span, "unknown key")
        .guess(&key.node, key.span, known.iter().copied())
}

pub(crate) fn duplicate_key(key: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("`{}` is given twice", key.node))
        .primary(key.span, "again here")
        .secondary(first, "first given here")
        .hint("leave one of them out")
}

pub(crate) fn missing_key(what: &str, key: &str, span: Span) -> Diagnostic {
    let example = match key {
        "optimizer" => "optimizer = adam(rate = 1e-3)",
        "epochs" => "epochs = 20",
        "source" => "source = glyphs(classes = \"P\"..\"Z\")",
        "split" => "split = stratified(train = 80%, test = 20%, seed = 1)",
        _ => key,
    };
    Diagnostic::error(Code::MissingKey, format!("`{what}` needs `{key}`"))
        .primary(span, format!("`{key}` is missing"))
        .hint(format!("write `{example}`"))
}

pub(crate) fn bad_value(key: &str, term: &Term, wants: &str) -> Diagnostic {
    let d = Diagnostic::error(Code::BadValue, format!("`{key}` is {wants}, found {}", term.describe()))
        .primary(term.span, format!("expected {wants}"));
    match &term.kind {
        TermKind::Text(t) if !wants.contains("text") && !wants.contains("file") => unquoted(d, t, term.span),
        TermKind::Name(n) if wants.contains("`true`") => super::as_truth(d, n, term.span),
        _ => d,
    }
}

pub(crate) fn duplicate_section(what: &str, span: Span, first: Span) -> Diagnostic {
    // The word alone: underlining whole sections would hide where they begin.
    let word = |s: Span| Span { end: s.end.min(s.start + what.len() as u32), ..s };
    Diagnostic::error(Code::DuplicateSection, format!("`{what}` stands twice in this file"))
        .primary(word(span), "again here")
        .secondary(word(first), "first here")
        .hint("write both into one")
}

pub(crate) fn no_train(span: Span) -> Diagnostic {
    Diagnostic::error(Code::NoTrain, "there is nothing to train by")
        .primary(span, "no `train` here or in the files that it uses")
        .hint("write `train { optimizer = adam()  epochs = 10 }`")
}

pub(crate) fn sweep_not_here(span: Span) -> Diagnostic {
    Diagnostic::error(Code::SweepNotHere, "this cannot be swept")
        .primary(span, "stands for one value in every run")
        .hint("sweep a value of `train`, of `data`, or an argument of a layer")
}

pub(crate) fn sweep_empty(span: Span) -> Diagnostic {
    Diagnostic::error(Code::SweepEmpty, "a sweep over nothing")
        .primary(span, "no values")
        .hint("write the values: `sweep [32, 64]`")
}

pub(crate) fn nested_sweep(inner: Span, outer: Span) -> Diagnostic {
    Diagnostic::error(Code::NestedSweep, "a sweep within a sweep")
        .primary(inner, "within another")
        .secondary(outer, "which is this one")
        .hint("write all the values into one list")
}

pub(crate) fn too_many_runs(span: Span, max: usize) -> Diagnostic {
    Diagnostic::error(Code::TooManyRuns, format!("the sweeps multiply to more than {max} runs"))
        .primary(span, "too many with this one")
        .hint("sweep fewer values, or write several specs")
}

pub(crate) fn rate_and_schedule(rate: Span, schedule: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(Code::DuplicateKey, "`rate` and `schedule` say the same thing")
        .primary(rate, "again here")
        .hint("leave one of them out");
    match schedule {
        Some(span) => d.secondary(span, "first given here"),
        None => d,
    }
}

pub(crate) fn rate_number(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadValue, "`rate` of `train` is a schedule")
        .primary(span, "expected a schedule")
        .hint("a constant rate is an argument of the optimizer: `adam(rate = 1e-3)`")
}

pub(crate) fn unknown_monitor(term: &Term, monitors: &[String]) -> Diagnostic {
    let written = match &term.kind {
        TermKind::Name(name) => name.clone(),
        TermKind::Path(a, b) => format!("{}.{}", a.node, b.node),
        _ => String::new(),
    };
    Diagnostic::error(Code::UnknownMonitor, format!("nothing to monitor is called `{written}`"))
        .primary(term.span, "unknown loss or metric")
        .guess(&written, term.span, monitors.iter().map(String::as_str))
}

pub(crate) fn bad_override(span: Span, why: &str, hint: Option<String>) -> Diagnostic {
    Diagnostic::error(Code::BadOverride, why.to_owned()).primary(span, "in this `--set`").hint_opt(hint)
}
