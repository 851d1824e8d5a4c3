//! `kiln dump`: what a stage of the compiler made of a spec, as stable text.

use crate::arguments::{RunArguments, SpecArguments};
use crate::console::Console;
use crate::outcome::Outcome;
use crate::spec;
use anyhow::Result;
use clap::ValueEnum;
use kiln::codegen::{self, Isa, Target};
use kiln::diag::{Diagnostics, Sources};
use kiln::model::{self, Model};
use kiln::schedule::{self, Schedule, Step};
use kiln::dsl;

/// Print what a stage of the compiler made of a spec
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The stage
    #[arg(value_enum)]
    stage: Stage,

    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,
}

/// Stages, in the order of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// The syntax tree of the spec's own file
    Ast,
    /// The resolved model: every name, shape and default settled
    Model,
    /// Forward and losses, as the library's recipes wrote them
    Graph,
    /// The whole training step: forward, losses, gradients, update; simplified
    Gradients,
    /// Cranelift's text for every kernel
    Clif,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    if arguments.stage == Stage::Ast {
        return ast(arguments, console);
    }
    let spec = spec::resolve(&arguments.spec, console)?;
    let run = spec::one_run(&spec, &arguments.run, console)?;
    let text = match arguments.stage {
        // The syntax needs no checked spec, and was printed above.
        Stage::Ast => String::new(),
        Stage::Model => run.model.to_ron(),
        Stage::Graph => model::build(&run.model).forward.to_string(),
        Stage::Gradients => model::build(&run.model).train.to_string(),
        Stage::Clif => codegen::clif(&plan(&run.model), Target::of(Isa::detect())),
    };
    console.line(text.trim_end())?;
    Ok(Outcome::Done)
}

/// A file that has mistakes elsewhere still has a tree, so nothing is checked but the syntax.
fn ast(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let read = spec::text(&arguments.spec.spec)?;
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    match read {
        Err(diagnostic) => diagnostics.push(diagnostic),
        Ok((name, text)) => {
            let file = sources.add(&name, &text);
            let tree = dsl::parse(&text, file, &mut diagnostics);
            if !diagnostics.has_errors() {
                console.print(&dsl::dump(&tree))?;
                return Ok(Outcome::Done);
            }
        }
    }
    console.diagnostics(&diagnostics, &sources);
    Ok(Outcome::Wrong)
}

/// The training and the evaluation step over one arena, as training runs them.
fn plan(model: &Model) -> Schedule {
    let graphs = model::build(model);
    let batch = model.train.batch;
    schedule::plan(&[
        Step { name: "train", graph: &graphs.train, batch },
        Step { name: "evaluate", graph: &graphs.evaluate, batch },
    ])
}
