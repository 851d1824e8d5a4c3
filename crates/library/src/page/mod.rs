//! Pages: what an item is and takes, in words, from its own file and its arguments.
//!
//! In: a kind and an item. Out: a [`Page`], as Markdown for the reference ([`Page::markdown`]) and as
//! plain text for a terminal ([`Page::plain`]); and the files of the whole reference
//! ([`reference::files`]).
//!
//! The one idea: nothing is said twice. The header of an item's file is its page (`header` reads
//! it, [`Item::file`] gives it); ranges and defaults are those that the arguments are checked by
//! ([`takes`]).
//!
//! Not here: pages of messages (crate `diag`).

// In reading order; blank lines keep the formatter from sorting.
mod header;

mod arguments;

mod markdown;

mod plain;

pub mod reference;

use crate::args::ArgSpec;
use crate::item::{Item, Kind, TargetKind};
use crate::registry;

pub use arguments::takes;

/// What an item is and takes, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What it is.
    pub kind: Kind,
    /// As a spec names it.
    pub name: &'static str,
    /// A sentence, with the paper where there is one.
    pub title: String,
    /// The formula, as lines of text.
    pub formula: String,
    /// Paper or framework, and in what it differs.
    pub source: String,
    /// What flows in and out, and what is learned; empty for schedules, which give one number a step.
    pub shapes: String,
    /// What else there is to know, a paragraph each.
    pub notes: Vec<String>,
    /// What goes wrong in the obvious form, and is avoided; may be empty.
    pub trap: String,
    /// Lines of a spec: statements of a model, or keys of `train` (see [`reference::frame`]).
    pub example: String,
    /// What its trait says of it, a sentence each.
    pub facts: Vec<String>,
    /// Its arguments; positional ones first.
    pub args: &'static [ArgSpec],
}

/// The page of an item.
pub fn page(kind: Kind, item: &'static dyn Item) -> Page {
    let mut page = Page {
        kind,
        name: item.name(),
        title: String::new(),
        formula: String::new(),
        source: String::new(),
        shapes: String::new(),
        notes: Vec::new(),
        trap: String::new(),
        example: String::new(),
        facts: facts(kind, item.name()),
        args: item.args(),
    };
    header::read(item.file(), &mut page);
    page
}

fn facts(kind: Kind, name: &str) -> Vec<String> {
    let compared = |target: TargetKind| match target {
        TargetKind::Class => "a target of class labels: the head has one column a class".to_owned(),
        TargetKind::Values => "a target of numbers, as many as the head has, or an input".to_owned(),
    };
    match kind {
        Kind::Layer => {
            let layer = registry::find_layer(name);
            layer.map(|l| format!("`{}` in the model's table.", l.keras_name())).into_iter().collect()
        }
        Kind::Loss => {
            let loss = registry::find_loss(name);
            loss.map(|l| format!("Compares with {}.", compared(l.target()))).into_iter().collect()
        }
        Kind::Metric => registry::find_metric(name).map_or_else(Vec::new, |m| {
            let better = if m.higher_is_better() { "Larger is better." } else { "Smaller is better." };
            vec![format!("Compares with {}.", compared(m.target())), better.to_owned()]
        }),
        Kind::Activation | Kind::Optimizer | Kind::Schedule | Kind::Initializer => Vec::new(),
    }
}
