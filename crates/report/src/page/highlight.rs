//! A spec's words in colour: comments, texts, numbers and the language's own words.
//!
//! A lexer that takes anything: a spec in a record may be from another version.

/// What a part of a spec is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// From `//` to the end of the line.
    Comment,
    /// In double quotes.
    Text,
    /// A number, with its unit.
    Numeral,
    /// A word of the language.
    Word,
}

impl Class {
    /// The CSS class.
    pub fn name(self) -> &'static str {
        match self {
            Class::Comment => "comment",
            Class::Text => "text",
            Class::Numeral => "numeral",
            Class::Word => "word",
        }
    }
}

/// The words that begin a construct.
const WORDS: [&str; 15] = [
    "title", "use", "data", "model", "block", "stack", "input", "target", "loss", "metric", "train",
    "report", "sweep", "tie", "learned",
];

/// The parts of `text`, in order; together they are all of it.
pub fn spans(text: &str) -> Vec<(Option<Class>, &str)> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (class, length) = if rest.starts_with("//") {
            (Some(Class::Comment), rest.find('\n').unwrap_or(rest.len()))
        } else if first == '"' {
            (Some(Class::Text), text_length(rest))
        } else if first.is_ascii_digit() {
            (Some(Class::Numeral), length_while(rest, |c| c.is_ascii_alphanumeric() || "._%".contains(c)))
        } else if first.is_alphabetic() || first == '_' {
            let length = length_while(rest, |c| c.is_alphanumeric() || c == '_');
            (WORDS.contains(&&rest[..length]).then_some(Class::Word), length)
        } else {
            let plain = |c: char| !(c.is_alphanumeric() || c == '_' || c == '"' || c == '/');
            (None, length_while(rest, plain).max(first.len_utf8()))
        };
        let (part, after) = rest.split_at(length);
        spans.push((class, part));
        rest = after;
    }
    spans
}

fn length_while(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

/// Up to the closing quote, or the end of the line where there is none.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Class, spans};
    use proptest::prelude::*;

    #[test]
    fn words_texts_numbers_and_comments_are_told_apart() {
        let coloured: Vec<_> = spans("train { rate = 1e-3 a = \"x\\\"y\" / 80% } // sweep\nmodels")
            .into_iter()
            .filter_map(|(class, part)| Some((class?, part)))
            .collect();
        let expected = [
            (Class::Word, "train"),
            (Class::Numeral, "1e"),
            (Class::Numeral, "3"),
            (Class::Text, "\"x\\\"y\""),
            (Class::Numeral, "80%"),
            (Class::Comment, "// sweep"),
        ];
        assert_eq!(coloured, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-z0-9\"/\\\\ \\né]{0,60}") {
            let together: String = spans(&text).into_iter().map(|(_, part)| part).collect();
            prop_assert_eq!(together, text);
        }
    }
}
