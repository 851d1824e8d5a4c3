//! Compiled steps against the interpreter's, on every instruction set of this processor.
//!
//! In: graphs, as small as one operation and as large as a training step. Compared: every output and
//! every state, on each [`kiln_codegen::Isa`], after all memory was filled with NaN.
//!
//! Reading order: [`harness`] runs, [`reference`] compares; [`operations`] and [`accuracy`] take
//! one operation at a time, [`random`] the random numbers, [`shapes`] all kernels over all sizes,
//! [`steps`] and [`library`] whole steps, [`entries`] several steps over one memory, [`jobs`] how runs end,
//! [`random_graphs`] whatever dice make, [`identity`] the same bits whatever runs them, [`golden`] the
//! code as text.

mod harness;
mod reference;

mod operations;

mod accuracy;

mod random;

mod shapes;

mod steps;

#[path = "../recipes/mod.rs"]
mod recipes;

mod library;

mod entries;

mod jobs;

#[path = "../../../schedule/tests/support/dice.rs"]
#[allow(dead_code, reason = "the planner's tests use the rest")]
mod dice;
#[path = "../../../schedule/tests/support/random_graph.rs"]
mod random_graph;

mod random_graphs;

mod identity;

mod golden;
