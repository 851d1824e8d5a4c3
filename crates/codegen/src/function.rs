//! Functions: the CLIF of each kernel, and its machine code.
//!
//! In: a schedule and a target. Out: for each kernel its driver and its strip, as text
//! ([`clif`]) or as bytes with relocations ([`compile`]). Functions are numbered in a
//! fixed way, so that they can be compiled in parallel and refer to each other by number.

use crate::driver::{self, Callees};
use crate::emit::Emit;
use crate::target::Target;
use crate::weave::{self, MARKS, Mark};
use crate::{CompileError, is_row_kernel, rows, strip, widen};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    self, AbiParam, ExtFuncData, ExternalName, FuncRef, Function, Signature, UserExternalName, UserFuncName,
    types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use cranelift_module::{FuncId, ModuleReloc, ModuleRelocTarget};
use kiln_schedule::{Entry, Form, Kernel, Schedule};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Symbols that drivers call, in the order of their numbers, with their numbers of arguments.
pub(crate) const IMPORTS: [(&str, usize); 5] = [
    ("kiln_matmul_nn_block", 8),
    ("kiln_matmul_tn_block", 7),
    ("kiln_transpose", 2),
    ("kiln_matmul_nn_row", 9),
    ("kiln_transpose_part", 4),
];

/// All names that generated code may call, in the order of their numbers.
pub(crate) fn imports() -> impl Iterator<Item = (&'static str, usize)> {
    IMPORTS.into_iter().chain(MARKS.into_iter().map(|(_, name, arguments)| (name, arguments)))
}

/// Which function of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Driver,
    Strip,
    /// The strip, with the next block's product woven in.
    Woven,
}

/// A function to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    pub(crate) entry: usize,
    pub(crate) kernel: usize,
    pub(crate) part: Part,
    /// Its number in the module.
    pub(crate) id: u32,
    /// For a driver: the number of its strip,
    strip: Option<u32>,
    /// and of that with the next product woven in.
    woven: Option<u32>,
}

/// A function made.
pub(crate) struct Code {
    pub(crate) bytes: Vec<u8>,
    pub(crate) relocations: Vec<ModuleReloc>,
}

/// All functions of a schedule, numbered after the imports.
pub(crate) fn recipes(schedule: &Schedule, target: Target) -> Vec<Recipe> {
    let mut all = Vec::new();
    let mut next = imports().count() as u32;
    for (e, entry) in schedule.entries.iter().enumerate() {
        for (k, kernel) in entry.kernels.iter().enumerate() {
            if matches!(kernel.form, Form::Gather { .. } | Form::Copy { .. }) {
                continue;
            }
            let mut add = |part, strip, woven| {
                all.push(Recipe { entry: e, kernel: k, part, id: next, strip, woven });
                next += 1;
                next - 1
            };
            let strip = (!kernel.program.stores.is_empty()).then(|| add(Part::Strip, None, None));
            let woven = weave::is_woven(entry, kernel, target).then(|| add(Part::Woven, None, None));
            add(Part::Driver, strip, woven);
        }
    }
    all
}

/// Number of arguments of a function.
pub(crate) fn arguments(part: Part) -> usize {
    match part {
        Part::Driver => 4,
        Part::Strip => 6,
        Part::Woven => 9,
    }
}

/// The CLIF of all functions, as text: the same on every host.
pub fn clif(schedule: &Schedule, target: Target) -> String {
    let mut text = format!("; target {}\n", target.describe());
    for recipe in recipes(schedule, target) {
        let mut func = Function::new();
        build(&mut func, &mut FunctionBuilderContext::new(), schedule, recipe, target);
        let _ = write!(text, "\n{}", func.display());
    }
    text
}

fn signature(target: Target, arguments: usize) -> Signature {
    let mut signature = Signature::new(target.call_conv());
    signature.params = vec![AbiParam::new(types::I64); arguments];
    signature
}

fn build(
    func: &mut Function,
    context: &mut FunctionBuilderContext,
    schedule: &Schedule,
    r: Recipe,
    target: Target,
) {
    let entry = &schedule.entries[r.entry];
    let kernel = &entry.kernels[r.kernel];
    func.name = UserFuncName::testcase(function_name(entry, r, kernel));
    func.signature = signature(target, arguments(r.part));
    let own = |func: &mut Function, id: Option<u32>, part| {
        id.map(|id| reference(func, id, signature(target, arguments(part)), true))
    };
    match r.part {
        Part::Driver => {
            let callees = Callees {
                matmul_nn: import(func, 0, target),
                matmul_tn: import(func, 1, target),
                transpose: import(func, 2, target),
                matmul_nn_row: import(func, 3, target),
                transpose_part: import(func, 4, target),
                program: own(func, r.strip, Part::Strip),
                woven: own(func, r.woven, Part::Woven),
            };
            let (mut e, params) = Emit::begin(func, context, target);
            driver::emit(&mut e, &params, (schedule, entry), kernel, callees);
            e.end(frontend(target));
        }
        Part::Strip => {
            let (mut e, params) = Emit::begin(func, context, target);
            let emit = if is_row_kernel(kernel) { rows::emit } else { strip::emit };
            emit(&mut e, &params, schedule, entry, kernel);
            e.end(frontend(target));
        }
        Part::Woven => {
            let callees = weave::Callees {
                zero: mark(func, Mark::Zero, target),
                load: mark(func, Mark::Load, target),
                steps: mark(func, Mark::Steps, target),
                store: mark(func, Mark::Store, target),
                prefetch: mark(func, Mark::Prefetch, target),
                matmul_tn: import(func, 1, target),
            };
            let (mut e, params) = Emit::begin(func, context, target);
            strip::emit_woven(&mut e, &params, schedule, (entry, kernel), callees);
            e.end(frontend(target));
        }
    }
}

