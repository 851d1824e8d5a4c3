//! `kiln lsp`: a language server on standard input and output.
//!
//! In: messages of an editor. Out: answers, until the editor ends it. Exit code 0 where it did so in
//! order (`shutdown`, then `exit`), else 1.

use crate::console::Console;
use crate::outcome::Outcome;
use anyhow::{Context, Result};

/// Serve an editor: mistakes as you type, hovers, completion, rename and more
///
/// Speaks the language server protocol over standard input and output; an editor starts it.
/// docs/editors.md tells how to set up VS Code, Neovim, Helix and Emacs.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Some editors ask for this by name; there is nothing else
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(_: &Arguments, _: &Console) -> Result<Outcome> {
    let code = kiln::lsp::server::stdio().context("the editor cannot be answered")?;
    Ok(if code == 0 { Outcome::Done } else { Outcome::Failed })
}
