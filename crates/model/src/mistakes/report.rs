//! E07xx: report sections.

use super::Guess;
use kiln_diag::{Code, Diagnostic, Span};

pub(crate) fn unknown_section(name: &str, span: Span, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownSection, format!("there is no report section `{name}`"))
        .primary(span, "unknown section")
        .guess(name, span, known.iter().copied())
}

pub(crate) fn not_a_section(span: Span) -> Diagnostic {
    Diagnostic::error(Code::UnknownSection, "a report is made of sections")
        .primary(span, "expected a section, such as `curves`")
}

pub(crate) fn no_head(section: &str, span: Span, needs: &str) -> Diagnostic {
    Diagnostic::error(Code::SectionHead, format!("`{section}` needs {needs}, and the model has none"))
        .primary(span, "does not apply to this model")
        .hint("leave the section out")
}

pub(crate) fn wrong_head(section: &str, span: Span, head: &str, needs: &str, heads: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(Code::SectionHead, format!("`{section}` does not apply to `{head}`"))
        .primary(span, format!("expected {needs}"));
    if heads.is_empty() {
        d.hint("leave the section out")
    } else {
        d.guess(head, span, heads.iter().copied())
    }
}
