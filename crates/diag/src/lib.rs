//! Where something was said, and what to tell the one who said it.
//!
//! In: source texts ([`Sources`]) and mistakes found in them ([`Diagnostic`]).
//! Out: messages with carets and hints, as text ([`mod@render`]) or as data ([`json`]).
//!
//! Not here: which mistakes there are to find (crates `dsl` and `model`).

pub mod code;
pub mod diagnostic;
pub mod json;
pub mod reference;
pub mod render;
pub mod sarif;
pub mod source;
pub mod suggest;

pub use code::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, Suggestion};
pub use json::to_json;
pub use render::render;
pub use sarif::to_sarif;
pub use source::{FileId, LineCol, Sources, Span, Spanned};
pub use suggest::suggest;
