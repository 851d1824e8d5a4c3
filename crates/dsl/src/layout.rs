//! Tokens to lines and bodies: the outline of a spec, before its grammar.
//!
//! In: the tokens of a text. Out: a tree of [`Body`]s whose lines are what the grammar reads
//! one at a time, with the comments and blank lines between them; mistakes in brackets and
//! quotes are reported here.
//!
//! A line ends with its text line, unless a bracket is open, the next one begins with `->`,
//! `*` or `{`, or this one ends with `->` or `,` and the next begins no statement. A body is the
//! lines between `{` and `}`.
//!
//! The reading goes on after a missing bracket where the mistake most likely ends: after the
//! text line of an open `(`, before the item that cannot stand in an open `{`.
//!
//! Invariants: bodies are nested at most [`MAX_NESTING`] deep; a line that is not `broken`
//! holds no open string and no unclosed `(` or `[`.

use crate::mistake::{self, Mistakes};
use crate::token::{Kind, Token};

/// Brackets of all kinds may be nested so deep.
pub const MAX_NESTING: usize = 64;

/// What stands between `{` and `}`, or in a whole file.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Lines and comments in order.
    pub(crate) nodes: Vec<Node>,
    /// A comment in the text line of the `{`, after it.
    pub(crate) head_comment: Option<usize>,
    /// `{` and `}` stand in one text line.
    pub(crate) on_one_line: bool,
    /// One after the last token, the `}` included.
    pub(crate) end: usize,
}

/// A part of a body. Numbers are positions in the list of tokens.
#[derive(Debug)]
pub(crate) enum Node {
    /// A comment in a text line of its own.
    Comment {
        /// The comment.
        token: usize,
        /// A blank line stands before it.
        blank_before: bool,
    },
    /// Statements, or a head and its body.
    Line(Line),
    /// A `}` that closes nothing.
    Stray {
        /// The brace.
        token: usize,
    },
}

/// What the grammar reads at once.
#[derive(Debug)]
pub(crate) struct Line {
    /// First token.
    pub(crate) first: usize,
    /// One after the last token; a head's `{` belongs to it.
    pub(crate) end: usize,
    /// After a head.
    pub(crate) body: Option<Body>,
    /// A blank line stands before it.
    pub(crate) blank_before: bool,
    /// A mistake in it was reported: the grammar need not be asked.
    pub(crate) broken: bool,
    /// The comment in the text line of the last token, or of the body's `}`.
    pub(crate) comment: Option<usize>,
}

/// The outline of a text; empty, with a mistake reported, where brackets are nested too deep.
pub(crate) fn outline(source: &str, tokens: &[Token], mistakes: &mut Mistakes) -> Body {
    let mut depth = 0_usize;
    let mut braces = 0_isize;
    for token in tokens {
        match token.kind {
            Kind::OpenBrace => braces += 1,
            Kind::CloseBrace => braces -= 1,
            _ => {}
        }
        if token.kind.opens() {
            depth += 1;
        } else if token.kind.closes() {
            depth = depth.saturating_sub(1);
        }
        if depth > MAX_NESTING {
            mistakes.push(mistake::brackets_too_deep(mistakes.span(*token)));
            return Body::default();
        }
    }
    Outliner { source, tokens, at: 0, braces, mistakes, open: Vec::new() }.file()
}

struct Outliner<'a, 'd> {
    source: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// How many `{` lack a `}` in the whole text; negative where `{` are lacking.
    braces: isize,
    mistakes: &'a mut Mistakes<'d>,
    /// The `{` of the bodies that are being read.
    open: Vec<Option<usize>>,
}

impl Outliner<'_, '_> {
    fn file(mut self) -> Body {
        let mut body = Body::default();
        loop {
            self.nodes(&mut body);
            // Only a brace that closes nothing ends the reading of a file early.
            if self.at >= self.tokens.len() || self.mistakes.are_full() {
                return body;
            }
            body.nodes.push(Node::Stray { token: self.at });
            self.at += 1;
        }
    }

