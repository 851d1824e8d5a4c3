//! `kiln graph`: the model as a drawing.
//!
//! In: a spec. Out: SVG on standard output or in a file, whole or not at all. Light and dark follow the
//! viewer; no fonts but its own are needed.

use crate::arguments::{RunArguments, SpecArguments};
use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::spec;
use anyhow::Result;
use kiln::report::plots::network_figure;
use std::path::PathBuf;

/// Draw the model: layers, shapes, shared kernels, heads and losses
///
/// Writes SVG. Nothing is trained and no data is read. Of a sweep the first run is drawn; `--run`
/// chooses another one.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,

    /// Where to write it; without it, to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let spec = spec::resolve(&arguments.spec, console)?;
    let runs = spec::chosen(&spec, &arguments.run)?;
    let Some(run) = runs.first() else { return Err(wrong("the spec has no run")) };
    let figure = network_figure(spec.title(), &run.network())?;
    let Some(figure) = figure else { return Err(wrong("the model has no layers")) };
    match &arguments.output {
        None => console.print(&figure.to_file())?,
        Some(path) => {
            kiln::record::atomic_write(path, figure.to_file().as_bytes())?;
            console.say(&format!("wrote {}", path.display()));
        }
    }
    Ok(Outcome::Done)
}
