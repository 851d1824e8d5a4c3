//! `kiln summary`: the model's table in Keras' layout.
//!
//! A sweep that changes the network has several tables; each is printed once, under the runs that
//! it belongs to.

use crate::arguments::{RunArguments, SpecArguments};
use crate::console::Console;
use crate::outcome::Outcome;
use crate::spec;
use anyhow::Result;

/// Print the model's table: layers, shapes, parameters
///
/// Shared kernels are counted once in the totals. Nothing is trained and no data is read.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let spec = spec::resolve(&arguments.spec, console)?;
    let runs = spec::chosen(&spec, &arguments.run)?;
    let mut tables: Vec<(String, Vec<&str>)> = Vec::new();
    for run in &runs {
        let table = run.summary().to_string();
        match tables.iter_mut().find(|(known, _)| *known == table) {
            Some((_, labels)) => labels.push(run.label()),
            None => tables.push((table, vec![run.label()])),
        }
    }
    let alone = tables.len() == 1;
    for (index, (table, labels)) in tables.iter().enumerate() {
        if index > 0 {
            console.line("")?;
        }
        if !alone {
            console.line(&labels.join(" · "))?;
        }
        console.line(table.trim_end())?;
    }
    Ok(Outcome::Done)
}
