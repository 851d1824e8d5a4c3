//! `cargo xtask`: the workspace's own commands, and the door to the product's.
//!
//! In: the command line. Out: an exit code: 0 done, 1 the environment or a check failed,
//! 2 the command line is wrong (or whatever code `kiln` itself ends with).
//!
//! One idea: this program links none of the kiln crates, so that it builds in a second
//! and works while they do not. A verb it does not know as its own belongs to the product:
//! it builds the release `kiln` and runs that instead ([`product`]).
//!
//! In reading order: [`ci`] runs the checks, [`tidy`] is the check of the workspace's own
//! rules, [`scaffold`] writes the first lines of a new item, [`product`] and [`cargo`] start
//! other programs.
//!
//! Not here: what `train`, `check`, `bench` and the others do (crate `cli`).

mod cargo;
mod ci;
mod help;
mod product;
mod scaffold;
mod tidy;

use anyhow::Result;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// How a verb ends when it does not end in an error of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was asked for is done.
    Done,
    /// A check or a program that was started failed and has said why.
    Failed,
    /// The command line is wrong; the reason is printed.
    Usage,
    /// The code of the product.
    Code(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Failed => ExitCode::from(1),
            Outcome::Usage => ExitCode::from(2),
            Outcome::Code(code) => ExitCode::from(code),
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match run(&args) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(1)
        }
    }
}

/// Picks the verb.
fn run(args: &[OsString]) -> Result<Outcome> {
    let Some(verb) = args.first() else {
        say(help::TEXT);
        return Ok(Outcome::Usage);
    };
    let rest = &args[1..];
    match verb.to_str() {
        Some("help" | "--help" | "-h") => {
            writeln!(std::io::stdout(), "{}", help::TEXT)?;
            Ok(Outcome::Done)
        }
        Some("ci") => ci::run(rest),
        Some("test") => ci::test(rest),
        Some("tidy") => tidy::run(rest),
        Some("new") if scaffold::is_meant(rest) => scaffold::run(rest),
        Some("docs") => ci::docs(rest),
        _ => product::run(args),
    }
}

/// A line for people, on standard error: standard output is the product's.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// The command line is wrong, and why.
pub(crate) fn usage(why: &str) -> Result<Outcome> {
    say(&format!("error: {why}\n\ntry `cargo xtask help`"));
    Ok(Outcome::Usage)
}
