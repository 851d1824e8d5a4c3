//! Every file of a run's folder, missing, cut short, empty, garbled or of a later version: the report names it and
//! says what to do, and tells of all other runs.

mod fixture;

use fixture::{record, write_run};
use kiln_record::{RunFolder, Section};
use kiln_report::page::{Options, Report, build};
use std::fs;
use std::path::{Path, PathBuf};

/// A run that has a section for every file, and one beside it that nothing happens to.
fn two_runs(runs: &Path) -> [RunFolder; 2] {
    let [hurt, whole] = [64, 128].map(|batch| write_run(runs, "exp06", batch));
    let mut record = record("exp06", 64);
    let arguments = vec![(String::new(), "enc1".to_owned())];
    record.sections.push(Section { name: "weights".into(), arguments });
    record.save(hurt.run_ron()).unwrap();
    [hurt, whole]
}

fn report(folders: &[RunFolder]) -> Report {
    build(folders, &Options::default()).unwrap()
}

/// Files of the folder that the report reads.
fn read_files(folder: &RunFolder) -> Vec<PathBuf> {
    let names =
        ["ids", "output.classifier", "output.decoder", "output.encoder", "field.image", "field.label"];
    let predictions = names.map(|name| folder.predictions().join(format!("{name}.npy")));
    [folder.run_ron(), folder.history_csv(), folder.model()].into_iter().chain(predictions).collect()
}

#[track_caller]
fn check(folders: &[RunFolder], file: &Path, what: &str) {
    let report = report(folders);
    let name = file.display().to_string();
    let place = report.html.find(&name).unwrap_or_else(|| panic!("{what}: {name} is not named"));
    assert!(report.html[place..place + 600].contains("help: "), "{what}: {name}: nothing tells what to do");
    assert!(report.html.contains("batch = 128</h3>"), "{what}: {name}: the other run is missing");
    assert!(report.plots.iter().any(|(plot, _)| plot.contains("batch-128") && plot.contains("confusion")));
}

#[test]
fn every_file_that_is_missing_or_damaged_is_named() {
    let runs = tempfile::tempdir().unwrap();
    let folders = two_runs(runs.path());
    let intact = report(&folders);
    assert!(intact.damaged.is_empty() && !intact.html.contains("class=\"warning\""));
    for file in read_files(&folders[0]) {
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        fs::remove_file(&file).unwrap();
        check(&folders, &file, "missing");
        let garbled: Vec<u8> = bytes.iter().map(|byte| byte ^ 0x5A).collect();
        let cut = &bytes[..bytes.len() / 2];
        for (what, hurt) in [("empty", &[][..]), ("cut short", cut), ("garbled", &garbled)] {
            fs::write(&file, hurt).unwrap();
            check(&folders, &file, what);
        }
        fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(report(&folders).html, intact.html, "all is as before");
}

#[test]
fn a_later_version_is_named() {
    let runs = tempfile::tempdir().unwrap();
    let folders = two_runs(runs.path());
    let mut later = record("exp06", 64);
    later.format = 99;
    later.save(folders[0].run_ron()).unwrap();
    check(&folders, &folders[0].run_ron(), "later");
    assert!(report(&folders).html.contains("has format 99"));
}

#[test]
fn a_history_that_ends_too_early_is_named() {
    let runs = tempfile::tempdir().unwrap();
    let folders = two_runs(runs.path());
    let file = folders[0].history_csv();
    let text = fs::read_to_string(&file).unwrap();
    // Cut at the end of a line, where every line that is left is whole: the best epoch, 17, is not among them.
    let some: Vec<&str> = text.lines().take(11).collect();
    fs::write(&file, some.join("\n") + "\n").unwrap();
    check(&folders, &file, "too early");
}

#[test]
fn weights_of_another_run_are_not_shown_as_this_ones() {
    let runs = tempfile::tempdir().unwrap();
    let folders = two_runs(runs.path());
    fs::copy(folders[1].model(), folders[0].model()).unwrap();
    check(&folders, &folders[0].model(), "another run's");
}

#[test]
fn rows_of_another_data_set_are_named() {
    let runs = tempfile::tempdir().unwrap();
    let folders = two_runs(runs.path());
    let mut record = kiln_record::RunRecord::load(folders[0].run_ron()).unwrap();
    record.data.test_rows = 109;
    record.save(folders[0].run_ron()).unwrap();
    check(&folders, &folders[0].predictions().join("ids.npy"), "other rows");
}
