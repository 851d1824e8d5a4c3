//! Which crate may use which: the table of ARCHITECTURE.md as data.
//!
//! An edge that is not in it fails, in a manifest as in the page; so the page is never out of date.
//! What only tests use is an edge too, in a column of its own.

use super::Violation;
use super::manifests::entries;
use super::tree::{File, Tree, numbered};

/// A crate, by its folder, and what it may use.
struct Row {
    folder: &'static str,
    uses: &'static [&'static str],
    tests_use: &'static [&'static str],
}

const ALL: &[&str] = &[
    "diag",
    "dsl",
    "graph",
    "library",
    "model",
    "schedule",
    "microkernel",
    "codegen",
    "data",
    "record",
    "runtime",
    "report",
    "lsp",
];

const TABLE: &[Row] = &[
    Row { folder: "diag", uses: &[], tests_use: &[] },
    Row { folder: "dsl", uses: &["diag"], tests_use: &[] },
    Row { folder: "graph", uses: &["diag"], tests_use: &[] },
    Row { folder: "library", uses: &["graph", "diag"], tests_use: &[] },
    Row { folder: "model", uses: &["dsl", "library", "graph", "diag"], tests_use: &[] },
    Row { folder: "schedule", uses: &["graph"], tests_use: &["library", "model"] },
    Row { folder: "microkernel", uses: &[], tests_use: &[] },
    // Conformance of what the library and the specs really build.
    Row { folder: "codegen", uses: &["schedule", "microkernel", "graph"], tests_use: &["library", "model"] },
    Row { folder: "data", uses: &["diag"], tests_use: &[] },
    Row { folder: "record", uses: &[], tests_use: &[] },
    // Random numbers for shuffling and initial values.
    Row { folder: "runtime", uses: &["codegen", "data", "record", "graph"], tests_use: &["schedule"] },
    Row { folder: "report", uses: &["record"], tests_use: &[] },
    Row { folder: "lsp", uses: &["model", "dsl", "library", "diag"], tests_use: &[] },
    Row { folder: "kiln", uses: ALL, tests_use: &[] },
    Row { folder: "cli", uses: &["kiln"], tests_use: &[] },
];

/// Packages outside `crates/`: the first is everyone's own program, the second tests only, the third hands
/// any bytes to the front end, the fourth must build while they do not; the others are other frameworks.
const OUTSIDE: &[Row] = &[
    Row { folder: "examples", uses: &["kiln"], tests_use: &[] },
    // The grammars for editors, compared with the language's own.
    Row { folder: "editors", uses: &[], tests_use: &["dsl"] },
    Row { folder: "fuzz", uses: &["diag", "dsl", "model"], tests_use: &[] },
    Row { folder: "xtask", uses: &[], tests_use: &[] },
    Row { folder: "bench/peers/rust", uses: &[], tests_use: &[] },
    Row { folder: "bench/peers/rust/measure", uses: &[], tests_use: &[] },
    Row { folder: "bench/peers/rust/peer_burn", uses: &[], tests_use: &[] },
    Row { folder: "bench/peers/rust/peer_candle", uses: &[], tests_use: &[] },
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        manifest(file, &mut found);
    }
    match tree.file("ARCHITECTURE.md") {
        Some(page) => architecture(page, &mut found),
        None => {
            found.push(Violation::new("ARCHITECTURE.md", 1, "is missing: it tells which crate may use which"))
        }
    }
    found
}

fn manifest(file: &File, found: &mut Vec<Violation>) {
    let folder = file.path.trim_end_matches("/Cargo.toml");
    let row = match folder.strip_prefix("crates/") {
        Some(folder) => TABLE.iter().find(|row| row.folder == folder),
        None => OUTSIDE.iter().find(|row| row.folder == folder),
    };
    let Some(row) = row else {
        found.push(Violation::new(&file.path, 1, format!("`{folder}` is not in the table of crates")));
        return;
    };
    for entry in entries(&file.text).iter().filter(|entry| entry.table.ends_with("dependencies")) {
        let Some(used) = own_crate(entry.key.trim_end_matches(".workspace")) else { continue };
        let in_tests = entry.table.ends_with("dev-dependencies");
        let allowed = row.uses.contains(&used) || in_tests && row.tests_use.contains(&used);
        if !allowed {
            let who = if in_tests { "tests of " } else { "" };
            let message = format!("{who}`{}` may not use `{used}`: the edge is not in the table", row.folder);
            found.push(Violation::new(&file.path, entry.line, message));
        }
    }
}

