//! What stands around a place of a text, seen by its tokens alone.
//!
//! In: a text, broken or not, and a place. Out: [`Context`]: the body that the place stands in, the
//! statement up to it, the calls that are open there, and the word that is being written.
//!
//! Tokens and not the tree, because where somebody writes, the tree has a hole. The rules of lines are
//! those of `kiln_dsl`: a line goes on while a bracket is open, after `->` or `,`, and before `->`, `*`
//! or `{`. Where an item begins at the margin, whatever was open before it is forgotten.

use kiln_dsl::token::{Kind, Token, tokens};
use std::ops::Range;

/// The body that a place stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// The top of a file.
    File,
    /// `data { … }`
    Data,
    /// `train { … }`
    Train,
    /// `report { … }`
    Report,
    /// `model { … }`
    Model,
    /// `stack { … }`
    Stack,
}

/// A call whose brackets are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCall<'t> {
    /// What is called.
    pub callee: &'t str,
    /// The names of arguments that were given so far, this one included.
    pub given: Vec<&'t str>,
    /// Arguments without a name before this one.
    pub unnamed: usize,
    /// `name =` stands before the place.
    pub argument: Option<&'t str>,
    /// Something of the argument's value stands before the place already.
    pub has_value: bool,
    /// Where the call's bracket stands among the tokens.
    pub bracket: usize,
}

/// What stands around a place.
#[derive(Debug)]
pub struct Context<'t> {
    /// The text.
    pub text: &'t str,
    /// All tokens.
    pub tokens: Vec<Token>,
    /// The tokens of the statement before the word at the place.
    pub statement: Range<usize>,
    /// The body around it.
    pub body: Body,
    /// The name of the item around it (`data letters`), if it has one.
    pub item: &'t str,
    /// Open calls, the outermost first.
    pub calls: Vec<OpenCall<'t>>,
    /// Square brackets are open within the innermost call or statement.
    pub in_list: bool,
    /// The word at the place; empty where there is none.
    pub word: Range<u32>,
    /// The place is within quotes: what stands there.
    pub quoted: Option<Range<u32>>,
    /// The place is within a comment.
    pub in_comment: bool,
}

/// Brackets that are open.
struct Open {
    token: usize,
    kind: Kind,
    /// The statement that a `{` interrupts.
    statement: usize,
    body: Body,
}

impl<'t> Context<'t> {
    /// The surroundings of the byte `at`.
    pub fn at(text: &'t str, at: u32) -> Context<'t> {
        let tokens = tokens(text);
        let end = tokens.partition_point(|t| t.end < at);
        let touched =
            tokens[end..].iter().take_while(|t| t.start <= at).find(|t| t.start < at || t.kind == Kind::Word);
        let mut context = Context {
            text,
            statement: 0..0,
            body: Body::File,
            item: "",
            calls: Vec::new(),
            in_list: false,
            word: at..at,
            quoted: None,
            in_comment: touched.is_some_and(|t| t.kind == Kind::Comment),
            tokens: Vec::new(),
        };
        // A number touches the place too, but nobody completes it.
        let words = tokens[end..].iter().take_while(|t| t.start <= at).find(|t| t.kind == Kind::Word);
        let mut before = tokens.partition_point(|t| t.end <= at);
        if let Some(word) = words {
            context.word = word.start..word.end;
            before = tokens.partition_point(|t| t.end <= word.start);
        }
        if let Some(quoted) = touched.filter(|t| is_quoted(**t, at)) {
            let close = u32::from(quoted.kind == Kind::Text);
            context.quoted = Some(quoted.start + 1..quoted.end - close);
            before = tokens.partition_point(|t| t.end <= quoted.start);
        }
        context.tokens = tokens;
        context.walk(before);
        context
    }

    /// A token as written.
    pub fn text_of(&self, token: usize) -> &'t str {
        self.tokens.get(token).map_or("", |t| t.text(self.text))
    }

    fn kind(&self, token: usize) -> Option<Kind> {
        self.tokens.get(token).map(|t| t.kind)
    }

    /// The tokens of the statement that are not comments or line breaks.
    pub fn said(&self) -> Vec<usize> {
        self.statement.clone().filter(|&i| !self.tokens[i].kind.is_trivia()).collect()
    }

    /// The last of them.
    pub fn last(&self) -> Option<Kind> {
        self.said().last().and_then(|&i| self.kind(i))
    }

