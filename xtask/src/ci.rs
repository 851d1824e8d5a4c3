//! `ci`: every check of the workspace, cheapest first, and `test`.
//!
//! In: nothing, or the steps to run. Out: one line a step with its seconds, what the steps themselves
//! print, and one summary at the end. A step that fails does not stop the next ones: one run tells all.
//!
//! Nothing here reads standard input or needs a terminal or the network (but for cargo's crates).

mod reference;
mod specs;

pub(crate) use reference::docs;

use crate::{Outcome, cargo, product, say, tidy, usage};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A check.
struct Step {
    name: &'static str,
    /// Left out by `--fast`.
    slow: bool,
    run: fn() -> Result<Outcome>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", slow: false, run: fmt },
    Step { name: "tidy", slow: false, run: || tidy::run(&[]) },
    Step { name: "clippy", slow: false, run: clippy },
    Step { name: "doc", slow: true, run: doc },
    Step { name: "test", slow: false, run: || test(&[]) },
    Step { name: "docs", slow: true, run: || docs(&["--check".into()]) },
    Step { name: "specs", slow: true, run: specs::check },
    Step { name: "examples", slow: true, run: specs::examples },
];

fn fmt() -> Result<Outcome> {
    status(&mut cargo::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<Outcome> {
    status(&mut cargo::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn doc() -> Result<Outcome> {
    status(cargo::cargo(&["doc", "--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// All tests; `--bless` lets them rewrite their golden files, the rest goes to `cargo test`.
///
/// # Errors
/// Where cargo cannot be started.
pub(crate) fn test(args: &[OsString]) -> Result<Outcome> {
    let mut command = cargo::cargo(&["test", "--workspace", "--no-fail-fast"]);
    let (bless, rest): (Vec<_>, Vec<_>) = args.iter().partition(|arg| *arg == "--bless");
    command.args(rest);
    if !bless.is_empty() {
        command.env("KILN_BLESS", "1");
    }
    status(&mut command)
}

/// Runs the checks that the arguments name; all of them by default.
///
/// # Errors
/// Never by a failing step: that is an outcome.
pub(crate) fn run(args: &[OsString]) -> Result<Outcome> {
    let steps = match chosen(args) {
        Ok(steps) => steps,
        Err(why) => return usage(&why),
    };
    let begun = Instant::now();
    let mut results = Vec::new();
    for step in steps {
        say(&format!("── {} ──", step.name));
        let begun = Instant::now();
        let passed = match (step.run)() {
            Ok(outcome) => outcome == Outcome::Done,
            Err(error) => {
                say(&format!("error: {error:#}"));
                false
            }
        };
        let result = StepResult { name: step.name, passed, took: begun.elapsed() };
        say(&result.line());
        results.push(result);
    }
    say(&summary(&results, begun.elapsed()));
    Ok(if results.iter().all(|result| result.passed) { Outcome::Done } else { Outcome::Failed })
}

/// How a step ended.
struct StepResult {
    name: &'static str,
    passed: bool,
    took: Duration,
}

impl StepResult {
    fn line(&self) -> String {
        let verdict = if self.passed { "ok" } else { "FAILED" };
        format!("{:<9} {verdict:<7} {:6.1} s", self.name, self.took.as_secs_f64())
    }
}

/// The steps that the arguments name, in the order of [`STEPS`].
fn chosen(args: &[OsString]) -> Result<Vec<&'static Step>, String> {
    let (mut fast, mut names) = (false, Vec::new());
    for arg in args {
        match arg.to_str() {
            Some("--fast") => fast = true,
            Some(name) if STEPS.iter().any(|step| step.name == name) => names.push(name),
            _ => {
                let all: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                return Err(format!("`ci` has no step {}; it has {}", arg.display(), all.join(" ")));
            }
        }
    }
    let named =
        |step: &&Step| if names.is_empty() { !(fast && step.slow) } else { names.contains(&step.name) };
    Ok(STEPS.iter().filter(named).collect())
}

/// The closing lines.
fn summary(results: &[StepResult], took: Duration) -> String {
    let mut text = String::from("── summary ──\n");
    for result in results {
        text.push_str(&result.line());
        text.push('\n');
    }
    let failed: Vec<&str> =
        results.iter().filter(|result| !result.passed).map(|result| result.name).collect();
    let (all, seconds) = (results.len(), took.as_secs_f64());
    text.push_str(&if failed.is_empty() {
        format!("ci: passed, {all} steps in {seconds:.0} s")
    } else {
        format!("ci: FAILED at {} ({} of {all} steps) after {seconds:.0} s", failed.join(", "), failed.len())
    });
    text
}

/// Runs a program that may print but not read, and tells whether it succeeded.
fn status(command: &mut Command) -> Result<Outcome> {
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {}", command.get_program().display()))?;
    Ok(product::outcome(status.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(args: &[&str]) -> Result<Vec<&'static str>, String> {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        Ok(chosen(&args)?.into_iter().map(|step| step.name).collect())
    }

    #[test]
    fn steps_are_chosen_in_their_own_order() {
        assert_eq!(names(&[]), Ok(vec!["fmt", "tidy", "clippy", "doc", "test", "docs", "specs", "examples"]));
        assert_eq!(names(&["--fast"]), Ok(vec!["fmt", "tidy", "clippy", "test"]));
        assert_eq!(names(&["doc", "fmt"]), Ok(vec!["fmt", "doc"]));
        assert!(names(&["--quick"]).is_err_and(|why| why.contains("--quick")));
    }

    #[test]
    fn the_summary_names_what_failed() {
        let result = |name, passed| StepResult { name, passed, took: Duration::from_millis(1250) };
        let text = summary(&[result("fmt", true), result("test", false)], Duration::from_secs(3));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "fmt       ok         1.2 s");
        assert_eq!(lines[3], "ci: FAILED at test (1 of 2 steps) after 3 s");
        let text = summary(&[result("fmt", true)], Duration::from_secs(3));
        assert!(text.ends_with("ci: passed, 1 steps in 3 s"));
    }
}