    /// Reads up to a `}` or the end, or an item that shows that a `}` is missing.
    fn nodes(&mut self, body: &mut Body) {
        let mut newlines = 0;
        while let Some(token) = self.peek(self.at) {
            let blank_before = newlines > 1 && !body.nodes.is_empty();
            match token.kind {
                Kind::Newline => {
                    newlines += 1;
                    self.at += 1;
                    continue;
                }
                Kind::Comment => {
                    body.nodes.push(Node::Comment { token: self.at, blank_before });
                    self.at += 1;
                }
                Kind::CloseBrace => return,
                _ if self.mistakes.are_full() || self.closes_early() => return,
                _ => {
                    let line = self.line(blank_before);
                    body.nodes.push(Node::Line(line));
                }
            }
            newlines = 0;
        }
    }

    /// One line with its body and the comment beside it.
    fn line(&mut self, blank_before: bool) -> Line {
        let first = self.at;
        let broken = self.statement();
        let mut line = Line { first, end: self.at, body: None, blank_before, broken, comment: None };
        if self.peek(self.at.wrapping_sub(1)).is_some_and(|t| t.kind == Kind::OpenBrace) {
            line.body = Some(self.body(Some(self.at - 1)));
        } else if self.lacks_brace(first) {
            line.body = Some(self.body(None));
        }
        line.comment = self.comment();
        line
    }

    /// What follows a `{`, up to and with its `}`.
    fn body(&mut self, open: Option<usize>) -> Body {
        let mut body = Body { head_comment: self.comment(), ..Body::default() };
        let begin = self.at;
        self.open.push(open);
        self.nodes(&mut body);
        self.open.pop();
        body.on_one_line = !self.tokens[begin..self.at].iter().any(|t| t.kind.is_trivia());
        match (self.peek(self.at).map(|t| t.kind), open) {
            (Some(Kind::CloseBrace), _) => self.at += 1,
            (_, Some(open)) if !self.mistakes.are_full() => {
                self.braces -= 1;
                let next = self.peek(self.at).map(|t| (t.text(self.source), self.mistakes.span(t)));
                self.mistakes.push(mistake::unclosed_brace(self.mistakes.span(self.tokens[open]), next));
            }
            (_, _) => {}
        }
        body.end = self.at;
        body
    }

