//! No word that does not belong in a commit: notes to oneself, and paths of one machine.

use super::Violation;
use super::tree::{Tree, has_word, numbered};

/// Put together so that this file does not break its own rule.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("db", "g!")];
const FOLDERS: &[&str] = &[concat!("/wo", "rk"), concat!("/ro", "ot"), concat!("/ho", "me")];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.path != "Cargo.lock") {
        for (line, text) in numbered(&file.text) {
            let mut report = |message: String| found.push(Violation::new(&file.path, line, message));
            for note in NOTES.iter().filter(|note| has_word(text, note)) {
                report(format!("`{note}`: do it, or write down elsewhere that it is open"));
            }
            for folder in FOLDERS.iter().filter(|folder| has_folder(text, folder)) {
                report(format!("`{folder}`: a folder of one machine"));
            }
        }
    }
    found
}

/// Whether the line holds an absolute path into the folder: `a/b` and `x.y/b` are none.
fn has_folder(line: &str, folder: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_.-~<>{}$/".contains(c);
    line.match_indices(folder).any(|(at, _)| {
        let after = &line[at + folder.len()..];
        !line[..at].ends_with(inside)
            && !after.starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&Tree::of(&[("a.md", text)])).into_iter().map(|v| v.line).collect()
    }

    #[test]
    fn notes_are_whole_words() {
        assert_eq!(
            lines(concat!("// TO", "DO later\nmasTO", "DOn\nFIX", "ME\nTO", "DOs\ndb", "g!(x)\n")),
            [1, 3, 5]
        );
    }

    #[test]
    fn only_absolute_paths_count() {
        let text =
            concat!("see /wo", "rk/a\na/wo", "rk\n\"/ro", "ot\"\n/ro", "ots\n../wo", "rk\n/wo", "rker\n");
        assert_eq!(lines(text), [1, 3]);
    }
}
