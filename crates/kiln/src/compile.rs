//! From a model to a session: graphs → schedule → machine code.

use crate::measured;
use kiln_codegen::{CompileError, Isa, Program};
use kiln_graph::StateDecl;
use kiln_model::{Model, build};
use kiln_runtime::Session;
use kiln_runtime::session::{EVALUATE, TRAIN};
use kiln_schedule::{Schedule, Step};
use std::sync::Arc;

/// Rows of a batch in evaluation: enough for the tiles, few enough for the cache. One number for
/// every run, so that measures of equal weights agree to the last bit whatever they were trained with.
pub const EVALUATION_BATCH: u32 = 256;

/// What a program is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Training on so many rows (a batch is never larger than that), and evaluation.
    Training {
        /// Rows to train on.
        rows: usize,
    },
    /// Evaluation only.
    Evaluation,
}

/// A schedule, and the declarations of its states in the order of the graphs.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Entries `train` (where asked for) and `evaluate`.
    pub schedule: Schedule,
    /// States.
    pub states: Vec<StateDecl>,
}

/// Builds a model's graphs and plans them over one memory.
pub fn plan(model: &Model, purpose: Purpose) -> Planned {
    let graphs = build(model);
    let train = measured::training(model, &graphs.train);
    let evaluate = Step::new(EVALUATE, &graphs.evaluate, EVALUATION_BATCH);
    let steps = match purpose {
        Purpose::Training { rows } => {
            let rows = u32::try_from(rows).unwrap_or(u32::MAX).max(1);
            vec![Step::new(TRAIN, &train, model.train.batch.min(rows)), evaluate]
        }
        Purpose::Evaluation => vec![evaluate],
    };
    Planned { schedule: kiln_schedule::plan(&steps), states: graphs.evaluate.states }
}

/// Compiles a model for this processor; all states are zero.
///
/// # Errors
/// The processor lacks the instruction set, or the system gives no memory for code.
pub fn compile(model: &Model, purpose: Purpose, isa: Isa) -> Result<Session, CompileError> {
    let Planned { schedule, states } = plan(model, purpose);
    let program = Program::compile(Arc::new(schedule), isa)?;
    Ok(Session::new(program, states))
}