    /// Moves to the end of a line; true where a mistake in it was reported.
    fn statement(&mut self) -> bool {
        let first = self.at;
        let mut brackets: Vec<usize> = Vec::new();
        while let Some(token) = self.peek(self.at) {
            match token.kind {
                Kind::Newline | Kind::Comment if brackets.is_empty() => match self.continuation() {
                    Some(next) => {
                        self.at = next;
                        continue;
                    }
                    None => break,
                },
                Kind::OpenParen | Kind::OpenBracket => brackets.push(self.at),
                Kind::CloseParen | Kind::CloseBracket => self.close(token.kind, &mut brackets),
                Kind::CloseBrace => break,
                Kind::OpenBrace if !brackets.is_empty() => break,
                Kind::OpenBrace => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.end_statement(first, brackets.first().copied())
    }

    /// Takes a bracket's partner off the open ones, and with it those inside that have none.
    /// A bracket without a partner is left to the grammar.
    fn close(&self, close: Kind, brackets: &mut Vec<usize>) {
        let open = if close == Kind::CloseParen { Kind::OpenParen } else { Kind::OpenBracket };
        if let Some(partner) = brackets.iter().rposition(|i| self.tokens[*i].kind == open) {
            brackets.truncate(partner);
        }
    }

    /// Where a bracket stayed open, takes back the lines after the statement; then reports open
    /// strings. True where there was a mistake.
    fn end_statement(&mut self, first: usize, open: Option<usize>) -> bool {
        let is_open_text = |i: &usize| self.tokens[*i].kind == Kind::OpenText;
        if let Some(open) = open {
            // The bracket's end may be what the string swallowed: that is one mistake, not two.
            let text = (first..self.at).find(is_open_text);
            self.at = self.next_statement(first, text.unwrap_or(open));
            if text.is_none() {
                let bracket = self.tokens[open];
                let place = self.mistakes.span(bracket);
                self.mistakes.push(mistake::unclosed_bracket(bracket.text(self.source), place));
            }
        }
        let texts: Vec<usize> = (first..self.at).filter(is_open_text).collect();
        for text in &texts {
            self.mistakes.push(mistake::unclosed_text(self.mistakes.span(self.tokens[*text])));
        }
        open.is_some() || !texts.is_empty()
    }

    /// The end of the text line after `from`, up to `self.at`, after which a line begins no
    /// further right than the statement at `first` did.
    fn next_statement(&self, first: usize, from: usize) -> usize {
        let margin = self.indent(first);
        let begins = |i: &usize| {
            let next = self.tokens.get(i + 1);
            self.tokens[*i].kind == Kind::Newline
                && next.is_some_and(|t| t.kind != Kind::Newline && self.indent(i + 1) <= margin)
        };
        let Some(line_break) = (from..self.at).find(begins) else { return self.at };
        (from..line_break).rev().take_while(|i| self.tokens[*i].kind.is_trivia()).last().unwrap_or(line_break)
    }

    /// Bytes before the first token of the text line in which a token stands.
    fn indent(&self, at: usize) -> u32 {
        let first = (0..at).rev().find(|i| self.tokens[*i].kind == Kind::Newline).map_or(0, |i| i + 1);
        let line_start = first.checked_sub(1).map_or(0, |i| self.tokens[i].end);
        self.tokens[first].start - line_start
    }

    /// The token that continues the line after the comments and line breaks at `self.at`.
    fn continuation(&self) -> Option<usize> {
        let next = (self.at..self.tokens.len()).find(|i| !self.tokens[*i].kind.is_trivia())?;
        let last = self.peek(self.at.wrapping_sub(1))?.kind;
        match self.tokens[next].kind {
            Kind::Arrow | Kind::Star | Kind::OpenBrace => Some(next),
            Kind::CloseBrace => None,
            _ if self.begins_statement(next) || self.begins_item(next) => None,
            _ if matches!(last, Kind::Arrow | Kind::Comma) => Some(next),
            _ => None,
        }
    }

    /// The comment in the text line where the reading stands.
    fn comment(&mut self) -> Option<usize> {
        let at = self.at;
        let found = self.peek(at).is_some_and(|t| t.kind == Kind::Comment);
        if found {
            self.at += 1;
        }
        found.then_some(at)
    }

    /// In an open body of a text that lacks `}`: what comes next cannot stand in it.
    fn closes_early(&self) -> bool {
        let inner = self.open.len() > 1 && self.begins_model_statement(self.at);
        self.braces > 0 && !self.open.is_empty() && (inner || self.begins_item(self.at))
    }

    /// In a text that lacks `{`: the line that began at `first` is a head without one.
    fn lacks_brace(&self, first: usize) -> bool {
        if self.braces >= 0 || !matches!(self.peek(self.at).map(|t| t.kind), Some(Kind::Newline)) {
            return false;
        }
        let length = self.at - first;
        match self.word(first) {
            "data" => self.open.is_empty() && length == 2,
            "model" => self.open.is_empty() && length >= 2,
            "train" | "report" => self.open.is_empty() && length == 1,
            "stack" => !self.open.is_empty() && length >= 2,
            _ => false,
        }
    }

    fn begins_item(&self, at: usize) -> bool {
        let next = self.peek(at + 1).map(|t| t.kind);
        match self.word(at) {
            "data" | "model" | "block" => next == Some(Kind::Word),
            "train" | "report" => next == Some(Kind::OpenBrace),
            "title" | "use" => next == Some(Kind::Text),
            _ => false,
        }
    }

    fn begins_statement(&self, at: usize) -> bool {
        let is_stack = self.word(at) == "stack" && self.peek(at + 1).is_some_and(|t| t.kind == Kind::Word);
        is_stack || self.begins_model_statement(at)
    }

    /// `loss name:` and the like, which stand in no stack.
    fn begins_model_statement(&self, at: usize) -> bool {
        let kinds = [self.peek(at + 1).map(|t| t.kind), self.peek(at + 2).map(|t| t.kind)];
        matches!(self.word(at), "input" | "target" | "loss" | "metric")
            && kinds == [Some(Kind::Word), Some(Kind::Colon)]
    }

    fn word(&self, at: usize) -> &str {
        match self.peek(at) {
            Some(token) if token.kind == Kind::Word => token.text(self.source),
            _ => "",
        }
    }

    fn peek(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }
}