    /// The word that the statement begins with.
    pub fn first_word(&self) -> &'t str {
        self.said().first().map_or("", |&i| self.text_of(i))
    }

    /// The tokens up to `before`, brackets and statements.
    fn walk(&mut self, before: usize) {
        let mut open: Vec<Open> = Vec::new();
        let (mut begin, mut body) = (0, Body::File);
        for i in 0..before {
            let kind = self.tokens[i].kind;
            if kind == Kind::Newline {
                if self.begins_item(i + 1) {
                    open.clear();
                    (begin, body) = (i + 1, Body::File);
                } else if self.begins_statement(i + 1) {
                    open.retain(|o| o.kind == Kind::OpenBrace);
                }
                if open.last().is_none_or(|o| o.kind == Kind::OpenBrace) && !self.goes_on(begin, i, before) {
                    begin = i + 1;
                }
            } else if kind == Kind::OpenBrace {
                open.push(Open { token: i, kind, statement: begin, body });
                body = self.opened(begin, body);
                begin = i + 1;
            } else if kind.opens() {
                open.push(Open { token: i, kind, statement: begin, body });
            } else if kind.closes() {
                let partner = partner(kind);
                if let Some(at) = open.iter().rposition(|o| o.kind == partner) {
                    if partner == Kind::OpenBrace {
                        (body, begin) = (open[at].body, i + 1);
                    }
                    open.truncate(at);
                }
            } else if self.begins_setting(i, begin, body, &open) {
                begin = i;
            }
        }
        self.body = body;
        self.statement = begin..before;
        self.item = self.item_of(&open);
        let inner = open.iter().rposition(|o| o.kind == Kind::OpenBrace).map_or(0, |i| i + 1);
        self.in_list = open[inner..].last().is_some_and(|o| o.kind == Kind::OpenBracket);
        let calls: Vec<usize> =
            open[inner..].iter().filter(|o| o.kind == Kind::OpenParen).map(|o| o.token).collect();
        self.calls = calls.into_iter().map(|bracket| self.call(bracket, before)).collect();
    }

    /// The body that the head which began at `begin` opens.
    fn opened(&self, begin: usize, around: Body) -> Body {
        let first = (begin..self.tokens.len()).find(|&i| !self.tokens[i].kind.is_trivia());
        match first.map_or("", |i| self.text_of(i)) {
            "data" => Body::Data,
            "train" => Body::Train,
            "report" => Body::Report,
            "model" => Body::Model,
            "stack" => Body::Stack,
            _ => around,
        }
    }

    /// The name after the outermost head that is open.
    fn item_of(&self, open: &[Open]) -> &'t str {
        let Some(outer) = open.iter().find(|o| o.kind == Kind::OpenBrace) else { return "" };
        let said = (outer.statement..outer.token).filter(|&i| self.tokens[i].kind == Kind::Word);
        said.skip(1).map(|i| self.text_of(i)).next().unwrap_or("")
    }

    /// An item begins at the margin.
    fn begins_item(&self, i: usize) -> bool {
        const ITEMS: [&str; 7] = ["title", "use", "data", "block", "model", "train", "report"];
        let Some(token) = self.tokens.get(i) else { return false };
        let at_margin = token.start == 0 || self.text.as_bytes()[token.start as usize - 1] == b'\n';
        at_margin
            && ITEMS.contains(&self.text_of(i))
            && matches!(self.kind(i + 1), Some(Kind::Word | Kind::OpenBrace | Kind::Text))
    }

    /// `loss name:` and the like, which stand in no bracket.
    fn begins_statement(&self, i: usize) -> bool {
        let word = self.text_of(i);
        let next = (self.kind(i + 1), self.kind(i + 2));
        matches!(word, "input" | "target" | "loss" | "metric")
            && next == (Some(Kind::Word), Some(Kind::Colon))
            || word == "stack" && next.0 == Some(Kind::Word)
    }

    /// The line that began at `begin` goes on after the line break `i`.
    fn goes_on(&self, begin: usize, i: usize, before: usize) -> bool {
        let last = (begin..i).rev().map(|i| self.tokens[i].kind).find(|k| !k.is_trivia());
        let next = (i + 1..before).map(|i| self.tokens[i].kind).find(|k| !k.is_trivia());
        matches!(last, Some(Kind::Arrow | Kind::Comma)) && !self.begins_statement(i + 1)
            || last.is_some() && matches!(next, Some(Kind::Arrow | Kind::Star | Kind::OpenBrace))
    }

    /// Several settings may stand in one line: `epochs = 3  seed = 1`; and so may sections.
    fn begins_setting(&self, i: usize, begin: usize, body: Body, open: &[Open]) -> bool {
        let in_body = open.last().is_some_and(|o| o.kind == Kind::OpenBrace);
        if !in_body || i <= begin || self.tokens[i].kind != Kind::Word {
            return false;
        }
        match body {
            Body::Data | Body::Train => self.kind(i + 1) == Some(Kind::Assign),
            Body::Report => true,
            Body::File | Body::Model | Body::Stack => false,
        }
    }

    /// The call of a bracket, as far as it was written before `before`.
    fn call(&self, bracket: usize, before: usize) -> OpenCall<'t> {
        let callee = bracket.checked_sub(1).filter(|&i| self.tokens[i].kind == Kind::Word);
        let mut call = OpenCall {
            callee: callee.map_or("", |i| self.text_of(i)),
            given: Vec::new(),
            unnamed: 0,
            argument: None,
            has_value: false,
            bracket,
        };
        let mut depth = 0_usize;
        for i in bracket + 1..before {
            let kind = self.tokens[i].kind;
            if kind.opens() {
                depth += 1;
            } else if kind.closes() {
                depth = depth.saturating_sub(1);
            }
            match kind {
                Kind::Comma if depth == 0 => {
                    call.unnamed += usize::from(call.argument.is_none() && call.has_value);
                    (call.argument, call.has_value) = (None, false);
                }
                Kind::Word if depth == 0 && self.kind(i + 1) == Some(Kind::Assign) => {
                    call.argument = Some(self.text_of(i));
                    call.given.push(self.text_of(i));
                }
                Kind::Assign if depth == 0 => call.has_value = false,
                kind if kind.is_trivia() => {}
                _ => call.has_value = true,
            }
        }
        call
    }
}

