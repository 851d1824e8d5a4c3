//! Golden files: text under `tests/golden/` of the workspace, rewritten with `KILN_BLESS=1`.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares `actual` with the golden file at `path` (below `tests/golden`), or rewrites it;
/// gives the path back where they differ.
pub(crate) fn differs(path: &str, actual: &str) -> Option<String> {
    let full = workspace().join("tests/golden").join(path);
    if std::env::var_os("KILN_BLESS").is_some_and(|v| v == "1") {
        fs::create_dir_all(full.parent().expect("a golden file is in a folder"))
            .expect("the folder can be made");
        fs::write(&full, actual).expect("the golden file can be written");
        return None;
    }
    let expected = fs::read_to_string(&full).unwrap_or_default().replace("\r\n", "\n");
    (expected != actual).then(|| {
        let line = expected.lines().zip(actual.lines()).position(|(e, a)| e != a);
        let at = line.unwrap_or(expected.lines().count().min(actual.lines().count()));
        let show = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
        format!("{path}, line {}:\n  golden: {}\n  now:    {}", at + 1, show(&expected), show(actual))
    })
}

/// Fails with everything that differs.
#[track_caller]
pub(crate) fn none_differ(differences: Vec<String>) {
    assert!(
        differences.is_empty(),
        "{} golden files differ (KILN_BLESS=1 rewrites them):\n{}",
        differences.len(),
        differences.join("\n")
    );
}
