//! `unsafe` stays in its places: the pages of compiled code and the wide tiles.
//!
//! The compiler's `unsafe_code = "deny"` can be lifted by an attribute anywhere; this cannot.

use super::Violation;
use super::tree::{Tree, code_only, has_word, numbered};

/// Paths that begin like this may hold `unsafe`.
const PLACES: &[&str] = &["crates/codegen/src/jit.rs", "crates/codegen/src/jit/", "crates/microkernel/"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let elsewhere = tree.rust().filter(|file| !PLACES.iter().any(|place| file.path.starts_with(place)));
    let mut found = Vec::new();
    for file in elsewhere {
        let code = code_only(&file.text);
        for (line, text) in numbered(&code) {
            if has_word(text, "unsafe") {
                found.push(Violation::new(
                    &file.path,
                    line,
                    "`unsafe` outside codegen's jit and microkernel",
                ));
            }
            if has_word(text, "unsafe_code") && text.contains("allow") {
                found.push(Violation::new(&file.path, line, "lifts the lint on `unsafe` outside its places"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_outside_the_places_counts() {
        let block = "fn a() {\n    unsafe { b() }\n}\n";
        let tree = Tree::of(&[
            ("crates/codegen/src/jit.rs", block),
            ("crates/codegen/src/jit/pages.rs", block),
            ("crates/microkernel/src/tile.rs", block),
            ("crates/codegen/src/emit.rs", block),
            ("crates/graph/src/lib.rs", "// unsafe\nconst A: &str = \"unsafe\";\n"),
            ("crates/data/src/map.rs", "#![allow(unsafe_code, reason = \"\")]\n"),
        ]);
        let places: Vec<(String, usize)> = check(&tree).into_iter().map(|v| (v.path, v.line)).collect();
        assert_eq!(
            places,
            [("crates/codegen/src/emit.rs".to_owned(), 2), ("crates/data/src/map.rs".to_owned(), 1)]
        );
    }
}
