//! `kiln explain`: what a code means, or what an item of the library takes.
//!
//! In: `E0312`, `dense`, or nothing. Out: the rule's page; the item's page, as the reference
//! has it (`kiln::library::page`); a list of both.

use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use anyhow::Result;
use kiln::diag::{Code, suggest};
use kiln::library::page::page;
use kiln::library::registry::{self, KINDS};

/// Explain a code of a message, or an item of the library
///
/// `kiln explain E0302` shows the rule's page: what is wrong, why, and how to mend it.
/// `kiln explain dense` shows an item: formula, arguments with ranges and defaults, shapes, an example.
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
        KINDS.iter().filter_map(|kind| registry::find(*kind, name).map(|item| page(*kind, item).plain())).collect();
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
        text.push_str(&format!("\n{}\n", kind.title()));
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
