//! What code is made for: the width of a vector, and Cranelift's settings.
//!
//! The emitted CLIF depends on the [`Target`] only, never on the host, so that golden
//! files are the same everywhere.

use crate::CompileError;
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use kiln_microkernel::Isa;

/// The width at which elementwise code is emitted.
///
/// Cranelift's widest f32 vector has 4 lanes. Code for a wider target is emitted lane by
/// lane on those, but with the addresses of the wide vectors; `crate::widen` then
/// re-encodes its machine code at full width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Bytes of a vector: 16, 32 or 64.
    pub vector_bytes: u32,
    /// The processor has fused multiply-add (without it one is four library calls).
    pub fma: bool,
    /// x86-64; otherwise aarch64.
    pub x86: bool,
    /// Windows' calling convention; otherwise System V's.
    pub windows: bool,
}

impl Target {
    /// For the microkernels' instruction set.
    pub fn of(isa: Isa) -> Target {
        match isa {
            Isa::Avx512 if cfg!(unix) => {
                Target { vector_bytes: 64, fma: true, x86: true, windows: cfg!(windows) }
            }
            Isa::Avx2 if cfg!(unix) => {
                Target { vector_bytes: 32, fma: true, x86: true, windows: cfg!(windows) }
            }
            // The registers that a Windows callee must keep are kept 128 bits wide only.
            Isa::Avx512 | Isa::Avx2 => {
                Target { vector_bytes: 16, fma: true, x86: true, windows: cfg!(windows) }
            }
            Isa::Neon => Target { vector_bytes: 16, fma: true, x86: false, windows: cfg!(windows) },
            Isa::Portable => Target {
                vector_bytes: 16,
                fma: false,
                x86: cfg!(target_arch = "x86_64"),
                windows: cfg!(windows),
            },
        }
    }

    /// The target of golden files.
    pub const GOLDEN: Target = Target { vector_bytes: 64, fma: true, x86: true, windows: false };

    /// The same, for code that could not be widened.
    pub fn narrow(self) -> Target {
        Target { vector_bytes: 16, ..self }
    }

    /// Lanes of a vector.
    pub fn lanes(self) -> u32 {
        self.vector_bytes / 4
    }

    /// How dumps name it.
    pub fn describe(self) -> String {
        let family = if self.x86 { "x86_64" } else { "aarch64" };
        format!("{family}, {}-bit vectors{}", self.vector_bytes * 8, if self.fma { ", fma" } else { "" })
    }

    pub(crate) fn call_conv(self) -> CallConv {
        if self.windows { CallConv::WindowsFastcall } else { CallConv::SystemV }
    }
}

/// Cranelift's backend for this host.
///
/// `ordered` is for code whose order of operations is already the best one: the mid-end would
/// re-order it. Wide code may use nothing newer than AVX2 and FMA: that is what the re-encoder knows.
pub(crate) fn backend(target: Target) -> Result<OwnedTargetIsa, CompileError> {
    let mut flags = settings::builder();
    let mut set = |name: &str, value: &str| flags.set(name, value).map_err(|e| CompileError::backend(&e));
    set("opt_level", "speed")?;
    set("is_pic", "false")?;
    set("use_colocated_libcalls", "false")?;
    set("enable_probestack", "false")?;
    set("unwind_info", "false")?;
    set("log2_min_function_alignment", "6")?;
    set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
    let mut isa =
        cranelift_native::builder_with_options(false).map_err(|e| CompileError::Backend(e.to_owned()))?;
    if cfg!(target_arch = "x86_64") {
        let mut enable = |name: &str| isa.enable(name).map_err(|e| CompileError::backend(&e));
        for feature in ["has_sse3", "has_ssse3", "has_sse41"] {
            enable(feature)?;
        }
        if target.fma {
            for feature in ["has_sse42", "has_avx", "has_avx2", "has_fma"] {
                enable(feature)?;
            }
        }
    }
    isa.finish(settings::Flags::new(flags)).map_err(|e| CompileError::backend(&e))
}
