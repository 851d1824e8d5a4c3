//! Text to canonical text: the formatter.
//!
//! In: the text of a spec. Out: the same spec in the one layout: four blanks a level, one
//! statement a line, neighbours in columns (`columns.rs`), long lines broken
//! (`phrase.rs`), blank lines kept but never two, comments kept where they stand.
//!
//! It prints tokens, not the tree, so nothing that was written can be lost: the result reads
//! as the same tree, and formatting it again changes nothing.
//!
//! Not here: a spec with syntax mistakes; it is returned as those mistakes.

use kiln_diag::{Diagnostics, FileId};

use crate::columns::{Lead, Row, leads};
use crate::grammar::{Rule, statements};
use crate::layout::{Body, Line, Node, outline};
use crate::mistake::Mistakes;
use crate::parse::parse;
use crate::phrase::{INDENT, OutLine, Statement, WIDTH, Writer, comment, cut, flat};
use crate::text::Text;
use crate::token::Kind;

/// The canonical text of a spec, or why it cannot be read (places are in file 0).
pub fn format(text: &str) -> Result<String, Diagnostics> {
    let file = FileId::default();
    let mut diags = Diagnostics::new();
    parse(text, file, &mut diags);
    if diags.has_errors() {
        return Err(diags);
    }
    let text = Text::new(text, file);
    let outline = outline(text.source, &text.tokens, &mut Mistakes::new(&mut diags, file));
    let mut printer = Printer { text: &text, lines: Vec::new() };
    printer.body(&outline, Rule::file_line, 0);
    Ok(joined(printer.lines))
}

/// Lines with the comments beside them; those of neighbours stand in one column.
fn joined(lines: Vec<OutLine>) -> String {
    let indent = |line: &OutLine| line.text.len() - line.text.trim_start().len();
    let mut out = String::new();
    let mut rest = lines.as_slice();
    while let Some(first) = rest.first() {
        let is_bracket = |line: &OutLine| line.text.ends_with(['{', '}']);
        let is_mate =
            |line: &&OutLine| line.comment.is_some() && indent(line) == indent(first) && !is_bracket(line);
        let run = if first.comment.is_some() && !is_bracket(first) {
            rest.iter().take_while(is_mate).count()
        } else {
            1
        };
        let width = rest[..run].iter().map(|l| l.text.chars().count()).max().unwrap_or(0);
        for line in &rest[..run] {
            match &line.comment {
                Some(comment) => out.push_str(&format!("{:width$}  {comment}", line.text)),
                None => out.push_str(line.text.trim_end()),
            }
            out.push('\n');
        }
        rest = &rest[run..];
    }
    out
}

struct Printer<'a, 't> {
    text: &'a Text<'t>,
    lines: Vec<OutLine>,
}

/// A row's place in the text: what comes above it, beside it and inside it.
struct Place<'l> {
    /// A comment alone, with no row.
    alone: Option<usize>,
    blank_before: bool,
    beside: Option<usize>,
    body: Option<&'l Body>,
}

impl Printer<'_, '_> {
    /// What stands in a body or a file, each line at `indent`.
    fn body(&mut self, body: &Body, rule: Rule, indent: usize) {
        let (places, rows) = self.rows(body, rule);
        let mut beginnings = rows.iter().zip(leads(self.text, &rows));
        for place in places {
            if place.blank_before {
                self.lines.push(OutLine::default());
            }
            match place.alone {
                Some(alone) => self.lines.push(OutLine::comment(indent, comment(self.text, alone))),
                None => {
                    if let Some((row, lead)) = beginnings.next() {
                        self.row(row, &lead, &place, indent);
                    }
                }
            }
        }
    }

