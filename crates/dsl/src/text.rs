//! A text with its tokens, and the places of things in it.
//!
//! Shared by reading ([`crate::parse`]) and formatting ([`crate::print`]): both go from lines
//! to the grammar's pairs and back to tokens.

use std::ops::Range;

use kiln_diag::{FileId, Span};
use pest::iterators::Pair;

use crate::grammar::Rule;
use crate::layout::Line;
use crate::token::{Token, tokens};

/// A source text and its tokens.
pub(crate) struct Text<'t> {
    /// As it was read.
    pub(crate) source: &'t str,
    /// Which file it is.
    pub(crate) file: FileId,
    /// All tokens in order.
    pub(crate) tokens: Vec<Token>,
}

impl<'t> Text<'t> {
    /// A text of less than 4 GiB.
    pub(crate) fn new(source: &'t str, file: FileId) -> Text<'t> {
        Text { source, file, tokens: tokens(source) }
    }

    /// The text of a line, comments inside it included.
    pub(crate) fn line(&self, line: &Line) -> &'t str {
        match self.tokens.get(line.first..line.end) {
            Some([first, .., last]) => &self.source[first.start as usize..last.end as usize],
            Some([only]) => &self.source[only.start as usize..only.end as usize],
            Some([]) | None => "",
        }
    }

    /// The byte at which a line begins.
    pub(crate) fn line_start(&self, line: &Line) -> u32 {
        self.tokens.get(line.first).map_or(0, |t| t.start)
    }

    /// The tokens of a pair of a line; comments inside it included, none at its end.
    ///
    /// Pest counts the blanks and comments before an absent optional part as part of the pair.
    pub(crate) fn pair_tokens(&self, line: &Line, pair: &Pair<'_, Rule>) -> Range<usize> {
        let base = self.line_start(line);
        let (start, end) = (base + pair.as_span().start() as u32, base + pair.as_span().end() as u32);
        let first = self.tokens.partition_point(|t| t.start < start);
        let mut last = self.tokens.partition_point(|t| t.end <= end);
        while last > first && self.tokens[last - 1].kind.is_trivia() {
            last -= 1;
        }
        first..last
    }

    /// The place of a pair of a line.
    pub(crate) fn pair_span(&self, line: &Line, pair: &Pair<'_, Rule>) -> Span {
        self.tokens_span(self.pair_tokens(line, pair))
    }

    /// The place of a run of tokens.
    pub(crate) fn tokens_span(&self, range: Range<usize>) -> Span {
        match self.tokens.get(range) {
            Some([first, .., last]) => self.span(first.start, last.end),
            Some([only]) => self.span(only.start, only.end),
            Some([]) | None => self.span(0, 0),
        }
    }

    /// The place of one token.
    pub(crate) fn token_span(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    /// A range of bytes.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end }
    }
}
