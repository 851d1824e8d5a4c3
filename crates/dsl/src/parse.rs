//! Text to syntax tree.
//!
//! In: the text of a spec. Out: an [`ast::Spec`](Spec) of all that could be read, and a
//! diagnostic for every line that could not. One mistake spoils one line: what is around it
//! is read as usual. A spec with mistakes lacks what they spoilt; `broken` says where that was, so
//! that later stages do not miss it a second time.
//!
//! Bounds: [`MAX_BYTES`] of text, [`MAX_NESTING`](crate::MAX_NESTING) brackets, 50 mistakes; time and memory grow
//! with the length of the text only.

use kiln_diag::{Diagnostics, FileId, Span, Spanned};
use pest::iterators::Pair;

use crate::ast::{Data, Entry, Expr, Item, Model, Report, Section, Spec, Stack, StackItem, Statement};
use crate::expected::unexpected;
use crate::grammar::{Rule, statements};
use crate::layout::{Body, Line, Node, outline};
use crate::mistake::{self, Mistakes};
use crate::text::Text;
use crate::token::Kind;
use crate::value::LineReader;

/// The version of the language that is read here; `kiln 1` on the first line of a spec says it.
pub const LANGUAGE_VERSION: u32 = 1;

/// A spec is at most so long.
pub const MAX_BYTES: usize = 1 << 20;

/// Reads a spec; mistakes go to `diags`.
pub fn parse(text: &str, file: FileId, diags: &mut Diagnostics) -> Spec {
    if text.len() > MAX_BYTES {
        diags.push(mistake::file_too_large(text.len(), file));
        let span = Span { file, start: 0, end: 0 };
        return Spec { version: None, items: Vec::new(), broken: vec![span], span };
    }
    let text = Text::new(text, file);
    let mut mistakes = Mistakes::new(diags, file);
    let outline = outline(text.source, &text.tokens, &mut mistakes);
    let mut reader = Reader { text: &text, mistakes: &mut mistakes, broken: Vec::new() };
    let mut spec = reader.file(&outline);
    spec.broken = reader.broken;
    spec
}

struct Reader<'a, 't, 'd> {
    text: &'a Text<'t>,
    mistakes: &'a mut Mistakes<'d>,
    broken: Vec<Span>,
}

