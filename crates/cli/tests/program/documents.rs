//! Specs in the documents are right, and laid out as `kiln fmt` would.

use crate::kiln::{command, reads, workspace};

/// Documents with blocks marked `model`.
const DOCUMENTS: &[&str] = &["README.md", "docs/language.md", "docs/from-keras.md"];

#[test]
fn every_spec_of_the_documents_is_right() {
    for (place, spec) in specs() {
        // `use` is relative to the spec's folder, and standard input has that of the process.
        let from_specs = |words: &[&str]| {
            let mut command = command(words);
            command.current_dir(workspace().join("specs"));
            reads(command, &spec)
        };
        let said = from_specs(&["check", "-"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{place}\n{spec}");
        let said = from_specs(&["fmt", "-"]);
        assert_eq!(said.out, spec, "{place} is laid out otherwise");
    }
}

/// Every block, with its place.
fn specs() -> Vec<(String, String)> {
    let mut specs = Vec::new();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(workspace().join(document)).expect("a document");
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line == "```model" {
                let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
                let spec = block.map(|line| format!("{line}\n")).collect();
                specs.push((format!("{document}:{}", number + 1), spec));
            }
        }
        assert!(specs.iter().any(|(place, _)| place.starts_with(document)), "{document} has no spec");
    }
    specs
}
