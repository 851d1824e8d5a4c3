//! How a verb ends: its exit code, and who has told the user why.

use crate::console::Console;
use std::fmt;
use std::process::ExitCode;

/// How a verb ends when there is nothing left to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was asked for is done: exit code 0.
    Done,
    /// The environment or the run failed, and that has been said: exit code 1.
    Failed,
    /// The spec or the arguments are wrong, and that has been said: exit code 2.
    Wrong,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Failed => ExitCode::from(1),
            Outcome::Wrong => ExitCode::from(2),
        }
    }
}

/// An error that ends the program with a certain outcome: what to print, or nothing where the
/// user has been told already.
#[derive(Debug)]
pub(crate) struct Ends {
    outcome: Outcome,
    message: String,
    /// The message is whole as it is: diagnostics, which begin with `error[…]` themselves.
    is_whole: bool,
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Ends {}

/// The arguments are wrong: what is wrong, and what to type instead.
pub(crate) fn wrong(message: impl Into<String>) -> anyhow::Error {
    Ends { outcome: Outcome::Wrong, message: message.into(), is_whole: false }.into()
}

/// The spec is wrong: its mistakes, as they are shown to people.
pub(crate) fn mistakes(rendered: String) -> anyhow::Error {
    Ends { outcome: Outcome::Wrong, message: rendered, is_whole: true }.into()
}

/// The messages have been printed; end with this.
pub(crate) fn said(outcome: Outcome) -> anyhow::Error {
    Ends { outcome, message: String::new(), is_whole: false }.into()
}

/// Prints what is left to say, and gives the outcome.
pub(crate) fn end(result: anyhow::Result<Outcome>, console: &Console) -> Outcome {
    let error = match result {
        Ok(outcome) => return outcome,
        Err(error) => error,
    };
    if is_broken_pipe(&error) {
        return Outcome::Done;
    }
    let outcome = error.downcast_ref::<Ends>().map_or(Outcome::Failed, |ends| ends.outcome);
    let message = words(&error);
    let is_whole = error.downcast_ref::<Ends>().is_some_and(|ends| ends.is_whole);
    match message.as_str() {
        "" => {}
        whole if is_whole => console.say(whole),
        message => console.error(message),
    }
    outcome
}

/// The error and its causes in a line, each once: most of our errors name their cause themselves.
pub(crate) fn words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

/// Whoever read the output has read enough (`kiln dump … | head`): no reason to complain.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.into_iter().any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::words;
    use anyhow::anyhow;

    #[test]
    fn a_cause_that_the_error_names_is_not_said_again() {
        let io = std::io::Error::other("no room");
        let told = anyhow::Error::new(io).context("`x` cannot be written: no room\n  help: make some");
        assert_eq!(words(&told), "`x` cannot be written: no room\n  help: make some");
        assert_eq!(
            words(&told.context("the report")),
            "the report: `x` cannot be written: no room\n  help: make some"
        );
        assert_eq!(words(&anyhow!("a").context("b").context("c")), "c: b: a");
    }
}
