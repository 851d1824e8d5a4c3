//! Mistakes that only follow from what could not be read: they are not said.
//!
//! In: every mistake found. Out: those without the ones that a broken line, or a file that is
//! missing, has caused: a name that the broken line holds and nothing else defines, a loss or a key
//! that a section lacks where one of its lines is broken.
//!
//! Not here: unknown values, which are passed over where they arise (a poisoned term, unknown
//! extents).

use crate::load::{Items, Loaded};
use kiln_diag::{Code, Diagnostic, Diagnostics, Sources, Span};
use kiln_dsl::ast;
use std::collections::BTreeSet;

/// Drops what follows from the lines and files that could not be read.
pub(super) fn prune(loaded: &Loaded, diagnostics: &mut Diagnostics) {
    let items = &loaded.items;
    if items.broken.is_empty() {
        return;
    }
    let words: BTreeSet<&str> =
        items.broken.iter().flat_map(|span| words(loaded.sources.snippet(*span))).collect();
    diagnostics.retain(|d| !follows(d, items, &loaded.sources, &words));
}

fn follows(d: &Diagnostic, items: &Items, sources: &Sources, broken: &BTreeSet<&str>) -> bool {
    let Some(place) = d.place() else { return false };
    match d.code {
        Code::UnknownLayer | Code::UnknownModel | Code::UnknownData if items.incomplete => true,
        Code::UnknownName
        | Code::UnknownLayer
        | Code::UnknownModel
        | Code::UnknownData
        | Code::HeadWithoutLoss => words(sources.snippet(place)).any(|word| broken.contains(word)),
        Code::NoModel | Code::NoData | Code::NoTrain => items.incomplete || is_broken_outside(items),
        Code::NoLoss | Code::MissingKey | Code::MissingField => {
            // A field is missed where the model reads it; the broken line is that of the data set.
            d.labels.iter().any(|label| is_broken_around(items, label.span))
        }
        _ => false,
    }
}

/// The names in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(move |c| !is_part(c)).filter(|word| !word.is_empty())
}

/// True where a line at the top of a file is broken.
fn is_broken_outside(items: &Items) -> bool {
    items.broken.iter().any(|b| !spans(items).any(|item| contains(item, *b)))
}

/// True where a line of the item that holds `place` is broken.
fn is_broken_around(items: &Items, place: Span) -> bool {
    let item = spans(items).find(|item| contains(*item, place));
    item.is_some_and(|item| is_broken_in(items, item))
}

/// True where a line of an item is broken.
pub(super) fn is_broken_in(items: &Items, item: Span) -> bool {
    items.broken.iter().any(|b| contains(item, *b))
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// Places of the items that have lines.
fn spans(items: &Items) -> impl Iterator<Item = Span> {
    let sections = items.train.iter().map(|t| t.span).chain(items.report.iter().map(|r| r.span));
    let data = items.data.iter().map(|d: &ast::Data| d.span);
    sections.chain(data).chain(items.models.iter().map(|m| m.span))
}
