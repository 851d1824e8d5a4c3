//! The stages as text: what `dump` prints and golden files hold.

use crate::compile::{Purpose, plan};
use crate::spec::Run;
use kiln_codegen::Target;
use kiln_diag::{Diagnostics, Sources};

/// A value between two arrows of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The syntax tree of the spec's own file.
    Ast,
    /// The resolved model.
    Model,
    /// Forward and losses, as the library's recipes wrote them.
    Graph,
    /// The training step: forward, losses, gradients, update; simplified.
    Gradients,
    /// Fused kernels, run order, memory.
    Schedule,
    /// Cranelift's text for every kernel.
    Clif,
}

impl Stage {
    /// All, in the order of the path.
    pub const ALL: [Stage; 6] =
        [Stage::Ast, Stage::Model, Stage::Graph, Stage::Gradients, Stage::Schedule, Stage::Clif];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Ast => "ast",
            Stage::Model => "model",
            Stage::Graph => "graph",
            Stage::Gradients => "gradients",
            Stage::Schedule => "schedule",
            Stage::Clif => "clif",
        }
    }

    /// The stage of this [name](Stage::name).
    pub fn parse(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl Run<'_> {
    /// A stage as stable text. The same on every host, with [`Target::GOLDEN`] for `target`.
    pub fn dump(&self, stage: Stage, target: Target) -> String {
        let model = self.model();
        match stage {
            Stage::Ast => ast(self.spec().source()),
            Stage::Model => model.to_ron(),
            Stage::Graph => kiln_graph::print(&kiln_model::build(model).forward),
            Stage::Gradients => kiln_graph::print(&kiln_model::build(model).train),
            Stage::Schedule => plan(model, Purpose::Training { rows: usize::MAX }).schedule.to_string(),
            Stage::Clif => {
                let planned = plan(model, Purpose::Training { rows: usize::MAX });
                kiln_codegen::clif(&planned.schedule, target)
            }
        }
    }
}

/// A checked spec has a tree without mistakes.
fn ast(source: &str) -> String {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let file = sources.add("", source);
    kiln_dsl::dump(&kiln_dsl::parse(source, file, &mut diagnostics))
}
