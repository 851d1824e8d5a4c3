//! What is wrong with the syntax, said in the user's words: one constructor a mistake.
//!
//! What the grammar expected is turned into words in [`crate::expected`].

use kiln_diag::{Code, Diagnostic, Diagnostics, FileId, Span};

use crate::layout::MAX_NESTING;
use crate::parse::{LANGUAGE_VERSION, MAX_BYTES};
use crate::token::Token;

/// So many syntax mistakes of one file are shown; who has more is not reading a spec.
const MAX_MISTAKES: usize = 50;

/// The mistakes of one file, up to [`MAX_MISTAKES`]; this also bounds the work on hostile text.
pub(crate) struct Mistakes<'d> {
    all: &'d mut Diagnostics,
    file: FileId,
    count: usize,
}

impl<'d> Mistakes<'d> {
    /// None yet.
    pub(crate) fn new(all: &'d mut Diagnostics, file: FileId) -> Mistakes<'d> {
        Mistakes { all, file, count: 0 }
    }

    /// Reports one, unless there are enough.
    pub(crate) fn push(&mut self, mistake: Diagnostic) {
        if self.are_full() {
            return;
        }
        self.count += 1;
        let last =
            self.are_full().then(|| "this file has more mistakes; only the first are shown".to_owned());
        self.all.push(mistake.hint_opt(last));
    }

    /// No more will be reported.
    pub(crate) fn are_full(&self) -> bool {
        self.count >= MAX_MISTAKES
    }

    /// The place of a token.
    pub(crate) fn span(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }
}

pub(crate) fn file_too_large(bytes: usize, file: FileId) -> Diagnostic {
    let message = format!("this file has {bytes} bytes; a spec has at most {MAX_BYTES}");
    Diagnostic::error(Code::FileTooLarge, message).primary(Span { file, start: 0, end: 0 }, "")
}

pub(crate) fn brackets_too_deep(bracket: Span) -> Diagnostic {
    Diagnostic::error(Code::NestingTooDeep, format!("brackets are nested more than {MAX_NESTING} deep"))
        .primary(bracket, "this one is too deep; the file is not read any further")
}

pub(crate) fn value_too_deep(value: Span) -> Diagnostic {
    Diagnostic::error(Code::NestingTooDeep, format!("this value is nested more than {MAX_NESTING} deep"))
        .primary(value, "too many operations one inside the other")
        .hint("work it out, or split it")
}

pub(crate) fn unclosed_brace(brace: Span, next: Option<(&str, Span)>) -> Diagnostic {
    let mistake = Diagnostic::error(Code::Unclosed, "this `{` is never closed").primary(brace, "");
    match next {
        Some((word, place)) => mistake
            .secondary(place, format!("`{word}` cannot stand inside it"))
            .hint(format!("write `}}` before `{word}`"))
            .suggest(Span { end: place.start, ..place }, "}\n\n"),
        None => mistake.hint("write `}` at the end"),
    }
}

pub(crate) fn stray_brace(brace: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this `}` closes nothing")
        .primary(brace, "")
        .hint("remove it")
        .suggest(brace, "")
}

pub(crate) fn unclosed_bracket(bracket: &str, place: Span) -> Diagnostic {
    let partner = if bracket == "[" { "]" } else { ")" };
    Diagnostic::error(Code::Unclosed, format!("this `{bracket}` is never closed"))
        .primary(place, "")
        .hint(format!("write `{partner}` where it ends"))
}

pub(crate) fn unclosed_text(text: Span) -> Diagnostic {
    Diagnostic::error(Code::Unclosed, "this text is never closed")
        .primary(Span { end: text.start + 1, ..text }, "")
        .hint("write `\"` where it ends, in the same line")
}

pub(crate) fn bad_number(number: Span, written: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BadNumber, format!("`{written}` is not a number")).primary(number, why)
}

pub(crate) fn no_digit_before_point(number: Span, written: &str) -> Diagnostic {
    bad_number(number, written, "a number begins with a digit")
        .hint(format!("write `0{written}`"))
        .suggest(number, format!("0{written}"))
}

pub(crate) fn bad_escape(escape: Span, written: &str) -> Diagnostic {
    Diagnostic::error(Code::BadEscape, format!("`{written}` is not an escape"))
        .primary(escape, "known are `\\\\`, `\\\"`, `\\n` and `\\t`")
        .hint("in a path write `/`, which works everywhere; for a backslash write `\\\\`")
}

/// `belongs` completes "`loss` belongs …".
pub(crate) fn misplaced(word: &str, place: Span, belongs: &str) -> Diagnostic {
    Diagnostic::error(Code::Misplaced, format!("`{word}` cannot stand here"))
        .primary(place, format!("`{word}` belongs {belongs}"))
}

pub(crate) fn unknown_version(number: Span, written: &str) -> Diagnostic {
    Diagnostic::error(Code::LanguageVersion, format!("version {written} of the language is not known"))
        .primary(number, format!("this program reads version {LANGUAGE_VERSION}"))
        .hint(format!("use a newer Kiln, or write `kiln {LANGUAGE_VERSION}`"))
        .suggest(number, LANGUAGE_VERSION.to_string())
}
