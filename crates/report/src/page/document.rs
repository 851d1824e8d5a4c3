//! A document: headings, tables, texts and figures, before they are HTML or Markdown.

use crate::plots::Figure;
use std::collections::BTreeSet;

/// A part of a document, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading; 2 is the highest, 1 being the document's title.
    Heading {
        /// 2 to 4.
        level: u8,
        /// Unique in the document; what links point to.
        id: String,
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text(String),
    /// Something that the reader must not overlook.
    Warning(String),
    /// Cells in rows.
    Table(Table),
    /// Text whose columns matter.
    Preformatted {
        /// What it is.
        kind: Kind,
        /// The text.
        text: String,
        /// Where given, the text is folded under these words.
        folded: Option<String>,
    },
    /// Figures beside each other where there is room.
    Figures(Vec<Named>),
}

/// A figure with the name of its file and its element.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Unique in the document, fit for a file's name.
    pub name: String,
    /// The figure.
    pub figure: Figure,
    /// Words under it; may be empty.
    pub caption: String,
}

/// What a preformatted text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A table or a command.
    Plain,
    /// Numbers that only the screen has room for: they are not printed.
    Numbers,
    /// A spec, whose words are coloured.
    Spec,
    /// Lines that begin with `+`, `-` or a space.
    Difference,
}

/// Cells in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Heads of the columns; empty for a table without.
    pub header: Vec<String>,
    /// Rows, each as long as the header.
    pub rows: Vec<Vec<Cell>>,
    /// The column from which on cells are numbers, set to the right.
    pub numbers_from: usize,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its words.
    pub text: String,
    /// The id of the heading that it leads to.
    pub link: Option<String>,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), link: None }
    }
}

/// A whole document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Document {
    /// Figures that follow each other stand beside each other.
    pub fn merge_figures(&mut self) {
        let mut merged: Vec<Block> = Vec::new();
        for block in self.blocks.drain(..) {
            match (merged.last_mut(), block) {
                (Some(Block::Figures(before)), Block::Figures(figures)) if fits(before, &figures) => {
                    before.extend(figures);
                }
                (_, Block::Figures(figures)) if figures.is_empty() => {}
                (_, block) => merged.push(block),
            }
        }
        self.blocks = merged;
    }

    /// Gives a number to ids and names that come twice: a spec may show one thing in two ways, and two names may be
    /// one when only their letters count.
    pub fn number_twins(&mut self) {
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for block in &mut self.blocks {
            match block {
                Block::Heading { id, .. } => *id = unused(id, &mut ids),
                Block::Figures(figures) => {
                    for named in figures {
                        named.name = unused(&named.name, &mut names);
                    }
                }
                Block::Text(_) | Block::Warning(_) | Block::Table(_) | Block::Preformatted { .. } => {}
            }
        }
    }

    /// Level, id and words of the headings of levels 2 and 3.
    pub fn contents(&self) -> Vec<(u8, &str, &str)> {
        let mut contents = Vec::new();
        for block in &self.blocks {
            if let Block::Heading { level: level @ 2..=3, id, text } = block {
                contents.push((*level, id.as_str(), text.as_str()));
            }
        }
        contents
    }

    /// All figures, in order.
    pub fn figures(&self) -> impl Iterator<Item = &Named> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Figures(figures) => figures.as_slice(),
            Block::Heading { .. }
            | Block::Text(_)
            | Block::Warning(_)
            | Block::Table(_)
            | Block::Preformatted { .. } => &[],
        })
    }
}

/// `name`, with a number after it where it is taken.
fn unused(name: &str, used: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !used.contains(name));
    let free = free.unwrap_or_default();
    used.insert(free.clone());
    free
}

/// Figures of one width make straight columns; others begin a row of their own.
fn fits(before: &[Named], figures: &[Named]) -> bool {
    let widths = || before.iter().chain(figures).map(|named| named.figure.size[0]);
    widths().all(|width| Some(width) == widths().next())
}

/// `text` as a part of an id or of a file's name: lower case letters, digits and hyphens.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Block, Document};

    #[test]
    fn an_id_that_comes_twice_gets_a_number() {
        let ids = ["a", "b", "a", "a-2", "a"];
        let heading = |id: &str| Block::Heading { level: 2, id: id.to_owned(), text: String::new() };
        let mut document = Document { title: String::new(), blocks: ids.map(heading).to_vec() };
        document.number_twins();
        let numbered: Vec<&str> = document.contents().iter().map(|(_, id, _)| *id).collect();
        assert_eq!(numbered, ["a", "b", "a-2", "a-2-2", "a-3"]);
    }
}
