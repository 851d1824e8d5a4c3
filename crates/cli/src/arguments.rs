//! The command line as data: what verbs have in common.

use crate::verbs::Verb;
use clap::{Args, Parser, ValueEnum};
use std::ffi::OsString;

const ABOUT: &str = "Describe a neural network, get the trained network and an honest report.";

const EXAMPLES: &str = "\
Examples:
  kiln check specs/               find the mistakes in every spec of a folder
  kiln summary specs/exp11.model  the model's table
  kiln train specs/exp11.model    train every run of the spec; writes runs/exp11/
  kiln watch runs/exp11           its curves and the time left, in another terminal
  kiln train specs/exp11.model --set train.epochs=3 --set train.batch=64

Within the repository, `cargo xtask VERB …` builds this program and runs it.
Exit codes: 0 done, 1 the environment or the run failed, 2 the spec or the arguments are wrong.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "kiln", bin_name = "kiln", version, about = ABOUT, after_help = EXAMPLES)]
#[command(arg_required_else_help = true, disable_help_subcommand = true, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// A spec and what the command line changes in it.
#[derive(Args, Clone, Debug)]
pub(crate) struct SpecArguments {
    /// The spec, a `.model` file; `-` reads standard input
    pub(crate) spec: String,

    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// What the command line changes in a spec.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Changes {
    /// Put a value in place of the spec's: train.epochs=3, train.optimizer.rate=1e-2, model.drop=0.3
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// Other data: the name of a data block, or a source such as 'glyphs(classes = "A".."Z")'
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<String>,
}

/// One run of a sweep.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArguments {
    /// One run of a sweep, counted from 1; the last sweep of the spec changes fastest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) run: Option<u32>,
}

/// A time in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 && seconds.is_finite() => Ok(seconds),
        _ => Err("a number of seconds, such as 10 or 0.5".to_owned()),
    }
}

/// Clap must know about colours before it has parsed anything, for its own messages.
pub(crate) fn color_choice(words: &[OsString]) -> clap::ColorChoice {
    let mut pairs = words.iter().skip(1).zip(words.iter().skip(2));
    let apart = pairs.rfind(|(word, _)| *word == "--color").and_then(|(_, value)| value.to_str());
    let joined = words.iter().rev().find_map(|word| word.to_str()?.strip_prefix("--color="));
    match apart.or(joined) {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn colours_are_known_before_parsing() {
        let choice =
            |words: &[&str]| color_choice(&words.iter().map(OsString::from).collect::<Vec<OsString>>());
        assert_eq!(choice(&["kiln", "check", "--color", "never"]), clap::ColorChoice::Never);
        assert_eq!(choice(&["kiln", "--color=always", "check"]), clap::ColorChoice::Always);
        assert_eq!(choice(&["kiln", "check", "--color"]), clap::ColorChoice::Auto);
    }
}