/// The folder of one of our own packages.
fn own_crate(package: &str) -> Option<&str> {
    if package == "kiln" { Some(package) } else { package.strip_prefix("kiln-") }
}

/// Each crate has a row `| `folder` | … | what it uses |`, and the last cell says what [`TABLE`] says.
fn architecture(page: &File, found: &mut Vec<Violation>) {
    for row in TABLE {
        let opening = format!("| `{}` |", row.folder);
        let Some((line, text)) = numbered(&page.text).find(|(_, text)| text.starts_with(&opening)) else {
            found.push(Violation::new(
                &page.path,
                1,
                format!("the table of crates has no row for `{}`", row.folder),
            ));
            continue;
        };
        let cell = text.trim_end().trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim();
        let mut said: Vec<&str> = match cell {
            "all" => ALL.to_vec(),
            "–" => Vec::new(),
            list => list.split(',').map(|name| name.trim().trim_matches('`')).collect(),
        };
        let mut uses = row.uses.to_vec();
        said.sort_unstable();
        uses.sort_unstable();
        if said != uses {
            let message = format!("`{}` may use {}, not {cell}", row.folder, row.uses.join(", "));
            found.push(Violation::new(&page.path, line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page that agrees with the table.
    fn page() -> String {
        let row = |row: &Row| match row.uses {
            [] => format!("| `{}` | x | – |\n", row.folder),
            uses if uses == ALL => format!("| `{}` | x | all |\n", row.folder),
            uses => format!("| `{}` | x | {} |\n", row.folder, uses.join(", ")),
        };
        TABLE.iter().map(row).collect()
    }

    fn found(path: &str, text: &str) -> Vec<(String, usize)> {
        let tree = Tree::of(&[("ARCHITECTURE.md", &page()), (path, text)]);
        check(&tree).into_iter().map(|v| (v.path, v.line)).collect()
    }

    #[test]
    fn an_edge_outside_the_table_fails() {
        let text = "[package]\nname = \"kiln-schedule\"\n[dependencies]\nkiln-graph.workspace = true\nkiln-dsl.workspace = true\n";
        assert_eq!(found("crates/schedule/Cargo.toml", text), [("crates/schedule/Cargo.toml".to_owned(), 5)]);
    }

    #[test]
    fn tests_and_other_spellings_are_edges_too() {
        let text = "[dev-dependencies]\nkiln-cli = { path = \"../cli\" }\n";
        assert_eq!(found("crates/graph/Cargo.toml", text), [("crates/graph/Cargo.toml".to_owned(), 2)]);
        assert_eq!(found("xtask/Cargo.toml", "[dependencies]\nkiln.workspace = true\n").len(), 1);
        assert_eq!(found("crates/new/Cargo.toml", "").len(), 1);
        assert!(
            found("crates/cli/Cargo.toml", "[dependencies]\nkiln.workspace = true\nserde.workspace = true\n")
                .is_empty()
        );
    }

    #[test]
    fn the_page_says_what_the_table_says() {
        let told = |page: &str| check(&Tree::of(&[("ARCHITECTURE.md", page)]));
        assert!(told(&page()).is_empty());
        let wrong = page().replace("| `dsl` | x | diag |", "| `dsl` | x | diag, graph |");
        assert_eq!(told(&wrong)[0].line, 2);
        assert!(told(&page().replace("| `report` |", "| report |"))[0].message.contains("no row"));
        assert!(check(&Tree::of(&[]))[0].message.contains("missing"));
    }

    #[test]
    fn the_table_has_no_cycle() {
        // Each crate uses only those above it.
        for (at, row) in TABLE.iter().enumerate() {
            for used in row.uses.iter().chain(row.tests_use) {
                assert!(TABLE[..at].iter().any(|above| above.folder == *used), "{} uses {used}", row.folder);
            }
        }
    }
}
