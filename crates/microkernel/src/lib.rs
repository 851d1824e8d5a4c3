//! The wide inner kernels: what machine code made by Cranelift calls where 128-bit vectors would cost
//! too much.
//!
//! In: raw pointers into matrices stored as panels. Out: the same, written. One [`Table`] of
//! `extern "C"` functions per instruction set, all with the same signatures and the same meaning, so
//! that generated code differs between processors only in the addresses it calls.
//!
//! # Panels
//!
//! A matrix `[rows, cols]` of f32 is stored as `ceil(cols / 32)` panels of 32 columns, each row by row:
//! element `(r, c)` is at `base + (c / 32) · panel_stride + r · 128 + (c % 32) · 4` bytes, with
//! `panel_stride ≥ rows · 128`. Rows of a panel should be 64-byte aligned for speed; correctness needs
//! only the 4 bytes of an f32. Columns past `cols` in the last panel are padding: they may hold anything
//! and never influence a real column.
//!
//! # Arithmetic
//!
//! Every output of a matmul is one accumulator, which starts at `+0` (or at the old value of C when
//! accumulating) and takes its products in the order of `k`, one fused multiply-add each; the portable
//! kernels round the product and the sum separately. Hence results depend on shapes and on [`Isa`]
//! only: how rows are cut into blocks or `k` into accumulated pieces changes no bit, and AVX-512, AVX2
//! and NEON agree with each other bit for bit. (Which of two NaN payloads survives is not specified.)
//!
//! Reading order: `tile` (the matmul, written once), `movement` (gather, transpose, copy), `isa` (the
//! vocabulary of each instruction set), [`table`](mod@table) (the ABI), [`checked`] (the same functions on
//! slices), [`measure`] (the machine's own limits).
//!
//! Not here: loops over panels, packing decisions, threads; they are the caller's.
#![allow(unsafe_code, reason = "vector intrinsics and raw panels; each block carries its proof")]

#[macro_use]
mod tile;
#[macro_use]
mod movement;
mod isa;

pub mod checked;
pub mod measure;
pub mod table;

pub use isa::Isa;
pub use measure::{bandwidth, peak, round_trip};
pub use table::{Table, table};

/// Columns in a panel.
pub const PANEL_COLUMNS: usize = 32;

/// Bytes in a row of a panel.
pub const ROW_BYTES: usize = PANEL_COLUMNS * size_of::<f32>();
