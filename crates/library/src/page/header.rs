//! Reads the header of an item's file: its lines of `//!`, up to the first that is none.
//!
//! ```text
//! Name: what it is in a sentence (paper).          the title, a paragraph
//! ```text … ```                                    the formula
//! Source: …   Shapes: …   Trap: …                  paragraphs that begin with these words
//! Example:  ```model … ```                         the example
//! ```
//!
//! Every other paragraph is a note.

use super::Page;

/// Fills the page from the text of the item's file.
pub(super) fn read(file: &str, page: &mut Page) {
    let mut lines = file.lines().map_while(|line| line.strip_prefix("//!")).map(unindented).peekable();
    let mut paragraph = String::new();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            place(std::mem::take(&mut paragraph), page);
            let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            let block = block.join("\n");
            if language == "model" { page.example = block } else { page.formula = block }
        } else if line.is_empty() {
            place(std::mem::take(&mut paragraph), page);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    place(paragraph, page);
}

fn unindented(line: &str) -> &str {
    line.strip_prefix(' ').unwrap_or(line)
}

/// Puts a paragraph where its first word says.
fn place(paragraph: String, page: &mut Page) {
    let label = |word: &str| paragraph.strip_prefix(word).map(|rest| sentence(rest.trim_start()));
    if paragraph.is_empty() || paragraph == "Example:" {
    } else if let Some(source) = label("Source:") {
        page.source = source;
    } else if let Some(shapes) = label("Shapes:") {
        page.shapes = shapes;
    } else if let Some(trap) = label("Trap:") {
        page.trap = trap;
    } else if page.title.is_empty() {
        page.title = paragraph;
    } else {
        page.notes.push(paragraph);
    }
}

/// A text that followed a colon, as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().to_string() + chars.as_str())
}
