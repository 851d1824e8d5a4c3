//! The one intermediate representation: a graph of matrices.
//!
//! In: recipes that call [`Builder`]. Out: a [`Graph`], its gradients ([`autodiff`]), the same
//! with fewer nodes ([`mod@simplify`]), its text ([`mod@print`]) and its meaning ([`interp`], which
//! also is what [`finite_difference`] checks gradients with).
//!
//! The one idea: **every value is a matrix of f32**, `[rows, cols]`. The number of
//! columns is a constant; the number of rows is a constant or `B`, the rows of the
//! batch. A vector is `[1, n]`, a scalar `[1, 1]`, a column of row weights `[B, 1]`,
//! a class label `[B, 1]` holding the index of the class. Binary operations stretch
//! an operand with one row or one column, as NumPy does, so there is no broadcast.
//!
//! Invariants, checked by [`mod@verify`]: arguments come before their readers; shapes are
//! those that [`mod@infer`] computes; each state is assigned at most once.
//!
//! Not here: what a layer is (crate `library`), fusion and memory (crate `schedule`).

// What a graph is, and how it is made.
#[macro_use]
mod typed_ids;

pub mod shape; // blank lines keep the formatter from sorting

pub mod prim;

pub mod graph;

pub mod infer;

pub mod builder;

// What is done with one.
pub mod verify;

pub mod print;

pub mod autodiff;

pub mod simplify;

pub mod interp;

pub mod finite_difference;

// Numbers that are the same everywhere.
pub mod math;
pub mod random;

pub use autodiff::{gradients, gradients_where_any};
pub use builder::Builder;
pub use graph::{
    Assignment, Graph, Initial, InputDecl, InputId, Node, Output, ScalarDecl, ScalarId, StateDecl, StateId,
    StateRole, StreamId, ValueId,
};
pub use prim::{Axis, BinaryOp, Distribution, Prim, ReduceOp, UnaryOp};
pub use print::print;
pub use shape::{Extent, Shape};
pub use simplify::simplify;
pub use verify::{Violation, verify};
