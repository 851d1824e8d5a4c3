//! A page as plain text, for a terminal: the same words as in the reference.

use super::arguments::by_position;
use super::{Page, takes};
use crate::args::ArgSpec;

/// Columns of the text.
const WIDTH: usize = 100;
/// What stands under a label is indented.
const INDENT: &str = "    ";

impl Page {
    /// The page in lines of at most a hundred columns (formulas may be wider).
    pub fn plain(&self) -> String {
        let kind = self.kind.plural();
        let mut text = format!("{}  (one of the {kind})\n\n", self.name);
        wrapped(&mut text, "", &self.title);
        text.push('\n');
        block(&mut text, &self.formula);
        if !self.args.is_empty() {
            text.push_str("\nArguments\n");
            for spec in self.args {
                text.push_str(&format!("{INDENT}{}{}\n", spec.name, default(spec)));
                let takes = takes(spec);
                let mut chars = takes.chars();
                let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
                let words = format!("{} {first}{}.", spec.doc, chars.as_str());
                wrapped(&mut text, "        ", &words);
            }
            by_position(self.args).iter().for_each(|sentence| wrapped(&mut text, INDENT, sentence));
        }
        let about = [self.shapes.as_str(), &self.facts.join(" ")].join(" ");
        section(&mut text, "Shapes", about.trim());
        self.notes.iter().for_each(|note| section(&mut text, "Note", note));
        section(&mut text, "Source", &self.source);
        section(&mut text, "Trap", &self.trap);
        text.push_str("\nExample\n");
        block(&mut text, &self.example);
        text
    }
}

fn section(text: &mut String, label: &str, words: &str) {
    if !words.is_empty() {
        text.push_str(&format!("\n{label}\n"));
        wrapped(text, INDENT, words);
    }
}

fn block(text: &mut String, lines: &str) {
    for line in lines.lines() {
        text.push_str(format!("{INDENT}{line}").trim_end());
        text.push('\n');
    }
}

/// Words in lines of [`WIDTH`] columns; a word that is longer has a line of its own.
fn wrapped(text: &mut String, indent: &str, words: &str) {
    let mut line = String::new();
    for word in words.split_whitespace() {
        let width = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > WIDTH {
            text.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        text.push_str(&format!("{indent}{line}\n"));
    }
}

fn default(spec: &ArgSpec) -> String {
    match spec.default {
        Some(default) => format!(" = {default}"),
        None if spec.optional => "  (optional)".to_owned(),
        None => "  (required)".to_owned(),
    }
}
