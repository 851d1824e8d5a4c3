//! `kiln dump`: what a stage of the compiler made of a spec, as stable text.

use crate::arguments::{RunArguments, SpecArguments};
use crate::console::Console;
use crate::machine::isa;
use crate::outcome::Outcome;
use crate::spec;
use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use kiln::codegen::{Isa, Target};
use kiln::diag::{Diagnostics, Sources};
use kiln::{Stage, dsl};

/// Print what a stage of the compiler made of a spec
///
/// ast, model, graph, gradients, schedule: the same on every machine. clif: for this processor, or for
/// the one that --isa names.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The stage
    #[arg(value_enum)]
    stage: Named,

    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,

    /// Instruction set of `clif`: avx512, avx2, neon or portable [default: this processor's best]
    #[arg(long, value_name = "ISA")]
    isa: Option<String>,
}

/// A stage as clap lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named(Stage);

impl ValueEnum for Named {
    fn value_variants<'a>() -> &'a [Named] {
        const ALL: [Named; Stage::ALL.len()] = {
            let mut all = [Named(Stage::Ast); Stage::ALL.len()];
            let mut i = 0;
            while i < all.len() {
                all[i] = Named(Stage::ALL[i]);
                i += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            Stage::Ast => "The syntax tree of the spec's own file",
            Stage::Model => "The resolved model: every name, shape and default settled",
            Stage::Graph => "Forward and losses, as the library's recipes wrote them",
            Stage::Gradients => "The training step: forward, losses, gradients, update; simplified",
            Stage::Schedule => "Fused kernels, their order, the memory plan",
            Stage::Clif => "Cranelift's text for every kernel",
        };
        Some(PossibleValue::new(self.0.name()).help(help))
    }
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let Named(stage) = arguments.stage;
    if stage == Stage::Ast {
        return ast(arguments, console);
    }
    let spec = spec::resolve(&arguments.spec, console)?;
    let run = spec::one_run(&spec, &arguments.run, console)?;
    let isa = arguments.isa.as_deref().map_or(Ok(Isa::detect()), isa)?;
    console.line(run.dump(stage, Target::of(isa)).trim_end())?;
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
