//! Diagnostics as text, in the look of rustc.

use crate::diagnostic::Diagnostics;
use crate::source::Sources;

/// All messages, in the order of their places, with carets under each; `color` adds ANSI colours.
pub fn render(_all: &Diagnostics, _sources: &Sources, _color: bool) -> String {
    String::new()
}
