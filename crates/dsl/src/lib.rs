//! The spec language: text to syntax tree ([`mod@parse`]) and text to canonical text ([`mod@print`]).
//!
//! In: the text of a `.model` file. Out: an [`ast::Spec`] with a place for every word, and
//! every syntax mistake that was found. Names mean nothing yet here (crate `model`).
//!
//! The path of a text: tokens (`token`) → lines and bodies (`layout`) → statements of a line
//! (`grammar`, by `grammar.pest`) → tree (`statement`, `value`, `parse`). The formatter takes
//! the same path up to the statements and prints their tokens, so that comments and the way
//! numbers are written are kept.
//!
//! Words such as `loss` and `stack` are keywords only where a statement begins; anywhere
//! else they are names. So a layer may be called `loss`, but no line can begin with it.

pub mod ast;
mod classes;
mod columns;
pub mod dump;
mod expected;
mod grammar;
mod layout;
mod mistake;
pub mod parse;
mod phrase;
pub mod print;
mod statement;
mod text;
pub mod token;
mod value;

pub use classes::{Class, classes};
pub use dump::dump;
pub use layout::MAX_NESTING;
pub use parse::{LANGUAGE_VERSION, MAX_BYTES, parse};
pub use print::format;
