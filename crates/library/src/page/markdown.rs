//! A page as Markdown: one section of a page of the reference.

use super::arguments::by_position;
use super::{Page, takes};
use crate::args::ArgSpec;

impl Page {
    /// A section with the item's name as its heading.
    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n```text\n{}\n```\n", self.name, self.title, self.formula);
        if !self.args.is_empty() {
            text.push_str("\n| argument | takes | default | |\n|---|---|---|---|\n");
            for spec in self.args {
                let cells = [format!("`{}`", spec.name), takes(spec), default(spec), spec.doc.to_owned()];
                text.push_str(&format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")));
            }
            if let Some(sentence) = by_position(self.args) {
                paragraph(&mut text, &sentence);
            }
        }
        let shapes =
            if self.shapes.is_empty() { String::new() } else { format!("**Shapes.** {}", self.shapes) };
        let facts = self.facts.join(" ");
        paragraph(&mut text, [shapes, facts].join(" ").trim());
        self.notes.iter().for_each(|note| paragraph(&mut text, note));
        paragraph(&mut text, &format!("**Source.** {}", self.source));
        if !self.trap.is_empty() {
            paragraph(&mut text, &format!("**Trap.** {}", self.trap));
        }
        text.push_str(&format!("\n```model part\n{}\n```\n", self.example));
        text
    }
}

/// A paragraph after what stands already; nothing for an empty one.
fn paragraph(text: &mut String, words: &str) {
    if !words.is_empty() {
        text.push_str(&format!("\n{words}\n"));
    }
}

fn default(spec: &ArgSpec) -> String {
    match spec.default {
        Some(default) => format!("`{default}`"),
        None if spec.optional => "none".to_owned(),
        None => "required".to_owned(),
    }
}
