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

/// A rule.
struct Rule {
    /// What it demands, in a few words.
    demands: &'static str,
    check: fn(&Tree) -> Vec<Violation>,
}

const RULES: &[Rule] = &[
    Rule { demands: "crates use only what the table allows", check: edges::check },
    Rule {
        demands: "dependencies are shared, explained, pinned where they must be",
        check: manifests::check,
    },
    Rule { demands: "every .rs file opens with //!", check: headers::check },
    Rule { demands: "no .rs file is over 500 lines", check: lengths::check },
    Rule { demands: "`unsafe` stays in its places", check: unsafety::check },
    Rule { demands: "every item's file is registered", check: registries::check },
    Rule { demands: "no word that does not belong in a commit", check: words::check },
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
    if violations.is_empty() {
        return Ok(Outcome::Done);
    }
    say(&format!("tidy: {} violations; the rules:", violations.len()));
    for rule in RULES {
        say(&format!("  {}", rule.demands));
    }
    Ok(Outcome::Failed)
}

/// Every violation, by place.
fn violations(tree: &Tree) -> Vec<Violation> {
    let mut all: Vec<Violation> = RULES.iter().flat_map(|rule| (rule.check)(tree)).collect();
    all.sort();
    all
}