impl<'t, 'd> Reader<'_, 't, 'd> {
    fn file(&mut self, body: &Body) -> Spec {
        let span = self.text.span(0, self.text.source.len() as u32);
        let mut spec = Spec { version: None, items: Vec::new(), broken: Vec::new(), span };
        // After a line that makes no sense at the top of a file, the lines up to the next item
        // are most likely what was meant to be its body: one mistake, not many.
        let mut is_lost = false;
        for node in &body.nodes {
            match node {
                Node::Comment { .. } => {}
                Node::Stray { token } => {
                    if !is_lost {
                        let place = self.text.token_span(self.text.tokens[*token]);
                        self.mistakes.push(mistake::stray_brace(place));
                    }
                    is_lost = true;
                }
                Node::Line(line) if is_lost && line.body.is_none() && !self.begins_item(line) => {
                    self.spoilt(line);
                }
                Node::Line(line) => match self.line(Rule::file_line, line) {
                    Some(pairs) => {
                        is_lost = false;
                        for pair in pairs {
                            self.item(line, pair, &mut spec);
                        }
                    }
                    None => is_lost = line.body.is_none() && !line.broken,
                },
            }
        }
        spec
    }

    fn item(&mut self, line: &Line, pair: Pair<'t, Rule>, spec: &mut Spec) {
        let span = self.whole(line, &pair);
        let rule = pair.as_rule();
        let mut at = self.at(line);
        let item = match rule {
            Rule::version => {
                self.version(line, pair, spec);
                None
            }
            Rule::title => pair.into_inner().last().and_then(|p| at.string(&p)).map(Item::Title),
            Rule::import => pair.into_inner().last().and_then(|p| at.string(&p)).map(Item::Use),
            Rule::block => at.block(pair).map(Item::Block),
            Rule::data_head => {
                let head = at.head(pair);
                let entries = self.settings(line.body.as_ref());
                head.map(|(name, _)| Item::Data(Data { name, entries, span }))
            }
            Rule::model_head => {
                let head = at.head(pair);
                let body = self.model(line.body.as_ref());
                head.map(|(name, params)| Item::Model(Model { name, params, body, span }))
            }
            Rule::train_head => {
                Some(Item::Train(Section { entries: self.settings(line.body.as_ref()), span }))
            }
            _ => Some(Item::Report(Report { sections: self.report(line.body.as_ref()), span })),
        };
        if item.is_none() && rule != Rule::version {
            self.broken.push(span);
        }
        spec.items.extend(item);
    }

    fn version(&mut self, line: &Line, pair: Pair<'t, Rule>, spec: &mut Spec) {
        let first = self.whole(line, &pair);
        let Some(number) = pair.into_inner().last() else { return };
        let span = self.text.pair_span(line, &number);
        if !spec.items.is_empty() || spec.version.is_some() {
            self.mistakes.push(mistake::misplaced("kiln", first, "on the first line of a file"));
            return;
        }
        match number.as_str().parse::<u32>() {
            Ok(version) if (1..=LANGUAGE_VERSION).contains(&version) => {
                spec.version = Some(Spanned::new(version, span));
            }
            _ => self.mistakes.push(mistake::unknown_version(span, number.as_str())),
        }
    }

    fn model(&mut self, body: Option<&Body>) -> Vec<Statement> {
        let mut all = Vec::new();
        for line in lines(body) {
            for pair in self.line(Rule::model_line, line).unwrap_or_default() {
                let span = self.whole(line, &pair);
                let statement = if pair.as_rule() == Rule::stack_head {
                    self.stack(line, pair).map(Statement::Stack)
                } else {
                    self.at(line).statement(pair)
                };
                all.extend(self.read(statement, span));
            }
        }
        all
    }

    fn stack(&mut self, line: &Line, pair: Pair<'t, Rule>) -> Option<Stack> {
        let span = self.whole(line, &pair);
        let head = self.at(line).stack_head(pair);
        let body = self.stack_items(line.body.as_ref());
        head.map(|(name, source)| Stack { name, source, body, span })
    }

    fn stack_items(&mut self, body: Option<&Body>) -> Vec<StackItem> {
        let mut all = Vec::new();
        for line in lines(body) {
            for pair in self.line(Rule::stack_line, line).unwrap_or_default() {
                let span = self.whole(line, &pair);
                let item = if pair.as_rule() == Rule::stack_head {
                    self.stack(line, pair).map(StackItem::Stack)
                } else {
                    self.at(line).layers(pair)
                };
                all.extend(self.read(item, span));
            }
        }
        all
    }

    fn settings(&mut self, body: Option<&Body>) -> Vec<Entry> {
        let mut all = Vec::new();
        for line in lines(body) {
            for pair in self.line(Rule::settings_line, line).unwrap_or_default() {
                let span = self.whole(line, &pair);
                let entry = self.at(line).setting(pair);
                all.extend(self.read(entry, span));
            }
        }
        all
    }

    fn report(&mut self, body: Option<&Body>) -> Vec<Expr> {
        let mut all = Vec::new();
        for line in lines(body) {
            for pair in self.line(Rule::report_line, line).unwrap_or_default() {
                let span = self.whole(line, &pair);
                let section = self.at(line).expr(pair);
                all.extend(self.read(section, span));
            }
        }
        all
    }

    /// The statements of a line. Where there is a mistake it is reported, and the body is read
    /// for the mistakes in it.
    fn line(&mut self, rule: Rule, line: &Line) -> Option<Vec<Pair<'t, Rule>>> {
        if self.mistakes.are_full() {
            self.spoilt(line);
            return None;
        }
        let failed = match self.misplaced(rule, line) {
            _ if line.broken => None,
            Some((word, belongs)) => {
                let place = self.text.token_span(self.text.tokens[line.first]);
                Some(mistake::misplaced(word, place, belongs))
            }
            None => match statements(rule, self.text, line) {
                Ok(pairs) => return Some(pairs),
                Err(expectation) => Some(unexpected(&expectation, self.text, line)),
            },
        };
        if let Some(mistake) = failed {
            self.mistakes.push(mistake);
        }
        self.spoilt(line);
        match self.word(line.first) {
            "data" | "train" => drop(self.settings(line.body.as_ref())),
            "report" => drop(self.report(line.body.as_ref())),
            "model" => drop(self.model(line.body.as_ref())),
            "stack" => drop(self.stack_items(line.body.as_ref())),
            // Nobody knows what this body was meant to be.
            _ => {}
        }
        None
    }

    /// Notes a line, and its body with it, as spoilt.
    fn spoilt(&mut self, line: &Line) {
        let end = line.body.as_ref().map_or(line.end, |body| body.end.max(line.end));
        self.broken.push(self.text.tokens_span(line.first..end));
    }

    /// What was read of a statement; it is spoilt where that is nothing.
    fn read<T>(&mut self, read: Option<T>, span: Span) -> Option<T> {
        if read.is_none() {
            self.broken.push(span);
        }
        read
    }

    /// Where the statement of a line belongs, if not into the body of this kind.
    fn misplaced(&self, rule: Rule, line: &Line) -> Option<(&'t str, &'static str)> {
        let word = self.word(line.first);
        let next = self.text.tokens.get(line.first + 1).map(|t| t.kind);
        let belongs = match (word, next) {
            ("input" | "target" | "loss" | "metric" | "stack", Some(Kind::Word)) => match rule {
                Rule::file_line => "in a model",
                Rule::stack_line if word != "stack" => "in the model, outside the stack",
                Rule::settings_line | Rule::report_line if line.body.is_some() => "in a model",
                _ => return None,
            },
            ("data" | "block" | "model", Some(Kind::Word)) if line.body.is_some() || word == "block" => TOP,
            ("train" | "report", Some(Kind::OpenBrace)) | ("title" | "use", Some(Kind::Text)) => TOP,
            ("kiln", Some(Kind::Number)) => TOP,
            _ => return None,
        };
        (belongs != TOP || rule != Rule::file_line).then_some((word, belongs))
    }

    fn begins_item(&self, line: &Line) -> bool {
        const WORDS: [&str; 7] = ["title", "use", "data", "block", "model", "train", "report"];
        WORDS.contains(&self.word(line.first))
    }

    fn word(&self, at: usize) -> &'t str {
        match self.text.tokens.get(at) {
            Some(token) if token.kind == Kind::Word => token.text(self.text.source),
            _ => "",
        }
    }

    /// The place of a statement with its body.
    fn whole(&self, line: &Line, pair: &Pair<'t, Rule>) -> Span {
        let head = self.text.pair_tokens(line, pair);
        match &line.body {
            Some(body) if head.end == line.end => self.text.tokens_span(head.start..body.end),
            _ => self.text.tokens_span(head),
        }
    }

    fn at<'l>(&'l mut self, line: &'l Line) -> LineReader<'l, 't, 'd> {
        LineReader { text: self.text, line, mistakes: self.mistakes }
    }
}

const TOP: &str = "at the top of a file, outside every `{ }`";

fn lines(body: Option<&Body>) -> impl Iterator<Item = &Line> {
    body.into_iter().flat_map(|b| &b.nodes).filter_map(|node| match node {
        Node::Line(line) => Some(line),
        Node::Comment { .. } | Node::Stray { .. } => None,
    })
}
