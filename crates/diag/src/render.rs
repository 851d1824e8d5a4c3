//! Diagnostics as text, in the look of rustc.
//!
//! In: [`Diagnostics`] and the [`Sources`] they speak of. Out: one block of text for each,
//! in the order of the places, with carets under every label and hints as `help:`.
//!
//! Spans are clamped to the text and widened to whole characters here, so that a wrong
//! span shows a wrong place and never panics.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{FileId, Sources, Span};

/// All messages, in the order of their places, with carets under each; `color` adds ANSI colours.
///
/// Ends with a newline unless there is nothing to say.
pub fn render(all: &Diagnostics, sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in all.sorted() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push('\n');
    }
    text
}

/// One message: title, a snippet of each file it speaks of, hints.
fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    for file in files(diagnostic) {
        let labels = diagnostic.labels.iter().filter(|l| l.span.file == file);
        let text = sources.text(file);
        let snippet = Snippet::source(text)
            .path(sources.name(file))
            .annotations(labels.map(|label| annotation(label, text)));
        group = group.element(snippet);
    }
    group.elements(diagnostic.hints.iter().map(|hint| Level::HELP.message(hint.as_str())))
}

/// The files of the labels: the one of the mistake first, then as the labels name them.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let first = diagnostic.place().map(|span| span.file);
    let mut files: Vec<FileId> = first.into_iter().collect();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

fn annotation<'a>(label: &'a Label, text: &str) -> Annotation<'a> {
    let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(within(label.span, text));
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

/// The span's bytes, inside the text and at borders of characters.
fn within(span: Span, text: &str) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let start = floor(span.start as usize);
    let end = floor(span.end as usize).max(start);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    fn two_files() -> (Sources, Diagnostics) {
        let mut sources = Sources::new();
        let a = sources.add("a.model", "use \"b.model\"\nmodel m {\n    x -> dense(4, relu)\n}\n");
        let b = sources.add("b.model", "block hidden(units) = dense(units)\n");
        let mut all = Diagnostics::new();
        all.push(
            Diagnostic::error(Code::Syntax, "expected `,` or `)`")
                .primary(Span { file: a, start: 39, end: 43 }, "found `relu`")
                .secondary(Span { file: a, start: 33, end: 38 }, "this layer")
                .secondary(Span { file: b, start: 6, end: 12 }, "declared here")
                .hint("write a comma"),
        );
        (sources, all)
    }

    #[test]
    fn every_label_has_a_caret_and_hints_are_help() {
        let (sources, all) = two_files();
        let want = "\
error[E0100]: expected `,` or `)`
 --> a.model:3:16
  |
3 |     x -> dense(4, relu)
  |          ----- ^^^^ found `relu`
  |          |
  |          this layer
  |
 ::: b.model:1:7
  |
1 | block hidden(units) = dense(units)
  |       ------ declared here
  |
  = help: write a comma
";
        let got = render(&all, &sources, false);
        assert_eq!(got, want, "\n{got}");
    }

    #[test]
    fn colours_are_only_added() {
        let (sources, all) = two_files();
        let coloured = render(&all, &sources, true);
        assert!(coloured.contains("\u{1b}["));
        let mut plain = String::new();
        let mut escape = false;
        for c in coloured.chars() {
            match (escape, c) {
                (false, '\u{1b}') => escape = true,
                (true, 'm') => escape = false,
                (true, _) => {}
                (false, c) => plain.push(c),
            }
        }
        assert_eq!(plain.replace(' ', ""), render(&all, &sources, false).replace(' ', ""));
    }

    #[test]
    fn no_span_panics() {
        for text in ["", "\n", "é", "aé\r\n\tb", "no newline at the end", "\u{feff}x"] {
            let mut sources = Sources::new();
            let file = sources.add("t.model", text);
            for start in 0..text.len() as u32 + 3 {
                for end in 0..text.len() as u32 + 3 {
                    let mut all = Diagnostics::new();
                    let span = Span { file, start, end };
                    all.push(Diagnostic::warning(Code::Syntax, "w").primary(span, "").secondary(span, "x"));
                    assert!(render(&all, &sources, false).contains("t.model:"));
                }
            }
        }
    }

    #[test]
    fn a_message_without_a_place_is_a_title() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::error(Code::Syntax, "nothing here").hint("write something"));
        let got = render(&all, &Sources::new(), false);
        assert!(got.starts_with("error[E0100]: nothing here\n"), "{got}");
        assert!(got.contains("help: write something"), "{got}");
    }
}
