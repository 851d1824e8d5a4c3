//! What a user can get wrong, one constructor each: what, where, what it clashes with, what to type.
//!
//! Codes and their pages are in `kiln_diag::code`. Not here: finding the mistakes ([`crate::check`]).

pub(crate) mod arguments;
pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod heads;
pub(crate) mod names;
pub(crate) mod report;
pub(crate) mod shapes;
pub(crate) mod train;
pub(crate) mod warnings;

use kiln_diag::{Span, suggest};

/// A layer, item or block where it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// "did you mean `x`?", or the names there are where none is near and they are few.
pub(crate) fn did_you_mean<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    match suggest(word, names.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if (1..=12).contains(&names.len()) => Some(format!("there is {}", quoted(&names))),
        None => None,
    }
}

/// `a`, `b` and `c`
pub(crate) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

/// `a`, `an`
pub(crate) fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// `[28, 28]`
pub(crate) fn extents(dims: &[u32]) -> String {
    format!("{dims:?}")
}
