//! The product's verbs: build the release `kiln`, then become it.
//!
//! In: `train specs/exp11.model …`. Out: whatever `kiln` prints and its exit code.
//!
//! The program runs in the user's folder, so that relative paths mean what they say. On Unix this
//! process is replaced by it: Ctrl-C, job control and exit codes need no forwarding.

use crate::{Outcome, cargo, say};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// Builds `kiln` and runs it with these arguments.
///
/// # Errors
/// Where it does not build or does not start.
pub(crate) fn run(args: &[OsString]) -> Result<Outcome> {
    let mut command = Command::new(build()?);
    command.args(args);
    become_program(command)
}

/// The release `kiln`, built if it has to be.
///
/// # Errors
/// Where it does not build.
pub(crate) fn build() -> Result<PathBuf> {
    let programs = cargo::build_release("kiln", &["-p", "kiln-cli", "--bin", "kiln"])?;
    programs.into_iter().last().context("cargo built no `kiln`")
}

#[cfg(unix)]
fn become_program(mut command: Command) -> Result<Outcome> {
    use std::os::unix::process::CommandExt;
    // Returns only where it fails.
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start {}", command.get_program().display()))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<Outcome> {
    let status =
        command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    Ok(outcome(status.code()))
}

/// The code to end with; a program that a signal ended counts as a failed one.
pub(crate) fn outcome(code: Option<i32>) -> Outcome {
    match code {
        Some(0) => Outcome::Done,
        Some(code) => Outcome::Code(u8::try_from(code).unwrap_or(1)),
        None => {
            say("ended by a signal");
            Outcome::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_pass_through() {
        assert_eq!(outcome(Some(0)), Outcome::Done);
        assert_eq!(outcome(Some(2)), Outcome::Code(2));
        assert_eq!(outcome(Some(-1)), Outcome::Code(1));
        assert_eq!(outcome(None), Outcome::Failed);
    }
}
