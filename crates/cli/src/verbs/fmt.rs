//! `kiln fmt`: specs in their one layout.
//!
//! In: files, folders, `-`. Out: the files rewritten where they differ, whole or not at all; with
//! `--check` their names instead, and exit code 2. Comments and the way numbers are written stay.

use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::spec::{self, STDIN};
use anyhow::Result;
use kiln::diag::{Diagnostics, Sources};
use std::path::{Path, PathBuf};

/// Lay specs out in the one canonical way
///
/// Rewrites each file that is laid out otherwise. Nothing else changes: comments stay, and so does
/// the meaning. A file with syntax mistakes is left as it is.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Specs, folders of specs, or `-`: from standard input to standard output
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,

    /// Change nothing: name the files that are laid out otherwise, and end with exit code 2
    #[arg(long)]
    check: bool,
}

/// What became of one text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Canonical,
    Other,
    Mistaken,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let mut layouts = Vec::new();
    for path in paths(&arguments.paths)? {
        layouts.push(one(&path, arguments.check, console)?);
    }
    let others = layouts.iter().filter(|layout| **layout == Layout::Other).count();
    let wrong = layouts.contains(&Layout::Mistaken) || (arguments.check && others > 0);
    if arguments.check && others > 0 {
        let names = arguments.paths.join(" ");
        console.say(&format!("{others} of {} not formatted; write `kiln fmt {names}`", layouts.len()));
    }
    Ok(if wrong { Outcome::Wrong } else { Outcome::Done })
}

fn paths(arguments: &[String]) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for path in arguments {
        if path == STDIN || !Path::new(path).is_dir() {
            paths.push(path.clone());
            continue;
        }
        let files = spec::files_below(Path::new(path))?;
        if files.is_empty() {
            return Err(wrong(format!("there is no `.model` file in `{path}`")));
        }
        paths.extend(files.iter().map(|file| file.to_string_lossy().into_owned()));
    }
    Ok(paths)
}

fn one(path: &str, check: bool, console: &Console) -> Result<Layout> {
    let (name, text) = match spec::text(path)? {
        Ok(text) => text,
        Err(diagnostic) => {
            let mut diagnostics = Diagnostics::new();
            diagnostics.push(diagnostic);
            console.diagnostics(&diagnostics, &Sources::new());
            return Ok(Layout::Mistaken);
        }
    };
    let formatted = match kiln::dsl::format(&text) {
        Ok(formatted) => formatted,
        Err(diagnostics) => {
            let mut sources = Sources::new();
            sources.add(&name, &text);
            console.diagnostics(&diagnostics, &sources);
            return Ok(Layout::Mistaken);
        }
    };
    if path == STDIN && !check {
        console.print(&formatted)?;
        return Ok(Layout::Canonical);
    }
    if formatted == text {
        return Ok(Layout::Canonical);
    }
    if check {
        console.line(&format!("{name}:{}", first_difference(&text, &formatted)))?;
    } else {
        // A link's target is rewritten, not the link.
        let target = Path::new(path).canonicalize().unwrap_or_else(|_| PathBuf::from(path));
        kiln::record::atomic_write(target, formatted.as_bytes())?;
        console.say(&format!("formatted {name}"));
    }
    Ok(Layout::Other)
}

/// The first line that differs, from 1.
fn first_difference(text: &str, formatted: &str) -> usize {
    // With `lines` alone, a missing line end would be no difference.
    let same = text.split('\n').zip(formatted.split('\n')).take_while(|(a, b)| a == b);
    same.count() + 1
}
