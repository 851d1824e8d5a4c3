//! The specs that the grammars are tried on, each with the name to show.

use std::path::{Path, PathBuf};

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_path_buf()
}

/// Every spec without syntax mistakes, of the folders and of the language's page.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut specs = Vec::new();
    for folder in ["specs", "specs/lib", "tests/golden/diagnostics", "editors/specs"] {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "model"))
            .collect();
        paths.sort();
        for path in paths {
            // Some of the mistakes are that a file is no text.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            specs.push((path.display().to_string(), text));
        }
    }
    let page = std::fs::read_to_string(root().join("docs/language.md")).expect("a page");
    for (at, example) in page.split("```model\n").skip(1).enumerate() {
        let text = example.split("```").next().unwrap_or_default();
        specs.push((format!("docs/language.md, example {}", at + 1), text.to_owned()));
    }
    specs.retain(|(_, text)| kiln_dsl::classes(text).is_some());
    specs
}
