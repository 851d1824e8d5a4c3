//! Dependencies: shared by the workspace, each with its reason, the code generator pinned.

use super::Violation;
use super::tree::{File, Tree, numbered};

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        if file.path == "Cargo.toml" {
            workspace(file, &mut found);
        } else {
            member(file, &mut found);
        }
    }
    found
}

/// A line `key = value` of a table, with the table's name.
pub(super) struct Entry<'a> {
    pub(super) line: usize,
    pub(super) table: &'a str,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    /// A comment stands above it with nothing but other entries between them.
    pub(super) explained: bool,
}

/// The entries of a manifest whose tables are written in the plain form that this workspace uses.
pub(super) fn entries(text: &str) -> Vec<Entry<'_>> {
    let (mut table, mut explained, mut entries) = ("", false, Vec::new());
    for (line, text) in numbered(text) {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (table, explained) = (name.trim_matches(['[', ']']), false);
        } else if text.is_empty() || text.starts_with('#') {
            explained = text.starts_with('#');
        } else if let Some((key, value)) = text.split_once('=') {
            entries.push(Entry { line, table, key: key.trim(), value: value.trim(), explained });
        }
    }
    entries
}

fn workspace(file: &File, found: &mut Vec<Violation>) {
    for entry in entries(&file.text).iter().filter(|entry| entry.table == "workspace.dependencies") {
        if !entry.explained {
            found.push(Violation::new(
                &file.path,
                entry.line,
                format!("`{}` has no comment that says why", entry.key),
            ));
        }
        if entry.key.starts_with("cranelift") && !entry.value.contains("\"=") {
            let message =
                format!("`{}` must be pinned exactly (\"=…\"): golden files hold its text", entry.key);
            found.push(Violation::new(&file.path, entry.line, message));
        }
    }
}

fn member(file: &File, found: &mut Vec<Violation>) {
    let entries = entries(&file.text);
    // A workspace of its own, such as `fuzz`, has the table itself.
    let taken = |table: &str| table.ends_with("dependencies") && table != "workspace.dependencies";
    for entry in entries.iter().filter(|entry| taken(entry.table)) {
        let shared = entry.key.ends_with(".workspace") || entry.value.contains("workspace = true");
        if !shared {
            let message = format!("`{}` must come from the workspace's dependencies", entry.key);
            found.push(Violation::new(&file.path, entry.line, message));
        }
    }
    let is_member = file.path.starts_with("crates/")
        || file.path == "xtask/Cargo.toml"
        || file.path == "examples/Cargo.toml";
    if is_member && !entries.iter().any(|entry| entry.table == "lints" && entry.key == "workspace") {
        found.push(Violation::new(
            &file.path,
            1,
            "takes no part in the workspace's lints: add `[lints] workspace = true`",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_shares_its_comment_and_a_blank_line_ends_it() {
        let text = "[workspace.dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n\nc = \"1\"\n[profile.dev]\nopt-level = 1\n";
        let found = check(&Tree::of(&[("Cargo.toml", text)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].line, 6);
    }

    #[test]
    fn the_code_generator_is_pinned() {
        let text = "[workspace.dependencies]\n# Why.\ncranelift-jit = { version = \"0.135\" }\ncranelift-x = \"=1.0\"\n";
        let found = check(&Tree::of(&[("Cargo.toml", text)]));
        assert_eq!(found.iter().map(|v| v.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn members_share_dependencies_and_lints() {
        let text =
            "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\nc = \"1\"\n";
        let found = check(&Tree::of(&[("crates/a/Cargo.toml", text)]));
        assert_eq!(found.iter().map(|v| v.line).collect::<Vec<_>>(), [4, 1]);
    }
}