/// `train_k3_enc1_strip`
pub(crate) fn function_name(entry: &Entry, r: Recipe, kernel: &Kernel) -> String {
    let part = match r.part {
        Part::Driver => "",
        Part::Strip => "_strip",
        Part::Woven => "_woven",
    };
    let name: String = kernel.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}_k{}_{name}{part}", entry.name, r.kernel)
}

fn frontend(target: Target) -> cranelift_codegen::isa::TargetFrontendConfig {
    cranelift_codegen::isa::TargetFrontendConfig {
        default_call_conv: target.call_conv(),
        pointer_width: target_lexicon::PointerWidth::U64,
        page_size_align_log2: 12,
    }
}

fn import(func: &mut Function, symbol: u32, target: Target) -> FuncRef {
    let arguments = IMPORTS[symbol as usize].1;
    reference(func, symbol, signature(target, arguments), false)
}

/// What the re-encoder puts instructions in place of: a call of a fixed size.
fn mark(func: &mut Function, mark: Mark, target: Target) -> FuncRef {
    let number = MARKS.iter().position(|m| m.0 == mark).expect("every mark has a number");
    reference(func, (IMPORTS.len() + number) as u32, signature(target, MARKS[number].2), true)
}

fn reference(func: &mut Function, id: u32, signature: Signature, colocated: bool) -> FuncRef {
    let signature = func.import_signature(signature);
    let name = func.declare_imported_user_function(UserExternalName::new(0, id));
    func.import_function(ExtFuncData {
        name: ExternalName::user(name),
        signature,
        colocated,
        patchable: false,
    })
}

/// Machine code of all functions, compiled on as many threads as there are processors.
pub(crate) fn compile(
    schedule: &Schedule,
    recipes: &[Recipe],
    target: Target,
    backend: &dyn TargetIsa,
) -> Result<Vec<Code>, CompileError> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(recipes.len().max(1));
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Code, CompileError>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut context = Context::new();
                let mut builder = FunctionBuilderContext::new();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&recipe) = recipes.get(i) else { break };
                    let code = compile_one(schedule, recipe, target, backend, (&mut context, &mut builder));
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((i, code));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|d| d.0);
    done.into_iter().map(|(_, code)| code).collect()
}

fn compile_one(
    schedule: &Schedule,
    recipe: Recipe,
    target: Target,
    backend: &dyn TargetIsa,
    (context, builder): (&mut Context, &mut FunctionBuilderContext),
) -> Result<Code, CompileError> {
    if recipe.part != Part::Driver && target.vector_bytes > 16 {
        let code = machine_code(schedule, recipe, target, backend, (context, builder))?;
        // What the re-encoder does not know stays 128 bits wide: slower, the same numbers.
        if let Ok(bytes) = widen(&code, target) {
            return Ok(Code { bytes, relocations: Vec::new() });
        }
        return machine_code(schedule, recipe, target.narrow(), backend, (context, builder));
    }
    machine_code(schedule, recipe, target, backend, (context, builder))
}

/// The code at full width, where the re-encoder knows all of it.
fn widen(code: &Code, target: Target) -> Result<Vec<u8>, String> {
    let mut marks = widen::Marked::new();
    for r in &code.relocations {
        let ModuleRelocTarget::User { namespace: 0, index } = r.name else { return Err("a symbol".into()) };
        let mark = (index as usize).checked_sub(IMPORTS.len()).and_then(|i| MARKS.get(i));
        let mark = mark.ok_or_else(|| format!("function {index}"))?;
        // The address of the callee is the last four bytes of five.
        marks.insert(u64::from(r.offset) - 1, mark.0);
    }
    widen::widen(&code.bytes, target.vector_bytes, &marks)
}

fn machine_code(
    schedule: &Schedule,
    recipe: Recipe,
    target: Target,
    backend: &dyn TargetIsa,
    (context, builder): (&mut Context, &mut FunctionBuilderContext),
) -> Result<Code, CompileError> {
    context.clear();
    build(&mut context.func, builder, schedule, recipe, target);
    let compiled = context
        .compile(backend, &mut ControlPlane::default())
        .map_err(|e| CompileError::Backend(format!("{}: {:?}", e.func.name, e.inner)))?;
    let bytes = compiled.code_buffer().to_vec();
    let relocations = compiled.buffer.relocs().to_vec();
    let id = FuncId::from_u32(recipe.id);
    let func: &ir::Function = &context.func;
    let relocations = relocations.iter().map(|r| ModuleReloc::from_mach_reloc(r, func, id)).collect();
    Ok(Code { bytes, relocations })
}

/// For each strip of a schedule that stays narrow at this target: its name and why.
#[cfg(test)]
pub(crate) fn refused(schedule: &Schedule, target: Target) -> Vec<(String, String)> {
    let backend = crate::target::backend(target).expect("a backend for this host");
    let mut context = Context::new();
    let mut builder = FunctionBuilderContext::new();
    let strips = recipes(schedule, target).into_iter().filter(|r| r.part != Part::Driver);
    strips
        .filter_map(|r| {
            let code =
                machine_code(schedule, r, target, &*backend, (&mut context, &mut builder)).expect("compiles");
            let why = widen(&code, target).err()?;
            Some((context.func.name.to_string(), why))
        })
        .collect()
}
