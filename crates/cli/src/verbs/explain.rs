//! `kiln explain`: what a code means, or what an item of the library takes.
//!
//! In: `E0312`, `dense`, or nothing. Out: the rule's page; the item's arguments with ranges and
//! defaults; a list of both.

use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use anyhow::Result;
use kiln::diag::{Code, suggest};
use kiln::library::registry::{self, KINDS};
use kiln::library::{ArgKind, ArgSpec, Item, Kind};
use std::fmt::Write;

/// Explain a code of a message, or an item of the library
///
/// `kiln explain E0302` shows the rule's page: what is wrong, why, and how to mend it.
/// `kiln explain dense` shows an item's arguments with their ranges and defaults.
/// Without a name: all of them, one line each.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// A code (E0302) or an item (dense, adam, cross_entropy)
    name: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let Some(name) = &arguments.name else {
        console.print(&everything())?;
        return Ok(Outcome::Done);
    };
    if let Some(code) = Code::parse(name) {
        console.print(code.page())?;
        return Ok(Outcome::Done);
    }
    // A name may stand for several things: `mse` is a loss and a metric.
    let pages: Vec<String> =
        KINDS.iter().filter_map(|kind| registry::find(*kind, name).map(|item| page(*kind, item))).collect();
    if pages.is_empty() {
        return Err(unknown(name));
    }
    console.print(&pages.join("\n"))?;
    Ok(Outcome::Done)
}

fn unknown(name: &str) -> anyhow::Error {
    let items = KINDS.iter().flat_map(|kind| registry::names(*kind));
    let known = Code::ALL.iter().map(|code| code.as_str()).chain(items);
    // Codes differ by a digit from many others: a near one is no better guess than the list.
    let is_code = name.len() == 5 && name[1..].bytes().all(|b| b.is_ascii_digit());
    let near = if is_code { None } else { suggest(name, known) };
    let hint = match near {
        Some(near) => format!("did you mean `kiln explain {near}`?"),
        None => "`kiln explain` lists them all".to_owned(),
    };
    wrong(format!("there is no code and no item `{name}`\n{hint}"))
}

/// One line each.
fn everything() -> String {
    let mut text = String::from("Codes\n");
    for code in Code::ALL {
        let title = code.page().lines().next().unwrap_or_default();
        let title = title.split_once(": ").map_or(title, |(_, title)| title);
        line(&mut text, code.as_str(), title);
    }
    for kind in KINDS {
        text.push_str(&format!("\n{}\n", heading(kind)));
        for item in registry::items(kind) {
            line(&mut text, item.name(), item.summary());
        }
    }
    text
}

fn line(text: &mut String, name: &str, title: &str) {
    text.push_str(format!("  {name:<22}  {title}").trim_end());
    text.push('\n');
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Layer => "Layers",
        Kind::Activation => "Activations",
        Kind::Loss => "Losses",
        Kind::Optimizer => "Optimizers",
        Kind::Schedule => "Schedules",
        Kind::Initializer => "Initializers",
        Kind::Metric => "Metrics",
    }
}

/// What an item is and takes.
fn page(kind: Kind, item: &dyn Item) -> String {
    let mut text = format!("{} (one of the {}): {}\n", item.name(), heading(kind).to_lowercase(), item.summary());
    for spec in item.args() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {}", spec.name);
        let _ = match spec.default {
            Some(default) => write!(text, " = {default}"),
            None => write!(text, "{}", if spec.optional { "  (optional)" } else { "  (required)" }),
        };
        let _ = write!(text, "\n      {} {}\n", spec.doc, takes(spec));
    }
    text
}

/// What an argument takes, in words.
fn takes(spec: &ArgSpec) -> String {
    let what = match spec.kind {
        ArgKind::Float => "A number".to_owned(),
        ArgKind::Int => "A whole number".to_owned(),
        ArgKind::Bool => "`true` or `false`".to_owned(),
        ArgKind::Word(words) => format!("One of {}", words.join(", ")),
        ArgKind::Item(kind) => format!("One of the {}", heading(kind).to_lowercase()),
        ArgKind::List => "A list of numbers".to_owned(),
        ArgKind::Tie => "A layer of the model".to_owned(),
    };
    let above = spec.min.map(|(min, itself)| format!("{} {min}", if itself { "≥" } else { ">" }));
    let below = spec.max.map(|(max, itself)| format!("{} {max}", if itself { "≤" } else { "<" }));
    let range: Vec<String> = above.into_iter().chain(below).collect();
    if range.is_empty() { format!("{what}.") } else { format!("{what}, {}.", range.join(" and ")) }
}