    /// Every comment and every statement of a body in order, and the statements as rows.
    fn rows<'l>(&self, body: &'l Body, rule: Rule) -> (Vec<Place<'l>>, Vec<Row>) {
        let (mut places, mut rows) = (Vec::new(), Vec::new());
        let mut blank_since_row = false;
        for node in &body.nodes {
            match node {
                Node::Comment { token, blank_before } => {
                    blank_since_row |= blank_before;
                    let (alone, blank_before) = (Some(*token), *blank_before);
                    places.push(Place { alone, blank_before, beside: None, body: None });
                }
                // A text with such a brace is not formatted.
                Node::Stray { .. } => {}
                Node::Line(line) => {
                    blank_since_row |= line.blank_before;
                    self.line(line, rule, blank_since_row, &mut places, &mut rows);
                    blank_since_row = false;
                }
            }
        }
        (places, rows)
    }

    fn line<'l>(
        &self,
        line: &'l Line,
        rule: Rule,
        blank_before: bool,
        places: &mut Vec<Place<'l>>,
        rows: &mut Vec<Row>,
    ) {
        // The text was read before, so the grammar agrees.
        let pairs = statements(rule, self.text, line).unwrap_or_default();
        let count = pairs.len();
        for (i, pair) in pairs.iter().enumerate() {
            let (is_first, is_last) = (i == 0, i + 1 == count);
            let tokens = self.text.pair_tokens(line, pair);
            let tokens = tokens.filter(|t| self.text.tokens[*t].kind != Kind::Newline).collect();
            rows.push(Row { rule: pair.as_rule(), tokens, blank_before: is_first && blank_before });
            places.push(Place {
                alone: None,
                blank_before: is_first && line.blank_before,
                beside: line.comment.filter(|_| is_last),
                body: line.body.as_ref().filter(|_| is_last),
            });
        }
    }

    fn row(&mut self, row: &Row, lead: &Lead, place: &Place<'_>, indent: usize) {
        let (head, weight) = match lead.weight {
            Some((star, _)) => (&row.tokens[lead.said..star], &row.tokens[star..]),
            None => (&row.tokens[lead.said..], &[][..]),
        };
        let head = self.statement(head, row.rule == Rule::metric, indent);
        let weight = self.statement(weight, false, indent);
        let mut writer = Writer::new(self.text, format!("{}{}", " ".repeat(indent), lead.text));
        let begin = writer.column();
        writer.statement(&head, indent);
        if let Some((_, column)) = lead.weight {
            let gap = if writer.is_one_line() { (begin + column).saturating_sub(writer.column()) } else { 1 };
            writer.append(&" ".repeat(gap.max(1)));
            writer.statement(&weight, indent);
        }
        match place.body {
            None => {
                writer.beside(place.beside);
                self.lines.extend(writer.finish());
            }
            Some(body) => self.head(row.rule, writer, body, place.beside, indent),
        }
    }

    /// Cuts a statement, and writes the comments that must stand above it.
    fn statement(&mut self, tokens: &[usize], is_list: bool, indent: usize) -> Statement {
        let is_comma = |t: &usize| is_list && self.text.tokens[*t].kind == Kind::Comma;
        let end = tokens.len() - usize::from(tokens.last().is_some_and(is_comma));
        let statement = cut(self.text, &tokens[..end], is_list);
        for above in &statement.above {
            self.lines.push(OutLine::comment(indent, comment(self.text, *above)));
        }
        statement
    }

    /// A head that was written, its body and its `}`.
    fn head(
        &mut self,
        rule: Rule,
        mut writer: Writer<'_, '_>,
        body: &Body,
        beside: Option<usize>,
        indent: usize,
    ) {
        let inner = match rule {
            Rule::model_head => Rule::model_line,
            Rule::stack_head => Rule::stack_line,
            Rule::report_head => Rule::report_line,
            _ => Rule::settings_line,
        };
        let one_line = self.one_line(body, inner, writer.column());
        if let Some(content) = one_line {
            writer.append(&content);
            writer.beside(beside);
            self.lines.extend(writer.finish());
            return;
        }
        writer.beside(body.head_comment);
        self.lines.extend(writer.finish());
        self.body(body, inner, indent + INDENT);
        let comment = beside.map(|c| comment(self.text, c).to_owned());
        self.lines.push(OutLine { text: format!("{}}}", " ".repeat(indent)), comment });
    }

    /// A body that stays in the line of its head: an empty one, or a short report written so.
    fn one_line(&self, body: &Body, rule: Rule, column: usize) -> Option<String> {
        if body.nodes.is_empty() && body.head_comment.is_none() {
            return Some("}".to_owned());
        }
        if !body.on_one_line || rule != Rule::report_line {
            return None;
        }
        let (_, rows) = self.rows(body, rule);
        let sections: Vec<String> = rows.iter().map(|row| flat(self.text, &row.tokens)).collect();
        let content = format!(" {} }}", sections.join("  "));
        (column + content.chars().count() <= WIDTH).then_some(content)
    }
}
