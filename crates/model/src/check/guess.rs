//! Misspelt parameters: a name that means nothing where it stands, and is nearly that of a parameter.
//!
//! In: the mistakes found, and the blocks and models. Out: the same mistakes, whose hint is the
//! parameter of the block or model that the place is in.
//!
//! Why here: a value is evaluated before anybody knows whether a name in it is a word, an item of the
//! library or a slip, and what takes the value knows nothing of parameters.

use crate::load::Items;
use kiln_diag::{Code, Diagnostic, Diagnostics, Sources, Span, suggest};
use kiln_dsl::ast::Param;

/// Puts "did you mean" a parameter where one is near.
pub(super) fn parameters(items: &Items, sources: &Sources, diagnostics: &mut Diagnostics) {
    diagnostics.change(|d| {
        if matches!(d.code, Code::WrongKind | Code::BadWeight | Code::UnknownItem | Code::UnknownWord) {
            guess(d, items, sources);
        }
    });
}

fn guess(d: &mut Diagnostic, items: &Items, sources: &Sources) {
    let Some(place) = d.place() else { return };
    let word = sources.snippet(place);
    let is_name = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let has_guess = d.hints.iter().any(|hint| hint.starts_with("did you mean"));
    if !is_name || has_guess {
        return;
    }
    let Some(params) = params_around(items, place) else { return };
    let near = suggest(word, params.iter().map(|p| p.name.node.as_str()));
    if let Some(near) = near {
        let guessed = d.clone();
        *d = Diagnostic { hints: vec![format!("did you mean `{near}`?")], ..guessed }.suggest(place, near);
    }
}

/// The parameters of the block or model that holds `place`.
fn params_around(items: &Items, place: Span) -> Option<&[Param]> {
    let holds = |span: Span| span.file == place.file && span.start <= place.start && place.end <= span.end;
    let block = items.blocks.iter().find(|b| holds(b.span)).map(|b| b.params.as_slice());
    block.or_else(|| items.models.iter().find(|m| holds(m.span)).map(|m| m.params.as_slice()))
}
