//! No Rust file is over 500 lines: a longer one holds two ideas.

use super::Violation;
use super::tree::Tree;

/// STYLE's bound; 100 to 300 is what files aim at.
const LINES_MAX: usize = 500;

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| {
            Violation::new(
                &file.path,
                LINES_MAX + 1,
                format!("{lines} lines; the bound is {LINES_MAX}: split it"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_itself_is_allowed() {
        let tree = Tree::of(&[
            ("a.rs", &"\n".repeat(500)),
            ("b.rs", &"\n".repeat(501)),
            ("c.md", &"\n".repeat(900)),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("b.rs", 501));
    }
}
