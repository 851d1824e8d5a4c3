//! E0202, E0205 and E04xx: arguments and the items that they name.

use super::{Called, Guess, a, quoted};
use crate::check::term::{Term, TermKind};
use crate::registry;
use kiln_diag::{Code, Diagnostic, Span};
use kiln_dsl::ast::Name;
use kiln_library::{ArgKind, ArgSpec, Kind};

pub(crate) fn unknown<'a>(
    what: Called<'_>,
    name: &Name,
    names: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let names: Vec<&str> = names.into_iter().collect();
    let none = names.is_empty().then(|| format!("`{}` takes no arguments", what.text));
    let message = format!("`{}` has no argument `{}`", what.text, name.node);
    Diagnostic::error(Code::UnknownArgument, message)
        .primary(name.span, "unknown argument")
        .hint_opt(none)
        .guess(&name.node, name.span, names)
}

pub(crate) fn missing(what: Called<'_>, spec: &ArgSpec) -> Diagnostic {
    let message = format!("`{}` needs `{}`", what.text, spec.name);
    let example = if spec.positional {
        format!("{}(…)", what.text)
    } else {
        format!("{}({} = …)", what.text, spec.name)
    };
    let doc = if spec.doc.is_empty() { String::new() } else { format!(": {}", spec.doc) };
    Diagnostic::error(Code::MissingArgument, message)
        .primary(what.span, format!("`{}` is missing", spec.name))
        .hint(format!("write `{example}` with {}{doc}", expected(spec.kind)))
}

pub(crate) fn missing_param(what: Called<'_>, name: &Name) -> Diagnostic {
    Diagnostic::error(Code::MissingArgument, format!("`{}` needs `{}`", what.text, name.node))
        .primary(what.span, format!("`{}` is missing", name.node))
        .secondary(name.span, "this parameter has no default")
        .hint(format!("write `{}({} = …)`, or give the parameter a default", what.text, name.node))
}

pub(crate) fn duplicate(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateArgument, format!("`{name}` is given twice"))
        .primary(span, "again here")
        .secondary(first, "first given here")
        .hint("leave one of them out")
}

pub(crate) fn too_many(what: Called<'_>, term: &Term, specs: &[ArgSpec]) -> Diagnostic {
    let positional: Vec<&str> = specs.iter().filter(|s| s.positional).map(|s| s.name).collect();
    let named: Vec<&str> = specs.iter().filter(|s| !s.positional).map(|s| s.name).collect();
    let takes = match (positional.is_empty(), named.is_empty()) {
        (true, true) => format!("`{}` takes no arguments", what.text),
        (true, false) => format!("arguments of `{}` are given by name: {}", what.text, quoted(&named)),
        (false, _) => format!("without names, `{}` takes only {}", what.text, quoted(&positional)),
    };
    Diagnostic::error(Code::TooManyArguments, format!("too many arguments for `{}`", what.text))
        .primary(term.span, "no argument is left for this")
        .hint(takes)
}

pub(crate) fn too_many_params(what: Called<'_>, span: Span, params: usize) -> Diagnostic {
    Diagnostic::error(Code::TooManyArguments, format!("too many arguments for `{}`", what.text))
        .primary(span, "no parameter is left for this")
        .hint(format!("`{}` has {params} parameter{}", what.text, if params == 1 { "" } else { "s" }))
}

pub(crate) fn wrong_kind(what: Called<'_>, spec: &ArgSpec, term: &Term) -> Diagnostic {
    let message =
        format!("`{}` of `{}` is {}, found {}", spec.name, what.text, expected(spec.kind), term.describe());
    let d = Diagnostic::error(Code::WrongKind, message)
        .primary(term.span, format!("expected {}", expected(spec.kind)));
    match (&term.kind, spec.kind) {
        (TermKind::Text(t), ArgKind::Item(_) | ArgKind::Word(_)) => unquoted(d, t, term.span),
        (TermKind::Text(t), ArgKind::Float | ArgKind::Int) if t.trim().parse::<f64>().is_ok() => {
            unquoted(d, t, term.span)
        }
        (TermKind::Number { value, .. }, ArgKind::Int) => {
            d.hint(format!("perhaps {}", value.round())).suggest(term.span, value.round().to_string())
        }
        (TermKind::Name(n), ArgKind::Bool) => super::as_truth(d, n, term.span),
        (TermKind::Name(n), _) => match registry::kind_of(n) {
            Some(kind) => d.hint(format!("`{n}` is {}", a(registry::noun(kind)))),
            None => d.hint(format!("`{n}` is no parameter of this block or model")),
        },
        _ => d,
    }
}

