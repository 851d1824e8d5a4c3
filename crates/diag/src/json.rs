//! Diagnostics as data, for editors and scripts.
//!
//! In: [`Diagnostics`] and their [`Sources`]. Out: a list in the order of the places, each
//! with file, lines and columns resolved. Lines and columns count from 1; columns count
//! characters; ends are exclusive. Field names are part of the program's interface.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity, Suggestion};
use crate::source::{Sources, Span};

/// One diagnostic with its places resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// `E0312`.
    pub code: &'static str,
    /// One short sentence.
    pub message: String,
    /// Where the mistake is; absent where it has no place in a text.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// Every label, the primary ones included.
    pub labels: Vec<Remark>,
    /// What to type instead.
    pub hints: Vec<String>,
    /// Hints that a program can follow; each mends the mistake by itself.
    pub suggestions: Vec<Edit>,
}

/// A suggestion with its place resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What it does, for people.
    pub title: String,
    /// What is replaced; empty where something is inserted.
    #[serde(flatten)]
    pub place: Place,
    /// What stands there afterwards; empty where something is removed.
    pub replacement: String,
}

/// A range of a text, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The text's name.
    pub file: String,
    /// First line, from 1.
    pub line: u32,
    /// First column in characters, from 1.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// A label with its place resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What; may be empty.
    pub text: String,
    /// The place of the mistake itself, not one that it clashes with.
    pub primary: bool,
}

/// All diagnostics, in the order of their places.
pub fn findings(all: &Diagnostics, sources: &Sources) -> Vec<Finding> {
    all.sorted().into_iter().map(|d| finding(d, sources)).collect()
}

/// The same as an indented JSON array, ending with a newline.
pub fn to_json(all: &Diagnostics, sources: &Sources) -> String {
    // Strings, numbers and booleans under string keys: there is nothing that JSON cannot hold.
    let mut text = serde_json::to_string_pretty(&findings(all, sources)).unwrap_or_else(|_| "[]".to_owned());
    text.push('\n');
    text
}

fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Finding {
    Finding {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: diagnostic.code.as_str(),
        message: diagnostic.message.clone(),
        place: diagnostic.place().map(|span| place(span, sources)),
        labels: diagnostic.labels.iter().map(|label| remark(label, sources)).collect(),
        hints: diagnostic.hints.clone(),
        suggestions: diagnostic.suggestions.iter().map(|suggestion| edit(suggestion, sources)).collect(),
    }
}

fn remark(label: &Label, sources: &Sources) -> Remark {
    Remark { place: place(label.span, sources), text: label.text.clone(), primary: label.primary }
}

fn edit(suggestion: &Suggestion, sources: &Sources) -> Edit {
    let Suggestion { title, span, replacement } = suggestion.clone();
    Edit { title, place: place(span, sources), replacement }
}

fn place(span: Span, sources: &Sources) -> Place {
    let start = sources.line_col(span.file, span.start);
    let end = sources.line_col(span.file, span.end);
    Place {
        file: sources.name(span.file).to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn places_are_resolved_and_names_are_stable() {
        let mut sources = Sources::new();
        let file = sources.add("a.model", "title \"é\" x\n");
        let mut all = Diagnostics::new();
        all.push(
            Diagnostic::error(Code::Syntax, "expected \"x\"")
                .primary(Span { file, start: 11, end: 12 }, "here")
                .hint("leave it out")
                .suggest(Span { file, start: 10, end: 12 }, ""),
        );
        let want = r#"[
  {
    "severity": "error",
    "code": "E0100",
    "message": "expected \"x\"",
    "file": "a.model",
    "line": 1,
    "column": 11,
    "end_line": 1,
    "end_column": 12,
    "labels": [
      {
        "file": "a.model",
        "line": 1,
        "column": 11,
        "end_line": 1,
        "end_column": 12,
        "text": "here",
        "primary": true
      }
    ],
    "hints": [
      "leave it out"
    ],
    "suggestions": [
      {
        "title": "remove this",
        "file": "a.model",
        "line": 1,
        "column": 10,
        "end_line": 1,
        "end_column": 12,
        "replacement": ""
      }
    ]
  }
]
"#;
        assert_eq!(to_json(&all, &sources), want);
    }

    #[test]
    fn nothing_is_an_empty_list_and_no_place_leaves_the_keys_out() {
        assert_eq!(to_json(&Diagnostics::new(), &Sources::new()), "[]\n");
        let mut all = Diagnostics::new();
        all.push(Diagnostic::warning(Code::Syntax, "m"));
        let text = to_json(&all, &Sources::new());
        assert!(text.contains("\"warning\"") && !text.contains("\"line\""), "{text}");
    }
}
