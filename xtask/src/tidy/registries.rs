//! Every item's file is registered: a file that nobody lists is an item that no spec can name.

use super::Violation;
use super::tree::{Tree, code_only, has_word};

/// Folders of which every `NAME.rs` is an item, listed in the folder's `mod.rs`.
const FOLDERS: &[&str] = &[
    "crates/library/src/layers",
    "crates/library/src/activations",
    "crates/library/src/losses",
    "crates/library/src/optimizers",
    "crates/library/src/schedules",
    "crates/library/src/initializers",
    "crates/library/src/metrics",
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let Some(registry) = tree.file(&format!("{folder}/mod.rs")) else {
            if tree.rust().any(|file| file.path.starts_with(&format!("{folder}/"))) {
                found.push(Violation::new(
                    &format!("{folder}/mod.rs"),
                    1,
                    "is missing, so its items are unregistered",
                ));
            }
            continue;
        };
        let code = code_only(&registry.text);
        for file in tree.rust() {
            let Some(name) = item(&file.path, folder) else { continue };
            if !registered(&code, name) {
                let message = format!("`{name}` is not registered: add its line to `all` in {folder}/mod.rs");
                found.push(Violation::new(&file.path, 1, message));
            }
        }
    }
    found
}

/// `dense` of `…/layers/dense.rs`; `None` for the registry, tests, and files of other folders.
fn item<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
    (!name.contains('/') && name != "mod" && name != "tests").then_some(name)
}

/// Whether a line other than a declaration or an import names the item.
fn registered(code: &str, name: &str) -> bool {
    code.lines().any(|line| {
        let line = line.trim_start();
        let statement =
            line.strip_prefix("pub").map_or(line, |rest| rest.trim_start_matches("(crate)").trim_start());
        !statement.starts_with("mod ") && !statement.starts_with("use ") && has_word(line, name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "\
//! Layers: not add, which is only spoken of here.
mod dense;
mod add;
pub(crate) use add::Add;
pub fn all() -> &'static [&'static dyn Layer] {
    &[&dense::Dense]
}
";

    #[test]
    fn a_declared_file_is_not_yet_registered() {
        let tree = Tree::of(&[
            ("crates/library/src/layers/mod.rs", REGISTRY),
            ("crates/library/src/layers/dense.rs", ""),
            ("crates/library/src/layers/add.rs", ""),
            ("crates/library/src/layers/den.rs", ""),
            ("crates/library/src/layers/tests.rs", ""),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|v| v.path).collect();
        assert_eq!(paths, ["crates/library/src/layers/add.rs", "crates/library/src/layers/den.rs"]);
    }

    #[test]
    fn a_folder_without_a_registry_is_one_violation() {
        let tree = Tree::of(&[("crates/library/src/losses/mse.rs", "")]);
        assert_eq!(check(&tree)[0].path, "crates/library/src/losses/mod.rs");
    }
}