pub(crate) fn not_a_number(term: &Term) -> Diagnostic {
    Diagnostic::error(Code::WrongKind, format!("expected a number, found {}", term.describe()))
        .primary(term.span, "expected a number")
}

pub(crate) fn not_finite(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadArithmetic, "this has no finite result")
        .primary(span, "divided by zero, or too large")
}

pub(crate) fn out_of_range(spec: &ArgSpec, value: f64, span: Span) -> Diagnostic {
    Diagnostic::error(Code::OutOfRange, format!("`{}` is {}, found {value}", spec.name, range(spec)))
        .primary(span, format!("expected {}", range(spec)))
        .hint_opt((!spec.doc.is_empty()).then(|| format!("`{}`: {}", spec.name, spec.doc)))
}

pub(crate) fn unknown_word(spec: &ArgSpec, name: &str, span: Span, words: &[&'static str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownWord, format!("`{}` cannot be `{name}`", spec.name))
        .primary(span, format!("expected one of {}", words.join(", ")))
        .guess(name, span, words.iter().copied())
}

pub(crate) fn item_expected(term: &Term, kind: Kind) -> Diagnostic {
    let noun = registry::noun(kind);
    let d = Diagnostic::error(Code::WrongKind, format!("expected {}, found {}", a(noun), term.describe()))
        .primary(term.span, format!("expected {}", a(noun)));
    match &term.kind {
        TermKind::Text(t) => unquoted(d, t, term.span),
        _ => d,
    }
}

/// What stands in quotes and should not.
pub(super) fn unquoted(d: Diagnostic, text: &str, span: Span) -> Diagnostic {
    let text = text.trim();
    let d = d.hint(format!("write it without quotes: `{text}`"));
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-+".contains(c));
    if is_word { d.suggest(span, text) } else { d }
}

pub(crate) fn unknown_item(name: &str, span: Span, kind: Kind) -> Diagnostic {
    let noun = registry::noun(kind);
    if let Some(other) = registry::kind_of(name) {
        let is = a(registry::noun(other));
        return Diagnostic::error(Code::WrongItem, format!("`{name}` is {is}, not {}", a(noun)))
            .primary(span, format!("expected {}", a(noun)))
            .guess(name, span, registry::names(kind));
    }
    Diagnostic::error(Code::UnknownItem, format!("there is no {noun} `{name}`"))
        .primary(span, format!("unknown {noun}"))
        .guess(name, span, registry::names(kind))
}

/// What an argument takes, in the user's words.
fn expected(kind: ArgKind) -> String {
    match kind {
        ArgKind::Float => "a number".into(),
        ArgKind::Int => "a whole number".into(),
        ArgKind::Bool => "`true` or `false`".into(),
        ArgKind::Word(words) => format!("one of {}", words.join(", ")),
        ArgKind::Item(kind) => a(registry::noun(kind)),
        ArgKind::List => "a list of numbers".into(),
        ArgKind::Tie => "a layer, as it is or with `.T`".into(),
    }
}

fn range(spec: &ArgSpec) -> String {
    let low = spec.min.map(|(m, itself)| if itself { format!("at least {m}") } else { format!("above {m}") });
    let high = spec.max.map(|(m, itself)| if itself { format!("at most {m}") } else { format!("below {m}") });
    match (low, high) {
        (Some(low), Some(high)) => format!("{low} and {high}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "any number".into(),
    }
}
