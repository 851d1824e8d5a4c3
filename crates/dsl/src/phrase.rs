//! The tokens of one statement as text: blanks between them, breaks in long ones.
//!
//! In: positions of tokens, comments among them, and the line begun so far. Out: more lines.
//!
//! A pipeline breaks before `->` and a list of metrics after `,`: where the user broke it,
//! where a comment stands, and where the line would pass [`WIDTH`]. Brackets break to one
//! element a line where they hold a comment or are too long. A comment in any other place
//! has no line to stand beside and moves above the statement ([`Statement::above`]).
//!
//! What is written here reads back as the same tokens, commas before a closing bracket aside,
//! and is written the same again.

use crate::text::Text;
use crate::token::{Kind, Token};

/// Lines are broken to stay within so many characters where they can.
pub(crate) const WIDTH: usize = 110;

/// One level of indentation.
pub(crate) const INDENT: usize = 4;

/// Continuation lines stand under the first `->` unless it is further right than this.
const LONGEST_HANG: usize = 24;

/// A line of the result, with the comment beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutLine {
    /// Without the comment.
    pub(crate) text: String,
    /// `// …`
    pub(crate) comment: Option<String>,
}

impl OutLine {
    /// A line without a comment.
    pub(crate) fn new(text: String) -> OutLine {
        OutLine { text, comment: None }
    }

    /// A comment on a line of its own.
    pub(crate) fn comment(indent: usize, comment: &str) -> OutLine {
        OutLine::new(format!("{}{comment}", " ".repeat(indent)))
    }
}

/// A statement cut where it may be broken.
pub(crate) struct Statement {
    /// Comments that have no place inside it.
    pub(crate) above: Vec<usize>,
    segments: Vec<Segment>,
}

/// What stays together, and the comments after it.
#[derive(Default)]
struct Segment {
    tokens: Vec<usize>,
    /// The user began a new line before it.
    breaks: bool,
    beside: Option<usize>,
    below: Vec<usize>,
}

/// Cuts a statement before each `->`, or after each `,` where it is a list.
pub(crate) fn cut(text: &Text<'_>, tokens: &[usize], is_list: bool) -> Statement {
    let mut above = Vec::new();
    let mut segments = vec![Segment::default()];
    let mut depth = 0_usize;
    let mut last = None;
    for &at in tokens {
        let kind = text.tokens[at].kind;
        let current = segments.len() - 1;
        if kind == Kind::Comment && depth == 0 {
            let segment = &mut segments[current];
            if segment.beside.is_none() && segment.below.is_empty() && !breaks_between(text, last, at) {
                segment.beside = Some(at);
            } else {
                segment.below.push(at);
            }
            continue;
        }
        let after_comma = last.is_some_and(|l: usize| text.tokens[l].kind == Kind::Comma);
        if depth == 0 && last.is_some() && (kind == Kind::Arrow || is_list && after_comma) {
            segments.push(Segment { breaks: breaks_between(text, last, at), ..Segment::default() });
        } else if kind != Kind::Comment {
            above.extend(segments[current].beside.take());
            above.append(&mut segments[current].below);
        }
        if kind.opens() {
            depth += 1;
        } else if kind.closes() {
            depth = depth.saturating_sub(1);
        }
        if let Some(segment) = segments.last_mut() {
            // A break after `->` is as good as one before it.
            segment.breaks |= segment.tokens.len() == 1 && kind != Kind::Comment && {
                text.tokens[segment.tokens[0]].kind == Kind::Arrow && breaks_between(text, last, at)
            };
            segment.tokens.push(at);
        }
        last = Some(at);
    }
    for segment in &mut segments {
        above.append(&mut loose_comments(text, &mut segment.tokens));
    }
    Statement { above, segments }
}

/// A line break stands between two tokens.
fn breaks_between(text: &Text<'_>, before: Option<usize>, after: usize) -> bool {
    before.is_some_and(|b| text.tokens[b..after].iter().any(|t| t.kind == Kind::Newline))
}

/// Takes out the comments that stand in no bracket that can be broken.
fn loose_comments(text: &Text<'_>, tokens: &mut Vec<usize>) -> Vec<usize> {
    let inside = groups(text, tokens);
    let mut loose = Vec::new();
    let mut position = 0;
    tokens.retain(|at| {
        let here = position;
        position += 1;
        let is_loose = text.tokens[*at].kind == Kind::Comment
            && !inside.iter().any(|(open, close)| (*open..*close).contains(&here));
        if is_loose {
            loose.push(*at);
        }
        !is_loose
    });
    loose
}