fn is_quoted(token: Token, at: u32) -> bool {
    match token.kind {
        Kind::Text => token.start < at && at < token.end,
        Kind::OpenText => token.start < at && at <= token.end,
        _ => false,
    }
}

fn partner(close: Kind) -> Kind {
    match close {
        Kind::CloseParen => Kind::OpenParen,
        Kind::CloseBracket => Kind::OpenBracket,
        _ => Kind::OpenBrace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str) -> (String, u32) {
        let at = marked.find('|').expect("a cursor");
        (marked.replacen('|', "", 1), at as u32)
    }

    /// Body, statement, calls.
    fn check(marked: &str, body: Body, statement: &str, calls: &[&str]) {
        let (text, at) = at(marked);
        let context = Context::at(&text, at);
        assert_eq!(context.body, body, "{marked}");
        let said: Vec<&str> = context.said().iter().map(|&i| context.text_of(i)).collect();
        assert_eq!(said.join(" "), statement, "{marked}");
        let open: Vec<&str> = context.calls.iter().map(|c| c.callee).collect();
        assert_eq!(open, calls, "{marked}");
    }

    #[test]
    fn bodies_and_statements() {
        check("|", Body::File, "", &[]);
        check("train {\n  epochs = 3\n  |", Body::Train, "", &[]);
        check("train { epochs = 3  ba| }", Body::Train, "epochs = 3", &[]);
        check("train { epochs = 3  batch = | }", Body::Train, "batch =", &[]);
        check("report { table  cur| }", Body::Report, "table", &[]);
        check("model m {\n x -> dense(3)\n  -> | \n}", Body::Model, "x -> dense ( 3 ) ->", &[]);
        check("model m {\n stack s(x) {\n  dense(|", Body::Stack, "dense (", &["dense"]);
        check("model m {\n stack s(x) {\n a\n }\n |", Body::Model, "", &[]);
    }

    #[test]
    fn what_is_open_is_forgotten_where_an_item_begins() {
        check("model m {\n x -> dense(3,\ntrain {\n |\n}", Body::Train, "", &[]);
        check("model m {\n x -> dense(3,\n loss h: |", Body::Model, "loss h :", &[]);
    }

    #[test]
    fn arguments() {
        let (text, place) = at("model m { x -> dense(3, relu, l2 = 1, tie = | }");
        let context = Context::at(&text, place);
        let call = context.calls.last().expect("a call");
        assert_eq!((call.unnamed, call.argument, call.has_value), (2, Some("tie"), false));
        assert_eq!(call.given, ["l2", "tie"]);
        assert_eq!(context.item, "m");
    }

    #[test]
    fn words_quotes_and_comments() {
        let (text, place) = at("use \"lib/le|tters\" // x");
        assert_eq!(
            Context::at(&text, place).quoted.map(|q| &text[q.start as usize..q.end as usize]),
            Some("lib/letters")
        );
        let (text, place) = at("use \"lib/|");
        assert_eq!(Context::at(&text, place).quoted, Some(5..9));
        let (text, place) = at("a // he|re");
        assert!(Context::at(&text, place).in_comment);
        let (text, place) = at("model m { xy|z -> a }");
        assert_eq!(Context::at(&text, place).word, 10..13);
    }

    #[test]
    fn no_place_of_no_text_panics() {
        for text in [
            "",
            "é{(\"",
            "train{\n)]}",
            "model m { a: dense(b, c = [é, \n// é",
            "report { a(b) c",
            "{}{}}(\n",
        ] {
            for place in 0..text.len() as u32 + 3 {
                let _ = Context::at(text, place);
            }
        }
    }
}
