//! One line to its statements, by `grammar.pest`.
//!
//! In: a [`Line`] and the rule of the body it stands in. Out: its statements as pairs of
//! pest, or the one mistake in it.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::expected::Expectation;
use crate::layout::Line;
use crate::text::Text;

pub(crate) use rules::{Grammar, Rule};

/// What `pest` makes of the grammar.
mod rules {
    #![allow(missing_docs, reason = "the derive writes the rules' enum without docs")]

    #[derive(pest_derive::Parser)]
    #[grammar = "grammar.pest"]
    pub(crate) struct Grammar;
}

/// The statements of a line, then its head where it has one; spans count from [`Text::line_start`].
pub(crate) fn statements<'t>(
    rule: Rule,
    text: &Text<'t>,
    line: &Line,
) -> Result<Vec<Pair<'t, Rule>>, Expectation> {
    let source = text.line(line);
    let error = match Grammar::parse(rule, source) {
        Ok(lines) => {
            return Ok(lines.flat_map(Pair::into_inner).filter(|p| p.as_rule() != Rule::EOI).collect());
        }
        Err(error) => error,
    };
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        // Limits of the parser itself, which the bound on nesting keeps out of reach.
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Err(Expectation { rule, at: text.line_start(line) + at as u32, expected })
}
