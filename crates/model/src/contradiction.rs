//! What a data file says against its spec, said where the spec says it.
//!
//! In: a spec as read, and what the reader of the file found. Out: a message at the argument of the
//! data set's source, or at the key, that the file contradicts.
//!
//! Not here: reading data; checking never does that (crates `data` and `kiln`).

use crate::load::Items;
use kiln_diag::{Code, Diagnostic, Span};
use kiln_dsl::ast::{Data, Expr, ExprKind};

/// Which words of a data set are contradicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At<'a> {
    /// A text in quotes of the source, or the argument that it stands for where it is not written itself.
    Text {
        /// The text.
        text: &'a str,
        /// The argument.
        argument: &'a str,
    },
    /// An argument of the source.
    Argument(&'a str),
    /// A key: `split`, or a field.
    Key(&'a str),
}

/// What a file says against its spec.
#[derive(Clone, Debug)]
pub struct Contradiction<'a> {
    /// The data set.
    pub data: &'a str,
    /// Where the spec says otherwise.
    pub at: At<'a>,
    /// One sentence: the file, and what it has.
    pub message: String,
    /// The name in the file that was probably meant.
    pub meant: Option<&'a str>,
}

/// The message for people; `None` where the spec has no such data set.
pub fn contradiction(items: &Items, found: &Contradiction<'_>) -> Option<Diagnostic> {
    let data = items.data.iter().find(|d| d.name.node == found.data)?;
    let (span, is_word) = place(data, &found.at);
    let d = Diagnostic::error(Code::DataContradiction, found.message.as_str())
        .primary(span, "the file says otherwise");
    Some(match found.meant {
        Some(meant) if is_word => {
            d.hint(format!("did you mean `\"{meant}\"`?")).suggest(span, format!("\"{meant}\""))
        }
        Some(meant) => d.hint(format!("the file has `{meant}`")),
        None => d,
    })
}

/// Where a data set says it, and whether that is the very word.
fn place(data: &Data, at: &At<'_>) -> (Span, bool) {
    let source = data.entries.iter().find(|e| e.key.node == "source");
    let argument = |name: &str| match source.map(|e| &e.value.kind) {
        Some(ExprKind::Call(_, args)) => {
            args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.node == name)).map(|a| a.value.span)
        }
        _ => None,
    };
    let whole = source.map_or(data.name.span, |e| e.value.span);
    match at {
        At::Text { text, argument: name } => match source.and_then(|e| literal(&e.value, text)) {
            Some(span) => (span, true),
            None => (argument(name).unwrap_or(whole), false),
        },
        At::Argument(name) => (argument(name).unwrap_or(whole), false),
        At::Key(key) => {
            let entry = data.entries.iter().find(|e| e.key.node == *key);
            (entry.map_or(data.name.span, |e| e.value.span), false)
        }
    }
}

/// Where a text in quotes stands within an expression, which is at most so deep as the parser allows.
fn literal(e: &Expr, text: &str) -> Option<Span> {
    match &e.kind {
        ExprKind::Text(found) => (found == text).then_some(e.span),
        ExprKind::Call(_, args) => args.iter().find_map(|a| literal(&a.value, text)),
        ExprKind::List(items) | ExprKind::Sweep(items) => items.iter().find_map(|i| literal(i, text)),
        ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
            literal(a, text).or_else(|| literal(b, text))
        }
        ExprKind::Negate(x) => literal(x, text),
        ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Name(_) | ExprKind::Path(..) => None,
    }
}
