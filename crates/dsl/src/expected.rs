//! What the grammar expected, in the user's words.
//!
//! In: the rules that failed furthest to the right in a line. Out: one message ("expected a
//! value after `=`"), a label ("found `]`"), and a hint where the slip is a common one.

use kiln_diag::{Code, Diagnostic, suggest};

use crate::grammar::Rule;
use crate::layout::Line;
use crate::mistake;
use crate::text::Text;
use crate::token::{Kind, Token};

/// Where the reading of a line stopped, and what would have let it go on.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    /// The rule of the line.
    pub(crate) rule: Rule,
    /// The byte of the text.
    pub(crate) at: u32,
    /// Any of these.
    pub(crate) expected: Vec<Rule>,
}

/// The mistake in a line.
pub(crate) fn unexpected(expectation: &Expectation, text: &Text<'_>, line: &Line) -> Diagnostic {
    let tokens = &text.tokens[line.first..line.end];
    let at = tokens.partition_point(|t| t.start < expectation.at);
    let before = tokens[..at].iter().rev().find(|t| !t.kind.is_trivia());
    // A line that ends with the body it stands in is ended by the brace.
    let closing = text.tokens.get(line.end).filter(|t| t.kind == Kind::CloseBrace);
    let found = tokens[at..].iter().find(|t| !t.kind.is_trivia()).or(closing);
    if let (Some(point), Some(number)) = (found, tokens.get(at + 1))
        && (point.kind, number.kind) == (Kind::Dot, Kind::Number)
        && point.end == number.start
    {
        let place = text.span(point.start, number.end);
        return mistake::no_digit_before_point(place, &text.source[place.range()]);
    }
    let message = match before {
        Some(before) if before.text(text.source) == "sweep" => "expected `[` after `sweep`".to_owned(),
        Some(before) => {
            format!("expected {}{}", wanted(&expectation.expected, before.kind), after(*before, text))
        }
        None => format!("expected {}", beginning(expectation.rule)),
    };
    let place = match (found, before) {
        (Some(found), _) => text.token_span(*found),
        (None, Some(before)) => text.span(before.end, before.end),
        (None, None) => text.span(expectation.at, expectation.at),
    };
    let mistake = Diagnostic::error(Code::Syntax, message)
        .primary(place, format!("found {}", name_of(found, text)))
        .hint_opt(hint(expectation, text, tokens, at));
    match replacement(expectation, text, tokens, at) {
        Some((tokens, replacement)) => mistake.suggest(text.span(tokens.0.start, tokens.1.end), replacement),
        None => mistake,
    }
}

/// What a line of a body may begin with.
fn beginning(rule: Rule) -> &'static str {
    match rule {
        Rule::file_line => "`title`, `use`, `data`, `block`, `model`, `train` or `report`",
        Rule::model_line => "`input`, `target`, `stack`, `loss`, `metric` or layers joined by `->`",
        Rule::stack_line => "a layer or a stack",
        Rule::settings_line => "a setting such as `epochs = 30`",
        _ => "a section of the report",
    }
}

/// The expected things as words, the likeliest first.
fn wanted(expected: &[Rule], before: Kind) -> String {
    // Operators may follow every value; they are named only where nothing else may.
    const ORDER: &[(&str, &[Rule])] = &[
        ("a value", &[Rule::value, Rule::sum, Rule::product, Rule::signed, Rule::reference, Rule::group]),
        ("an argument", &[Rule::argument, Rule::key]),
        ("a parameter", &[Rule::parameter]),
        ("a loss", &[Rule::loss_call]),
        ("a metric", &[Rule::metric_call]),
        ("a weight", &[Rule::weight]),
        ("a layer", &[Rule::stage, Rule::layers]),
        ("a name", &[Rule::name]),
        ("a text in quotes", &[Rule::text]),
        ("a number", &[Rule::number]),
        ("`class`", &[Rule::class, Rule::class_word]),
        ("a list such as `[784]`", &[Rule::list]),
        ("`[`", &[Rule::open_bracket]),
        ("`->`", &[Rule::arrow]),
        ("`=`", &[Rule::assign]),
        ("`:`", &[Rule::colon]),
        ("`,`", &[Rule::comma]),
        ("`(`", &[Rule::open_paren]),
        ("`)`", &[Rule::close_paren]),
        ("`]`", &[Rule::close_bracket]),
        ("`{`", &[Rule::open_brace]),
        ("the end of the line", &[Rule::EOI]),
    ];
    // All kinds of values together are "a value"; a single kind is named by itself.
    const KINDS: &[Rule] =
        &[Rule::name, Rule::text, Rule::number, Rule::list, Rule::open_bracket, Rule::open_paren];
    let any_value = [Rule::number, Rule::text].iter().all(|kind| expected.contains(kind));
    let is_value = |rule: &Rule| any_value && KINDS.contains(rule);
    let mut expected: Vec<Rule> = expected.iter().copied().filter(|rule| !is_value(rule)).collect();
    if any_value {
        expected.push(Rule::value);
    }
    let is = |rules: &[Rule]| expected.iter().any(|e| rules.contains(e));
    let mut words: Vec<&str> = ORDER.iter().filter(|(_, rules)| is(rules)).map(|(word, _)| *word).collect();
    // After a whole argument a ramp might go on, and after a whole statement another begin.
    if words.contains(&"`,`") {
        words.retain(|w| *w != "`->`");
    }
    if words.contains(&"the end of the line") {
        words.retain(|w| !matches!(*w, "a name" | "a layer" | "`(`"));
    }
    if before == Kind::Colon {
        for word in words.iter_mut().filter(|w| **w == "`[`") {
            *word = "a shape such as `[784]`";
        }
    }
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "the end of the line".to_owned(),
    }
}

