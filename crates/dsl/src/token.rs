//! Text to tokens: the little that must be known before the grammar is asked.
//!
//! In: the text of a spec. Out: every word, number, string, comment, line break and sign,
//! with its bytes. Nothing is rejected here; what is no token of the language is
//! [`Kind::Unknown`] and fails in the grammar.
//!
//! Brackets, statements and comments are found from these tokens (`crate::layout`), so
//! words, numbers and strings must end here exactly where they end in `grammar.pest`.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `dense`
    Word,
    /// `14_000`, `80%`, and everything that begins like a number.
    Number,
    /// `"…"`
    Text,
    /// `"…` up to the end of the line.
    OpenText,
    /// `// …` without the line break.
    Comment,
    /// `\n`
    Newline,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `=`
    Assign,
    /// `->`
    Arrow,
    /// `.`
    Dot,
    /// `..`
    Range,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// Any other character.
    Unknown,
}

impl Kind {
    /// `(`, `[` or `{`.
    pub fn opens(self) -> bool {
        matches!(self, Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace)
    }

    /// `)`, `]` or `}`.
    pub fn closes(self) -> bool {
        matches!(self, Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace)
    }

    /// A comment or a line break: nothing that the grammar sees.
    pub fn is_trivia(self) -> bool {
        matches!(self, Kind::Comment | Kind::Newline)
    }
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// First byte that no longer belongs to it.
    pub end: u32,
}

impl Token {
    /// The token as written.
    pub fn text(self, source: &str) -> &str {
        &source[self.start as usize..self.end as usize]
    }
}

/// All tokens of a text of less than 4 GiB, in order; blanks are left out.
pub fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut list = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b' ' | b'\t' | b'\r') || source[at..].starts_with('\u{feff}') {
            at += if bytes[at] < 0x80 { 1 } else { '\u{feff}'.len_utf8() };
            continue;
        }
        let (kind, length) = token(source, at);
        list.push(Token { kind, start: at as u32, end: (at + length) as u32 });
        at += length;
    }
    list
}

/// Kind and length in bytes of the token that begins at `at`.
fn token(source: &str, at: usize) -> (Kind, usize) {
    let bytes = &source.as_bytes()[at..];
    let second = bytes.get(1).copied();
    match (bytes[0], second) {
        (b'/', Some(b'/')) => (Kind::Comment, comment(bytes)),
        (b'-', Some(b'>')) => (Kind::Arrow, 2),
        (b'.', Some(b'.')) => (Kind::Range, 2),
        (b'"', _) => text(bytes),
        (b'0'..=b'9', _) => (Kind::Number, number(bytes)),
        (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => (Kind::Word, word(bytes)),
        (sign, _) => match sign_kind(sign) {
            Some(kind) => (kind, 1),
            None => (Kind::Unknown, source[at..].chars().next().map_or(1, char::len_utf8)),
        },
    }
}

fn sign_kind(sign: u8) -> Option<Kind> {
    Some(match sign {
        b'\n' => Kind::Newline,
        b'(' => Kind::OpenParen,
        b')' => Kind::CloseParen,
        b'[' => Kind::OpenBracket,
        b']' => Kind::CloseBracket,
        b'{' => Kind::OpenBrace,
        b'}' => Kind::CloseBrace,
        b',' => Kind::Comma,
        b':' => Kind::Colon,
        b'=' => Kind::Assign,
        b'.' => Kind::Dot,
        b'+' => Kind::Plus,
        b'-' => Kind::Minus,
        b'*' => Kind::Star,
        b'/' => Kind::Slash,
        _ => return None,
    })
}

fn comment(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len())
}

fn word(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !is_word_byte(*b)).unwrap_or(bytes.len())
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A string ends at its quote, or else before the end of the line.
fn text(bytes: &[u8]) -> (Kind, usize) {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'"' => return (Kind::Text, at + 1),
            b'\\' if bytes.get(at + 1).is_some_and(|b| *b != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    (Kind::OpenText, at)
}

/// Takes in more than a number may have, so that `1.2.3` and `0x1F` are one mistake each.
fn number(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        let (next, after) = (bytes.get(at + 1).copied(), bytes.get(at + 2).copied());
        match bytes[at] {
            b'e' | b'E' if matches!(next, Some(b'+' | b'-')) && after.is_some_and(|b| b.is_ascii_digit()) => {
                at += 2;
            }
            b'.' if next != Some(b'.') => at += 1,
            byte if is_word_byte(byte) => at += 1,
            _ => break,
        }
    }
    if bytes.get(at) == Some(&b'%') { at + 1 } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, want: &[(Kind, &str)]) {
        let got: Vec<(Kind, &str)> = tokens(source).iter().map(|t| (t.kind, t.text(source))).collect();
        assert_eq!(got, want, "{source}");
    }

    #[test]
    fn numbers_stop_before_ranges_and_signs() {
        check("0..783", &[(Kind::Number, "0"), (Kind::Range, ".."), (Kind::Number, "783")]);
        check("1e-3-1", &[(Kind::Number, "1e-3"), (Kind::Minus, "-"), (Kind::Number, "1")]);
        check("14_000 80%", &[(Kind::Number, "14_000"), (Kind::Number, "80%")]);
        check("1.2.3", &[(Kind::Number, "1.2.3")]);
    }

    #[test]
    fn strings_hold_comments_and_end_with_the_line() {
        check(r#""a // \" b" c"#, &[(Kind::Text, r#""a // \" b""#), (Kind::Word, "c")]);
        check("\"a\nb", &[(Kind::OpenText, "\"a"), (Kind::Newline, "\n"), (Kind::Word, "b")]);
        check("\"a\\\n", &[(Kind::OpenText, "\"a\\"), (Kind::Newline, "\n")]);
    }

    #[test]
    fn signs_comments_and_strangers() {
        check("a->b", &[(Kind::Word, "a"), (Kind::Arrow, "->"), (Kind::Word, "b")]);
        check(
            "a/b // c",
            &[(Kind::Word, "a"), (Kind::Slash, "/"), (Kind::Word, "b"), (Kind::Comment, "// c")],
        );
        check("\u{feff}é;", &[(Kind::Unknown, "é"), (Kind::Unknown, ";")]);
    }
}
