//! Tidy: the rules of this workspace that no compiler knows.
//!
//! In: the files that git knows or would add. Out: every violation as `file:line: message`.
//!
//! One rule a file, each a function from the [`Tree`] to its [`Violation`]s, registered in [`RULES`].
//! Rules read text only: they must work while the workspace does not compile.

mod edges;
mod headers;
mod lengths;
mod manifests;
mod registries;
mod tree;
mod unsafety;
mod words;

use crate::{Outcome, cargo, say, usage};
use anyhow::Result;
use std::ffi::OsString;
use tree::Tree;

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the workspace, with `/`.
    path: String,
    /// From 1.
    line: usize,
    message: String,
}

impl Violation {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Violation {
        Violation { path: path.to_owned(), line, message: message.into() }
    }
}

/// A rule: what it finds.
type Rule = fn(&Tree) -> Vec<Violation>;

const RULES: &[Rule] = &[
    edges::check,
    manifests::check,
    headers::check,
    lengths::check,
    unsafety::check,
    registries::check,
    words::check,
];

/// Checks every rule on the workspace.
///
/// # Errors
/// Where git cannot list the files.
pub(crate) fn run(args: &[OsString]) -> Result<Outcome> {
    if !args.is_empty() {
        return usage("`tidy` takes no arguments");
    }
    let tree = Tree::of_workspace(&cargo::root())?;
    let violations = violations(&tree);
    for v in &violations {
        say(&format!("{}:{}: {}", v.path, v.line, v.message));
    }
    let (rules, files, found) = (RULES.len(), tree.files.len(), violations.len());
    if found == 0 {
        say(&format!("tidy: {rules} rules hold in {files} files"));
        return Ok(Outcome::Done);
    }
    say(&format!("tidy: {found} violations in {files} files"));
    Ok(Outcome::Failed)
}

/// Every violation, by place.
fn violations(tree: &Tree) -> Vec<Violation> {
    let mut all: Vec<Violation> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    all.sort();
    all
}
