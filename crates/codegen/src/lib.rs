//! From a schedule to machine code, through Cranelift.
//!
//! In: a [`Schedule`](kiln_schedule::Schedule). Out: a [`Program`] that runs its entries
//! on a [`Memory`], as many threads at a time as the caller has.
//!
//! Each kernel becomes two functions: a *driver* (`driver`), scalar loops that call the
//! microkernels' matmul tiles, and a *strip* (`strip`, or `rows` where it reduces over
//! columns), elementwise code on the tile while it is hot. A gradient with its update has a
//! third one, the strip with the next block's product in it (`weave`). Strips are emitted lane
//! by lane on Cranelift's 128-bit vectors and re-encoded at the processor's full width (`widen`).
//!
//! Not here: what is computed (crate `schedule`), threads (crate `runtime`).

mod chunk;
mod dispatch;
mod driver;
mod element;
mod emit;
mod function;
mod jit;
mod rows;
mod strip;
pub mod target;
mod vector_math;
mod weave;
mod widen;

pub use function::clif;
pub use jit::{FieldData, Flow, Hooks, Job, Memory, Program, View};
pub use kiln_microkernel::Isa;
pub use target::Target;

use kiln_schedule::{Kernel, Op};
use std::fmt;

/// Why there is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// Cranelift refused: a bug of ours, or a processor it does not know.
    Backend(String),
    /// The processor lacks the instruction set that was asked for.
    Isa(Isa),
    /// The system gave no memory for code or for the arena.
    Memory(String),
}

impl CompileError {
    fn backend(error: &dyn fmt::Display) -> CompileError {
        CompileError::Backend(error.to_string())
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Backend(why) => write!(f, "the code generator failed: {why}"),
            CompileError::Isa(isa) => write!(f, "this processor has no {}", isa.name()),
            CompileError::Memory(why) => write!(f, "no memory: {why}"),
        }
    }
}

impl std::error::Error for CompileError {}

/// The kernel's program reduces over columns, so it is emitted row by row.
fn is_row_kernel(kernel: &Kernel) -> bool {
    matches!(kernel.form, kiln_schedule::Form::Rows)
        || kernel.program.ops.iter().any(|op| matches!(op, Op::ReduceCols(..)))
        || kernel.program.stores.iter().any(|s| matches!(s.target, kiln_schedule::StoreTarget::Column(_)))
}
