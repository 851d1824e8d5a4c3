//! Every Rust file opens with `//!`: what comes in, what goes out, the one idea.

use super::Violation;
use super::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| {
            Violation::new(
                &file.path,
                1,
                "opens without `//!`: say what comes in, what goes out, the one idea",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_counts() {
        let tree = Tree::of(&[
            ("a.rs", "//! A.\nfn a() {}\n"),
            ("b.rs", "fn b() {}\n//! B.\n"),
            ("c.rs", "// C.\n"),
            ("d.rs", ""),
            ("e.md", "no header"),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|v| v.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs", "d.rs"]);
    }
}
