//! Goldens: a sentence, a spec, and the training step that it is planned as. Each file of
//! `tests/golden/schedule` is one; `KILN_BLESS=1` rewrites what follows the marker.

mod support;

use kiln_schedule::{Step, print};
use std::fs;
use std::path::PathBuf;
use support::model::{self, Steps, workspace};
use support::run::{planned, runs_as_evaluated};

const MARKER: &str = "---- schedule\n";

/// The files, and the specs in them.
fn cases() -> Vec<(PathBuf, String)> {
    let folder = workspace().join("tests/golden/schedule");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("the file can be read").replace("\r\n", "\n");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

fn steps(steps: &Steps) -> [Step<'_>; 2] {
    let batch = steps.batch;
    [Step::new("train", &steps.train, batch), Step::new("evaluate", &steps.evaluate, batch)]
}

#[test]
fn schedules_are_as_printed() {
    let mut differences = Vec::new();
    for (path, text) in cases() {
        let (spec, expected) = text.split_once(MARKER).expect("the marker is there");
        let found = model::text(spec);
        let schedule = planned(&steps(&found));
        let actual = print::print_entry(&schedule, &schedule.entries[0]);
        if std::env::var_os("KILN_BLESS").is_some_and(|v| v == "1") {
            fs::write(&path, format!("{spec}{MARKER}{actual}")).expect("the file can be written");
        } else if expected != actual {
            differences.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(differences.is_empty(), "KILN_BLESS=1 rewrites these:\n{}", differences.join("\n"));
}

#[test]
fn schedules_run_as_evaluated() {
    for (path, text) in cases() {
        let (spec, _) = text.split_once(MARKER).expect("the marker is there");
        let found = model::text(spec);
        eprintln!("{}", path.display());
        runs_as_evaluated(&steps(&found), found.batch.min(11) as usize, 1);
    }
}
