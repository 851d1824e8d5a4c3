//! The `kiln` program.
//!
//! In: the command line. Out: results on standard output, messages on standard error, and an exit
//! code: 0 done, 1 the environment or the run failed, 2 the user's spec or arguments are wrong.
//!
//! One file a verb ([`verbs`]); what they share: [`arguments`] and [`machine`] (as clap sees them),
//! [`spec`] (from a path to a checked spec), [`console`] (where text goes), [`outcome`] and [`failure`]
//! (how a verb ends), [`progress`], [`pace`] and [`results`] (what a training shows),
//! [`watch`] (a view of it on the whole terminal).
//!
//! Not here: what the verbs do. That is the crate `kiln`, which any program can use as well.

mod arguments;
mod console;
mod failure;
mod interrupt;
mod machine;
mod outcome;
mod pace;
mod progress;
mod results;
mod spec;
mod suggestion;
mod verbs;
mod watch;

use arguments::{CommandLine, color_choice};
use clap::{CommandFactory, FromArgMatches};
use console::Console;
use outcome::Outcome;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let command = CommandLine::command().color(color_choice(&words));
    let parsed =
        command.try_get_matches_from(&words).and_then(|matches| CommandLine::from_arg_matches(&matches));
    let command_line = match parsed {
        Ok(command_line) => command_line,
        Err(error) => return refuse(&error),
    };
    let console = Console::new(command_line.color);
    outcome::end(command_line.verb.run(&console), &console).into()
}

/// Help, the version, or what is wrong with the command line.
fn refuse(error: &clap::Error) -> ExitCode {
    if let Some(text) = suggestion::forgotten_verb(error) {
        Console::new(arguments::Color::Auto).say(&text);
        return Outcome::Wrong.into();
    }
    // Nobody is left to tell where this fails: the pipe is closed.
    let _ = error.print();
    if error.use_stderr() { Outcome::Wrong.into() } else { Outcome::Done.into() }
}
