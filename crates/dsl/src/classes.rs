//! What each word of a spec is: the truth that highlighting is compared with.
//!
//! In: the text of a spec without syntax mistakes. Out: every comment, word, number and string with
//! its bytes and its [`Class`], by the grammar alone: `relu` in `dense(256, relu)` is a name, since
//! only the library knows that it is an activation.

use kiln_diag::{Diagnostics, FileId};
use pest::iterators::Pair;
use std::ops::Range;

use crate::grammar::{Rule, statements};
use crate::layout::{Body, Node, outline};
use crate::mistake::Mistakes;
use crate::parse::parse;
use crate::text::Text;
use crate::token::Kind;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// `// …`
    Comment,
    /// A word of the language, where it is one.
    Keyword,
    /// `"…"`
    Text,
    /// `80%`
    Number,
    /// `true`, `false`
    Truth,
    /// What is used: a layer, a loss, a section of the report, anything with arguments in brackets.
    Callee,
    /// What an item, a stack, an input or a target is called.
    Definition,
    /// What a layer or a value of a model is called, before `:` or `=`.
    Label,
    /// What stands before `=` in a setting or an argument; a parameter.
    Key,
    /// Any other name.
    Name,
}

/// The pieces of a text in order; signs and blanks are left out. `None` where the text has syntax
/// mistakes.
pub fn classes(text: &str) -> Option<Vec<(Range<usize>, Class)>> {
    let mut diagnostics = Diagnostics::new();
    parse(text, FileId::default(), &mut diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let text = Text::new(text, FileId::default());
    let outline = outline(text.source, &text.tokens, &mut Mistakes::new(&mut diagnostics, text.file));
    let mut found = Vec::new();
    for token in text.tokens.iter().filter(|token| token.kind == Kind::Comment) {
        found.push((token.start as usize..token.end as usize, Class::Comment));
    }
    body(&text, &outline, Rule::file_line, &mut found);
    found.sort_by_key(|(range, _)| range.start);
    Some(found)
}

fn body(text: &Text<'_>, of: &Body, rule: Rule, found: &mut Vec<(Range<usize>, Class)>) {
    for node in &of.nodes {
        let Node::Line(line) = node else { continue };
        let base = text.line_start(line) as usize;
        let pairs = statements(rule, text, line).unwrap_or_default();
        let inner = pairs.last().map(Pair::as_rule);
        for pair in pairs {
            walk(pair, Class::Name, base, found);
        }
        let inner = match inner {
            Some(Rule::data_head | Rule::train_head) => Rule::settings_line,
            Some(Rule::model_head) => Rule::model_line,
            Some(Rule::report_head) => Rule::report_line,
            _ => Rule::stack_line,
        };
        if let Some(of) = &line.body {
            body(text, of, inner, found);
        }
    }
}

/// `name` is what the first name within the pair is; further ones are names.
fn walk(pair: Pair<'_, Rule>, name: Class, base: usize, found: &mut Vec<(Range<usize>, Class)>) {
    let rule = pair.as_rule();
    let span = base + pair.as_span().start()..base + pair.as_span().end();
    match rule {
        Rule::name => {
            let is_truth = name == Class::Name && matches!(pair.as_str(), "true" | "false");
            return found.push((span, if is_truth { Class::Truth } else { name }));
        }
        Rule::number => return found.push((span, Class::Number)),
        Rule::text => return found.push((span, Class::Text)),
        _ if format!("{rule:?}").ends_with("_word") => return found.push((span, Class::Keyword)),
        _ => {}
    }
    let has_arguments = pair.clone().into_inner().any(|part| part.as_rule() == Rule::arguments);
    let mut first = first_name(rule, has_arguments);
    let is_bound = rule == Rule::bound;
    for part in pair.into_inner() {
        // `encoder = image -> …`: what flows is a value, unless it is plainly a layer.
        let is_plain = part.clone().into_inner().count() == 1;
        let class = match part.as_rule() {
            Rule::stage if is_bound && std::mem::take(&mut first.1) && is_plain => Class::Name,
            Rule::stage => Class::Callee,
            Rule::name => std::mem::replace(&mut first.0, Class::Name),
            _ => Class::Name,
        };
        match part.as_rule() {
            Rule::stage => stage(part, class, base, found),
            _ => walk(part, class, base, found),
        }
    }
}

/// What the first name directly within a pair of the rule is; and that no stage was met yet.
fn first_name(rule: Rule, has_arguments: bool) -> (Class, bool) {
    let class = match rule {
        Rule::block | Rule::data_head | Rule::model_head | Rule::input | Rule::target | Rule::stack_head => {
            Class::Definition
        }
        Rule::setting | Rule::key | Rule::parameter => Class::Key,
        Rule::label | Rule::bound => Class::Label,
        Rule::section | Rule::loss_call | Rule::metric_call | Rule::labelled | Rule::unlabelled => {
            Class::Callee
        }
        Rule::reference if has_arguments => Class::Callee,
        _ => Class::Name,
    };
    (class, true)
}

fn stage(pair: Pair<'_, Rule>, name: Class, base: usize, found: &mut Vec<(Range<usize>, Class)>) {
    for part in pair.into_inner() {
        let class = if part.as_rule() == Rule::name { name } else { Class::Name };
        walk(part, class, base, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_they_are_where_they_stand() {
        let text = "model m(u = 3) { // c\ninput x: [4]\nloss = x -> a: dense(u, in = true) -> flatten }";
        assert_eq!(classes(text), None, "no line begins with a keyword that is none");
        let text = text.replace("loss = x", "y = x");
        let found = classes(&text).expect("no mistake");
        let shown: Vec<String> =
            found.iter().map(|(range, class)| format!("{} {class:?}", &text[range.clone()])).collect();
        let want = [
            "model Keyword",
            "m Definition",
            "u Key",
            "3 Number",
            "// c Comment",
            "input Keyword",
            "x Definition",
            "4 Number",
            "y Label",
            "x Name",
            "a Label",
            "dense Callee",
            "u Name",
            "in Key",
            "true Truth",
            "flatten Callee",
        ];
        assert_eq!(shown, want);
    }
}
