//! `kiln check`: every mistake of specs, and nothing else.
//!
//! In: files, folders, `-`. Out: the messages on standard error and one line of result; or, with
//! `--format json`, all findings as one JSON array on standard output; with `--format sarif`, as one
//! SARIF log.
//!
//! In a folder, files that another one uses are checked as its parts: alone they need not be whole.

use crate::arguments::Changes;
use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::spec::{self, Checked};
use anyhow::{Context, Result};
use kiln::diag::{Severity, to_sarif};
use kiln::diag::json::{Finding, findings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Find the mistakes in specs
///
/// Reads each spec and all that it uses, and checks names, shapes, kinds and ranges: after this,
/// nothing about the spec can go wrong in training. Nothing is trained and no data is read.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Specs, folders of specs, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,

    #[command(flatten)]
    changes: Changes,

    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs: one array
    Json,
    /// For code hosts and editors: a SARIF 2.1.0 log
    Sarif,
}

/// What was found, over all specs.
#[derive(Default)]
struct Tally {
    specs: usize,
    runs: usize,
    errors: usize,
    warnings: usize,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let mut tally = Tally::default();
    let mut all: Vec<Finding> = Vec::new();
    for checked in specs(arguments)? {
        tally.add(&checked);
        match arguments.format {
            Format::Human => console.diagnostics(&checked.diagnostics, &checked.sources),
            Format::Json | Format::Sarif => all.extend(findings(&checked.diagnostics, &checked.sources)),
        }
    }
    match arguments.format {
        Format::Sarif => console.print(&to_sarif(&all, kiln::VERSION))?,
        Format::Json => console.line(&serde_json::to_string_pretty(&all)?)?,
        Format::Human if tally.errors == 0 => console.line(&tally.line())?,
        Format::Human => console.error(&tally.line()),
    }
    Ok(if tally.errors == 0 { Outcome::Done } else { Outcome::Wrong })
}

/// Every spec, checked, in the order of the arguments and of names.
fn specs(arguments: &Arguments) -> Result<Vec<Checked>> {
    let mut specs = Vec::new();
    for path in &arguments.paths {
        if Path::new(path).is_dir() {
            specs.extend(folder(Path::new(path), &arguments.changes)?);
        } else {
            specs.push(spec::check(path, &arguments.changes)?);
        }
    }
    Ok(specs)
}

fn folder(path: &Path, changes: &Changes) -> Result<Vec<Checked>> {
    let files = spec::files_below(path)?;
    if files.is_empty() {
        return Err(wrong(format!("there is no `.model` file in `{}`", path.display())));
    }
    let mut specs = Vec::new();
    let mut used = BTreeSet::new();
    for file in files {
        let checked = spec::check(&file.to_string_lossy(), changes)?;
        used.extend(checked.used.iter().filter_map(|used| same(Path::new(used))));
        specs.push((same(&file), checked));
    }
    specs.retain(|(file, _)| file.as_ref().is_none_or(|file| !used.contains(file)));
    Ok(specs.into_iter().map(|(_, checked)| checked).collect())
}

/// One name for a file, however it was written.
fn same(path: &Path) -> Option<PathBuf> {
    path.canonicalize().with_context(|| path.display().to_string()).ok()
}

impl Tally {
    fn add(&mut self, checked: &Checked) {
        let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        self.specs += 1;
        self.runs += checked.spec.as_ref().map_or(0, |spec| spec.runs.len());
        self.errors += errors;
        self.warnings += checked.diagnostics.len() - errors;
    }

    fn line(&self) -> String {
        let checked = format!("{} checked", count(self.specs, "spec"));
        let warnings = match self.warnings {
            0 => String::new(),
            n => format!(", {}", count(n, "warning")),
        };
        match self.errors {
            0 => format!("{checked}: {}, no mistakes{warnings}", count(self.runs, "run")),
            n => format!("{checked}: {}{warnings}", count(n, "mistake")),
        }
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