/// The outermost brackets that may be broken, as positions in `tokens`: lists and arguments.
/// Round brackets around a value take no comma, so they stay together.
fn groups(text: &Text<'_>, tokens: &[usize]) -> Vec<(usize, usize)> {
    let kind = |i: usize| text.tokens[tokens[i]].kind;
    let mut found = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut first: Option<usize> = None;
    for i in 0..tokens.len() {
        if kind(i).opens() && kind(i) != Kind::OpenBrace {
            let is_call = i > 0 && kind(i - 1) == Kind::Word;
            if first.is_none() && (kind(i) == Kind::OpenBracket || is_call) {
                first = Some(open.len());
            }
            open.push(i);
        } else if kind(i).closes()
            && let Some(begin) = open.pop()
            && first == Some(open.len())
        {
            found.push((begin, i));
            first = None;
        }
    }
    found
}

/// Tokens in one line, without comments and without a comma before a closing bracket.
pub(crate) fn flat(text: &Text<'_>, tokens: &[usize]) -> String {
    let code: Vec<Token> =
        tokens.iter().map(|i| text.tokens[*i]).filter(|t| t.kind != Kind::Comment).collect();
    let mut line = String::new();
    let (mut last, mut is_sign) = (None, false);
    for (i, token) in code.iter().enumerate() {
        if token.kind == Kind::Comma && code.get(i + 1).is_some_and(|t| t.kind.closes()) {
            continue;
        }
        if last.is_some_and(|last| is_spaced(last, is_sign, token.kind)) {
            line.push(' ');
        }
        line.push_str(token.text(text.source));
        is_sign = token.kind == Kind::Minus && !last.is_some_and(ends_value);
        last = Some(token.kind);
    }
    line
}

/// A blank stands between two tokens; `is_sign`: the first is a minus that belongs to a number.
fn is_spaced(before: Kind, is_sign: bool, after: Kind) -> bool {
    match (before, after) {
        (_, Kind::CloseParen | Kind::CloseBracket | Kind::Comma | Kind::Colon | Kind::Dot | Kind::Range) => {
            false
        }
        (Kind::OpenParen | Kind::OpenBracket | Kind::Dot | Kind::Range, _) => false,
        (Kind::Word, Kind::OpenParen) => false,
        (Kind::Minus, _) => !is_sign,
        (_, _) => true,
    }
}

fn ends_value(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Number | Kind::Text | Kind::CloseParen | Kind::CloseBracket)
}

/// Writes statements into lines.
pub(crate) struct Writer<'a, 't> {
    text: &'a Text<'t>,
    lines: Vec<OutLine>,
}

impl<'a, 't> Writer<'a, 't> {
    /// Begins with a line that holds `lead`, its indentation included.
    pub(crate) fn new(text: &'a Text<'t>, lead: String) -> Writer<'a, 't> {
        Writer { text, lines: vec![OutLine::new(lead)] }
    }

    /// The lines written.
    pub(crate) fn finish(self) -> Vec<OutLine> {
        self.lines
    }

    /// Characters in the last line.
    pub(crate) fn column(&self) -> usize {
        self.lines.last().map_or(0, |line| line.text.chars().count())
    }

    /// Everything is in one line so far.
    pub(crate) fn is_one_line(&self) -> bool {
        self.lines.len() == 1
    }