fn after(before: Token, text: &Text<'_>) -> String {
    const LONGEST_SHOWN: usize = 24;
    let word = before.text(text.source);
    if before.kind == Kind::Text || word.len() > LONGEST_SHOWN {
        return String::new();
    }
    format!(" after `{word}`")
}

fn name_of(found: Option<&Token>, text: &Text<'_>) -> String {
    const LONGEST_SHOWN: usize = 40;
    match found {
        None => "the end of the line".to_owned(),
        Some(token) if token.kind == Kind::Text => "a text".to_owned(),
        Some(token) => {
            let word = token.text(text.source);
            match word.chars().next() {
                Some(c) if c.is_control() => format!("the character U+{:04X}", c as u32),
                _ if word.len() > LONGEST_SHOWN => "this".to_owned(),
                _ => format!("`{word}`"),
            }
        }
    }
}

/// What to type instead, for common slips.
fn hint(expectation: &Expectation, text: &Text<'_>, tokens: &[Token], at: usize) -> Option<String> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.text(text.source));
    if let Some(keyword) = misspelt(expectation.rule, at, word(0)) {
        return Some(format!("did you mean `{keyword}`?"));
    }
    match (word(at), word(at + 1)) {
        (",", _) if expectation.rule == Rule::settings_line => Some(
            "settings need no commas; a list is written `[a, b]`, values to try one by one `sweep [a, b]`"
                .to_owned(),
        ),
        (number, _)
            if expectation.expected.contains(&Rule::open_bracket) && number.parse::<u32>().is_ok() =>
        {
            Some(format!("write `[{number}]`"))
        }
        (_, ")") if word(0) == "stack" => {
            Some("one value flows into a stack; make one of several with `concat` or `add`".to_owned())
        }
        ("#", _) | ("/", "*") => Some("a comment begins with `//` and ends with the line".to_owned()),
        (";", _) => Some("no `;` is needed at the end of a line".to_owned()),
        ("'", _) => Some("texts stand in double quotes: `\"…\"`".to_owned()),
        (_, _) if lacks_comma(expectation, tokens.get(at)) => Some("a `,` separates two values".to_owned()),
        ("", _) if matches!(word(0), "loss" | "metric" | "input" | "target") => None,
        ("" | "-", _) | ("=", ">") if expectation.expected.contains(&Rule::arrow) => {
            Some("layers are joined by `->`".to_owned())
        }
        _ => None,
    }
}

/// What a hint replaces, from one token to another, and by what; where that mends the line for sure.
fn replacement(
    expectation: &Expectation,
    text: &Text<'_>,
    tokens: &[Token],
    at: usize,
) -> Option<((Token, Token), String)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.text(text.source));
    if let Some(keyword) = misspelt(expectation.rule, at, word(0)) {
        return Some(((tokens[0], tokens[0]), keyword.to_owned()));
    }
    let is_next_to = |i: usize| tokens.get(i + 1).is_some_and(|next| next.start == tokens[i].end);
    let here = *tokens.get(at)?;
    match (here.text(text.source), word(at + 1)) {
        (number, _)
            if expectation.expected.contains(&Rule::open_bracket) && number.parse::<u32>().is_ok() =>
        {
            Some(((here, here), format!("[{number}]")))
        }
        ("#", _) => Some(((here, here), "//".to_owned())),
        (";", _) => Some(((here, here), String::new())),
        ("-" | "=", ">") if is_next_to(at) && expectation.expected.contains(&Rule::arrow) => {
            Some(((here, tokens[at + 1]), "->".to_owned()))
        }
        ("-", _) if expectation.expected.contains(&Rule::arrow) => Some(((here, here), "->".to_owned())),
        _ => None,
    }
}

/// A value where a comma might stand: the comma is what is missing.
fn lacks_comma(expectation: &Expectation, found: Option<&Token>) -> bool {
    let is_value = found.is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Number | Kind::Text));
    is_value && expectation.expected.contains(&Rule::comma)
}

/// The keyword that the first word of the line nearly is, where the mistake is there or next to it.
fn misspelt(rule: Rule, at: usize, first: &str) -> Option<&'static str> {
    let keywords: &[&'static str] = match rule {
        Rule::file_line => &["title", "use", "data", "block", "model", "train", "report", "kiln"],
        Rule::model_line => &["input", "target", "stack", "loss", "metric"],
        Rule::stack_line => &["stack"],
        _ => &[],
    };
    if at > 1 || keywords.contains(&first) {
        return None;
    }
    suggest(first, keywords.iter().copied())
}
