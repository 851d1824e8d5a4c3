//! `docs`: the pages that are made from the program itself: the library and the messages.
//!
//! In: nothing, or `--check`. Out: `docs/library/` and `docs/messages.md`, written by the release
//! `kiln`; with `--check` they are made in memory and compared, and what mends a difference is said.
//!
//! Not here: the specs within the documents; the tests of crate `cli` check and format each of them.

use super::status;
use crate::{Outcome, cargo, product, say, usage};
use anyhow::Result;
use std::ffi::OsString;
use std::process::Command;

/// Writes the pages, or compares them.
///
/// # Errors
/// Where `kiln` does not build or start.
pub(crate) fn docs(args: &[OsString]) -> Result<Outcome> {
    let check = match args {
        [] => false,
        [only] if only == "--check" => true,
        _ => return usage("`docs` takes nothing but `--check`"),
    };
    let mut command = Command::new(product::build()?);
    command.args(["docs", "docs"]).args(args).current_dir(cargo::root());
    let outcome = status(&mut command)?;
    if check && outcome != Outcome::Done {
        say("write them with `cargo xtask docs`, and read the difference");
        return Ok(Outcome::Failed);
    }
    Ok(outcome)
}
