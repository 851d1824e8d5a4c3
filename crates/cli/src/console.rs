//! Where text goes: results to standard output, messages to standard error, in colour or not.
//!
//! Writing to standard output fails when its reader has gone; that error ends the program quietly
//! ([`crate::outcome::end`]). Writing to standard error never fails: there is nobody to tell.

use crate::arguments::Color;
use kiln::diag::{Diagnostics, Sources, render};
use std::io::{self, IsTerminal, Write};

/// Both streams.
#[derive(Debug)]
pub(crate) struct Console {
    color: Color,
}

impl Console {
    pub(crate) fn new(color: Color) -> Console {
        Console { color }
    }

    /// A result.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// A result, as one line.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        self.print(&format!("{text}\n"))
    }

    /// A message, as lines.
    pub(crate) fn say(&self, text: &str) {
        // Nobody is left to tell.
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n'));
    }

    /// `error: …`, in the look of diagnostics.
    pub(crate) fn error(&self, message: &str) {
        let (red, bold, plain) = if self.is_message_colored() {
            ("\x1b[1m\x1b[91m", "\x1b[0m\x1b[1m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        self.say(&format!("{red}error{bold}: {message}{plain}"));
    }

    /// `note: …`
    pub(crate) fn note(&self, message: &str) {
        self.say(&format!("note: {message}"));
    }

    /// Every mistake and warning, with carets.
    pub(crate) fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if !diagnostics.is_empty() {
            self.say(&render(diagnostics, sources, self.is_message_colored()));
        }
    }

    /// Whether a person watches the messages as they come.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stderr().is_terminal() && !is_dumb()
    }

    /// Whether a person looks at the results, on a terminal that can be drawn on.
    pub(crate) fn is_output_terminal(&self) -> bool {
        io::stdout().is_terminal() && !is_dumb()
    }

    /// Whether results have colours.
    pub(crate) fn is_output_colored(&self) -> bool {
        self.is_colored(&io::stdout())
    }

    /// Whether messages have colours.
    pub(crate) fn is_message_colored(&self) -> bool {
        self.is_colored(&io::stderr())
    }

    fn is_colored(&self, stream: &impl IsTerminal) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                stream.is_terminal() && !refused && !is_dumb()
            }
        }
    }
}

/// A terminal that knows neither colours nor cursor movements.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
