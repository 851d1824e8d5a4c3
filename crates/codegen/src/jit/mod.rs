//! Code in memory, and running it: the only unsafe code of this crate.
//!
//! In: functions as bytes. Out: a [`Program`] that owns its pages, a [`Memory`] that owns
//! the arena, a [`Job`] that runs an entry over many batches on several threads.
//!
//! Why it is sound: kernels touch only the arena (within the buffers that the schedule
//! placed, checked against its size when a job begins), the data set (row numbers are
//! checked when a job begins) and the worker's scratch memory; kernels of one phase write
//! disjoint parts (the schedule's verifier says so); between phases all workers meet.
#![allow(
    unsafe_code,
    reason = "runs generated code and shares the arena between threads; each block has its proof"
)]

mod job;
mod memory;
mod rounds;
mod subnormal;

pub use job::{FieldData, Flow, Hooks, Job, View};
pub use memory::Memory;

use crate::function::{self, Part};
use crate::target::{self, Target};
use crate::{CompileError, Isa};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};
use kiln_microkernel::Table;
use kiln_schedule::{Form, Schedule};
use std::sync::Arc;

/// Address space for code; pages are used only as they are filled.
const CODE_RESERVE: usize = 64 << 20;

/// A driver: arena, rows of the batch, task, scratch.
type Driver = unsafe extern "C" fn(*mut u8, usize, usize, *mut u8);

/// What runs a kernel's tasks.
#[derive(Clone, Copy, Debug)]
enum Runner {
    /// Generated code.
    Driver(Driver),
    /// The microkernels' gather.
    Gather,
    /// The microkernels' column copy.
    Copy,
}

/// Compiled entries. Frees its code when dropped.
pub struct Program {
    schedule: Arc<Schedule>,
    table: &'static Table,
    /// For each entry, for each kernel. The addresses point into `code`.
    runners: Vec<Vec<Runner>>,
    /// Owns the pages: readable and writable while they were filled, readable and executable since.
    code: Option<JITModule>,
    code_bytes: usize,
}

impl Program {
    /// Compiles all kernels of a schedule for an instruction set of this processor.
    ///
    /// # Errors
    /// Where the processor lacks it, or the system gives no memory for code.
    pub fn compile(schedule: Arc<Schedule>, isa: Isa) -> Result<Program, CompileError> {
        Program::compile_for(schedule, isa, Target::of(isa))
    }

    /// The same for a narrower target than the instruction set has: all must agree bit for bit.
    #[doc(hidden)]
    pub fn compile_for(schedule: Arc<Schedule>, isa: Isa, target: Target) -> Result<Program, CompileError> {
        if !isa.is_available() {
            return Err(CompileError::Isa(isa));
        }
        let table = kiln_microkernel::table(isa);
        let backend = target::backend(target)?;
        let recipes = function::recipes(&schedule, target);
        let codes = function::compile(&schedule, &recipes, target, &*backend)?;
        let mut builder = JITBuilder::with_isa(backend, default_libcall_names());
        let provider = ArenaMemoryProvider::new_with_size(CODE_RESERVE);
        builder.memory_provider(Box::new(provider.map_err(|e| CompileError::Memory(e.to_string()))?));
        for (name, address) in table.symbols() {
            builder.symbol(name, address);
        }
        let mut module = JITModule::new(builder);
        let signature = |module: &JITModule, n: usize| {
            let mut s = module.make_signature();
            s.params = vec![cranelift_codegen::ir::AbiParam::new(cranelift_codegen::ir::types::I64); n];
            s
        };
        let failed = |e: cranelift_module::ModuleError| CompileError::Backend(e.to_string());
        for (name, arguments) in function::imports() {
            let s = signature(&module, arguments);
            module.declare_function(name, Linkage::Import, &s).map_err(failed)?;
        }
        let mut ids: Vec<FuncId> = Vec::new();
        for recipe in &recipes {
            let s = signature(&module, function::arguments(recipe.part));
            let entry = &schedule.entries[recipe.entry];
            // The name is what `perf report` shows (see `PERF_BUILDID_DIR`).
            let name = function::function_name(entry, *recipe, &entry.kernels[recipe.kernel]);
            let id = module.declare_function(&name, Linkage::Local, &s).map_err(failed)?;
            assert_eq!(id.as_u32(), recipe.id, "functions are numbered as they are declared");
            ids.push(id);
        }
        for (id, code) in ids.iter().zip(&codes) {
            module.define_function_bytes(*id, 64, &code.bytes, &code.relocations).map_err(failed)?;
        }
        module.finalize_definitions().map_err(failed)?;
        let mut runners: Vec<Vec<Runner>> = schedule
            .entries
            .iter()
            .map(|e| {
                e.kernels
                    .iter()
                    .map(|k| match k.form {
                        Form::Copy { .. } => Runner::Copy,
                        Form::Gather { .. }
                        | Form::MatMul { .. }
                        | Form::Block { .. }
                        | Form::Map
                        | Form::Rows => Runner::Gather,
                    })
                    .collect()
            })
            .collect();
        for (recipe, id) in recipes.iter().zip(&ids).filter(|(r, _)| r.part == Part::Driver) {
            let address = module.get_finalized_function(*id);
            // SAFETY:
            // - `address` is the entry of a finalized function with four 64-bit integer parameters and
            //   no result, in the host's C calling convention, which is `Driver`'s type;
            // - the code lives as long as `code`, which this program owns, and runners never leave it.
            let driver = unsafe { std::mem::transmute::<*const u8, Driver>(address) };
            runners[recipe.entry][recipe.kernel] = Runner::Driver(driver);
        }
        let code_bytes = codes.iter().map(|c| c.bytes.len()).sum();
        Ok(Program { schedule, table, runners, code: Some(module), code_bytes })
    }

    /// What was compiled.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The instruction set that it runs on.
    pub fn isa(&self) -> Isa {
        self.table.isa
    }

    /// Size of the machine code.
    pub fn code_bytes(&self) -> usize {
        self.code_bytes
    }

    /// The entry with this name.
    pub fn entry(&self, name: &str) -> Option<usize> {
        self.schedule.entries.iter().position(|e| e.name == name)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(code) = self.code.take() {
            // SAFETY:
            // - no function of the module is running: jobs borrow the program;
            // - no address of it is kept elsewhere: runners are private to this module.
            unsafe { code.free_memory() };
        }
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("isa", &self.table.isa).field("code_bytes", &self.code_bytes).finish()
    }
}

// SAFETY:
// - the module is only kept to be freed; nothing of it is touched through a shared program;
// - runners are addresses of immutable code.
unsafe impl Sync for Program {}
