//! E001x: files that a spec uses.

use kiln_diag::{Code, Diagnostic, Spanned};

pub(crate) fn missing(path: &Spanned<String>, full: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::IncludeMissing, format!("cannot read `{}`", path.node))
        .primary(path.span, why.to_owned())
        .hint(format!("looked for `{full}`: the path is relative to the file that says `use`"))
}

pub(crate) fn cycle(path: &Spanned<String>) -> Diagnostic {
    Diagnostic::error(Code::IncludeCycle, format!("`{}` uses this file, or is this file", path.node))
        .primary(path.span, "leads back here")
        .hint("move what both files need into a third one")
}

pub(crate) fn too_deep(path: &Spanned<String>, depth: usize, files: usize) -> Diagnostic {
    Diagnostic::error(Code::IncludeDepth, "too many files use each other")
        .primary(path.span, "not read")
        .hint(format!("at most {depth} files deep and {files} in all: use what is needed directly"))
}
