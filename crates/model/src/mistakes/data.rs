//! E06xx: data sets, their classes, splits and fields.

use super::{Called, Guess, did_you_mean, extents};
use crate::check::term::{Term, TermKind};
use kiln_diag::{Code, Diagnostic, Span, suggest};
use kiln_dsl::ast::Name;

pub(crate) fn unknown_source(key: &str, name: &str, span: Span, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownSource, format!("there is no {key} `{name}`"))
        .primary(span, format!("unknown {key}"))
        .guess(name, span, known.iter().copied())
}

pub(crate) fn unnamed(what: Called<'_>, span: Span, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::TooManyArguments, format!("arguments of `{}` are given by name", what.text))
        .primary(span, "write its name before it")
        .hint(if known.is_empty() { "it takes none".into() } else { super::there_is(known) })
}

pub(crate) fn missing(what: Called<'_>, name: &str) -> Diagnostic {
    let example = match name {
        "classes" => "classes = \"P\"..\"Z\"",
        "pixels" => "pixels = \"1\"..\"784\"",
        "files" => "files = [\"letters/a.parquet\"]",
        _ => return missing_file(what, name),
    };
    Diagnostic::error(Code::MissingArgument, format!("`{}` needs `{name}`", what.text))
        .primary(what.span, format!("`{name}` is missing"))
        .hint(format!("write `{example}`"))
}

fn missing_file(what: Called<'_>, name: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingArgument, format!("`{}` needs `{name}`", what.text))
        .primary(what.span, format!("`{name}` is missing"))
        .hint(format!("write `{name} = \"…\"`, a path in the data folder (`--data-dir`)"))
}

pub(crate) fn bad_classes(term: &Term, wants: &str) -> Diagnostic {
    let d = Diagnostic::error(Code::BadClasses, format!("expected {wants}"))
        .primary(term.span, format!("found {}", term.describe()));
    let TermKind::Range(first, last) = &term.kind else { return d };
    match (&first.kind, &last.kind) {
        (TermKind::Text(a), TermKind::Text(b)) if a > b => {
            let turned = format!("\"{b}\"..\"{a}\"");
            d.hint(format!("write `{turned}`")).suggest(term.span, turned)
        }
        _ => d,
    }
}

pub(crate) fn names_count(span: Span, names: usize, classes: usize) -> Diagnostic {
    Diagnostic::error(Code::BadClasses, format!("{names} names for {classes} classes"))
        .primary(span, format!("{names} names"))
        .hint("write one name for each class, in the same order")
}

pub(crate) fn split_sum(span: Span, train: f64, test: f64) -> Diagnostic {
    let percent = |x: f64| format!("{}%", (x * 1e4).round() / 1e2);
    Diagnostic::error(Code::BadSplit, format!("the parts add up to {}", percent(train + test)))
        .primary(span, format!("{} for training, {} for testing", percent(train), percent(test)))
        .hint("together they are at most 100%")
}

pub(crate) fn no_test_files(span: Span) -> Diagnostic {
    Diagnostic::error(Code::NoTestFiles, "`given` needs test files, and the source has none")
        .primary(span, "divided by whom?")
        .hint("give the source its test files, or write `split = stratified(train = 80%, test = 20%)`")
}

pub(crate) fn bad_field(key: &Name, term: &Term, keys: &[&str]) -> Diagnostic {
    // A misspelt key looks like a field.
    if let Some(near) = suggest(&key.node, keys.iter().copied()) {
        return Diagnostic::error(Code::UnknownKey, format!("`data` has no key `{}`", key.node))
            .primary(key.span, "unknown key")
            .hint(format!("did you mean `{near}`?"))
            .suggest(key.span, near);
    }
    let message = format!("the field `{}` is made from `pixels` or `class`", key.node);
    let d = Diagnostic::error(Code::BadField, message)
        .primary(term.span, "expected `pixels`, scaled and shifted by numbers, or `class`");
    let near = match &term.kind {
        TermKind::Name(name) | TermKind::Linear { of: name, .. } => suggest(name, ["pixels", "class"]),
        _ => None,
    };
    match (near, &term.kind) {
        (Some(near), TermKind::Name(_)) => d.hint(format!("did you mean `{near}`?")).suggest(term.span, near),
        (Some(near), _) => d.hint(format!("did you mean `{near}`?")),
        (None, _) => d.hint("write `image = pixels / 255`, `label = class`"),
    }
}

pub(crate) fn no_labels(key: &Name, span: Span, missing: &str) -> Diagnostic {
    let message = format!("`{}` cannot be the class: the source has no labels", key.node);
    Diagnostic::error(Code::BadField, message)
        .primary(span, "the class of what?")
        .hint(format!("give the source its `{missing}`, or leave `{}` out", key.node))
}

pub(crate) fn missing_field(span: Span, name: &str, data: &Name, fields: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::MissingField, format!("the data set `{}` has no field `{name}`", data.node))
        .primary(span, "read by the model")
        .secondary(data.span, "the data set")
        .hint(
            did_you_mean(name, fields.iter().copied())
                .unwrap_or_else(|| format!("add `{name} = pixels / 255` to it")),
        )
}

pub(crate) fn pixel_count(span: Span, name: &str, dims: &[u32], data: &Name, pixels: u64) -> Diagnostic {
    let side = (pixels as f64).sqrt() as u64;
    let hint = if side * side == pixels && side > 1 {
        format!("write `[{pixels}]`, or `[{side}, {side}]` for an image")
    } else {
        format!("write `[{pixels}]`")
    };
    let message = format!("`{name}` is declared as {}, but its field has {pixels} pixels", extents(dims));
    Diagnostic::error(Code::FieldShape, message)
        .primary(span, format!("declared as {}", extents(dims)))
        .secondary(data.span, format!("gives {pixels} pixels"))
        .hint(hint)
}

pub(crate) fn class_count(span: Span, name: &str, declared: u32, data: &Name, classes: usize) -> Diagnostic {
    let message = format!("`{name}` is declared with {declared} classes, but its field has {classes}");
    Diagnostic::error(Code::FieldShape, message)
        .primary(span, format!("declared with {declared} classes"))
        .secondary(data.span, format!("gives {classes} classes"))
        .hint(format!("write `class({classes})`"))
}

pub(crate) fn field_kind(span: Span, name: &str, is_class: bool, data: &Name) -> Diagnostic {
    let (field, declared, hint) = if is_class {
        ("a class label", "numbers", format!("declare it with `target {name}: class(n)`"))
    } else {
        ("pixels", "a class label", format!("write `{name} = class` in the data set"))
    };
    Diagnostic::error(Code::FieldKind, format!("`{name}` is read as {declared}, but its field is {field}"))
        .primary(span, format!("read as {declared}"))
        .secondary(data.span, format!("gives {field}"))
        .hint(hint)
}

pub(crate) fn not_linear(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadField, "a field is `pixels` scaled and shifted by numbers")
        .primary(span, "not a scaled and shifted value")
        .hint("write `image = pixels / 255`")
}