    /// Adds to the last line.
    pub(crate) fn append(&mut self, more: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(more);
        }
    }

    /// A whole statement; `indent` is that of the line it begins in.
    pub(crate) fn statement(&mut self, statement: &Statement, indent: usize) {
        let mut hang = self.column();
        for (i, segment) in statement.segments.iter().enumerate() {
            let is_arrow = segment.tokens.first().is_some_and(|t| self.text.tokens[*t].kind == Kind::Arrow);
            if i == 1 && is_arrow {
                let under = self.column() + 1;
                let is_near = self.is_one_line() && under <= indent + LONGEST_HANG;
                hang = if is_near { under } else { indent + INDENT };
            }
            if i > 0 {
                self.between(&statement.segments[i - 1], segment, hang);
            }
            let inner = if i == 0 { indent } else { hang };
            self.write(&segment.tokens, inner);
            self.beside(segment.beside);
        }
    }

    /// A blank, or a line break and the comments that stand there.
    fn between(&mut self, before: &Segment, after: &Segment, hang: usize) {
        let has_comment = before.beside.is_some() || !before.below.is_empty();
        if !has_comment && !after.breaks {
            self.append(" ");
            if self.fits(&after.tokens) {
                return;
            }
            self.unblank();
        }
        for comment in &before.below {
            self.lines.push(OutLine::comment(hang, self.comment(*comment)));
        }
        self.newline(hang);
    }

    /// Tokens in the last line, brackets broken where they must be.
    pub(crate) fn write(&mut self, tokens: &[usize], indent: usize) {
        let groups = groups(self.text, tokens);
        let has_comment = |from: usize, to: usize| {
            tokens[from..to].iter().any(|t| self.text.tokens[*t].kind == Kind::Comment)
        };
        // Brackets with comments first, from the left; then the longest of those that are left
        // where the rest is too long. Lengths are those of the flat text, which breaking does
        // not change: so the same brackets are broken the next time.
        let commented: Vec<bool> = groups.iter().map(|(open, close)| has_comment(*open, *close)).collect();
        let length = |open: usize, close: usize| flat(self.text, &tokens[open..=close]).chars().count();
        let lengths: Vec<usize> = groups.iter().map(|(open, close)| length(*open, *close)).collect();
        let (mut from, mut next) = (0, 0);
        loop {
            let with_comment = (next..groups.len()).find(|i| commented[*i]);
            let breaks = match with_comment {
                Some(group) => Some(group),
                None if self.fits(&tokens[from..]) => None,
                None => (next..groups.len()).rev().filter(|i| lengths[*i] > 2).max_by_key(|i| lengths[*i]),
            };
            let Some(group) = breaks else { break };
            let (open, close) = groups[group];
            self.append(&flat(self.text, &tokens[from..=open]));
            self.elements(&tokens[open + 1..close], indent + INDENT);
            self.newline(indent);
            (from, next) = (close, group + 1);
        }
        self.append(&flat(self.text, &tokens[from..]));
    }

    fn fits(&self, tokens: &[usize]) -> bool {
        // Every token takes a character: long texts are not written only to be measured.
        let column = self.column();
        column + tokens.len() / 2 <= WIDTH && column + flat(self.text, tokens).chars().count() <= WIDTH
    }

    /// What stands in a broken bracket, one element a line, the `=` of all of them in one column.
    fn elements(&mut self, tokens: &[usize], indent: usize) {
        let elements = elements(self.text, tokens);
        let keys = elements.iter().filter_map(|element| self.key(element));
        let width = keys.map(|key| key.chars().count()).max().unwrap_or(0);
        for element in &elements {
            for comment in &element.above {
                self.lines.push(OutLine::comment(indent, self.comment(*comment)));
            }
            if element.tokens.is_empty() {
                continue;
            }
            self.newline(indent);
            match self.key(element) {
                Some(key) => {
                    self.append(&format!("{key:width$} "));
                    self.write(&element.tokens[1..], indent);
                }
                None => self.write(&element.tokens, indent),
            }
            self.append(",");
            self.beside(element.beside);
        }
    }

    /// The name of an element `name = value`.
    fn key(&self, element: &Element) -> Option<&'a str> {
        let text = self.text;
        match element.tokens.as_slice() {
            [key, assign, ..] if text.tokens[*assign].kind == Kind::Assign => {
                Some(text.tokens[*key].text(text.source))
            }
            _ => None,
        }
    }

    /// Takes back a blank at the end of the last line.
    fn unblank(&mut self) {
        if let Some(line) = self.lines.last_mut() {
            line.text.truncate(line.text.trim_end().len());
        }
    }

    fn newline(&mut self, indent: usize) {
        self.lines.push(OutLine::new(" ".repeat(indent)));
    }

    /// Puts a comment beside the last line.
    pub(crate) fn beside(&mut self, comment: Option<usize>) {
        let comment = comment.map(|c| self.comment(c).to_owned());
        if let (Some(line), Some(comment)) = (self.lines.last_mut(), comment) {
            line.comment = Some(comment);
        }
    }

    fn comment(&self, at: usize) -> &'a str {
        comment(self.text, at)
    }
}

/// A comment as it is written again.
pub(crate) fn comment<'a>(text: &'a Text<'_>, at: usize) -> &'a str {
    text.tokens[at].text(text.source).trim_end()
}

/// An element of a list or of arguments, and its comments.
#[derive(Default)]
struct Element {
    above: Vec<usize>,
    tokens: Vec<usize>,
    beside: Option<usize>,
}

/// The elements between brackets; the last has no tokens and holds the comments before the end.
fn elements(text: &Text<'_>, tokens: &[usize]) -> Vec<Element> {
    let mut done: Vec<Element> = Vec::new();
    let mut current = Element::default();
    let mut depth = 0_usize;
    for (i, &at) in tokens.iter().enumerate() {
        let kind = text.tokens[at].kind;
        let before = i.checked_sub(1).map(|b| tokens[b]);
        match kind {
            Kind::Comment if depth == 0 => {
                let is_beside = before.is_some() && !breaks_between(text, before, at);
                let owner = if current.tokens.is_empty() { done.last_mut() } else { Some(&mut current) };
                match owner {
                    Some(element) if is_beside && element.beside.is_none() => element.beside = Some(at),
                    _ => current.above.push(at),
                }
            }
            Kind::Comma if depth == 0 => done.push(std::mem::take(&mut current)),
            _ => {
                // A comment in the middle of an element moves above it.
                if let Some(comment) = current.beside.take() {
                    current.above.push(comment);
                }
                depth = if kind.opens() { depth + 1 } else { depth - usize::from(kind.closes()).min(depth) };
                current.tokens.push(at);
            }
        }
    }
    if !current.tokens.is_empty() {
        done.push(std::mem::take(&mut current));
    }
    done.push(current);
    for element in &mut done {
        let mut loose = loose_comments(text, &mut element.tokens);
        element.above.append(&mut loose);
    }
    done
}
