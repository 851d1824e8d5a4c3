//! The spec language: text to syntax tree ([`parse`]) and syntax tree to canonical text ([`print`]).
//!
//! In: the text of a `.model` file. Out: an [`ast::Spec`] with a place for every word, and
//! every syntax mistake that was found. Names mean nothing yet here (crate `model`).

pub mod ast;
