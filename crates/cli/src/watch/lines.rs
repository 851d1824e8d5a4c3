//! Lines: the same in plain text, for `--once` and for output that is no terminal.

use super::figures::{aligned, epoch, figures, pace, remarks};
use super::state::{RunState, Standing, Watched};

/// Every run: how it stands, then its figures.
pub(crate) fn lines(watched: &Watched) -> String {
    let runs: Vec<String> = watched.runs.iter().map(of_run).collect();
    runs.join("\n")
}

fn of_run(run: &RunState) -> String {
    let mut text = run.record.as_ref().map_or(String::new(), |record| format!("{} ", record.spec));
    text.push_str(&format!("{}: {}", run.name, run.standing().word()));
    if run.record.is_some() {
        text.push_str(&format!(", {}", epoch(run)));
        if run.standing() == Standing::Training {
            text.push_str(&format!(", {:.0}%", (run.fraction() * 100.0).floor()));
        }
        let pace = pace(run).replace("  ", ", ");
        if !pace.is_empty() {
            text.push_str(&format!(", {pace}"));
        }
    }
    text.push('\n');
    for remark in remarks(run) {
        text.push_str(&format!("{remark}\n"));
    }
    if run.done() > 0 || run.current().is_some() {
        for line in aligned(&figures(run)) {
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}
