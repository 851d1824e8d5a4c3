//! `kiln report`: what is missing is trained, the page is made of what is there.

use crate::kiln::Folder;
use crate::train::runs;
use std::collections::BTreeMap;
use std::path::Path;

/// [`crate::kiln::SMALL`] at two batch sizes, of one epoch.
const SWEEP: [&str; 4] = ["--set", "train.epochs=1", "--set", "train.batch=sweep [32, 16]"];

fn report(folder: &Folder, words: &[&str]) -> crate::kiln::Said {
    folder.kiln(&[&["report", "small.model"], &SWEEP[..], words].concat())
}

/// Names and bytes of the files at or below a folder, and when they were written.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let written = path.metadata().and_then(|m| m.modified()).expect("a time");
            found.insert(path.display().to_string(), (std::fs::read(&path).expect("a file"), written));
        }
    }
    found
}

#[test]
fn what_is_missing_is_trained_and_nothing_changes_after() {
    let folder = Folder::with_small();
    let said = report(&folder, &[]).ends(0).prints(&["report: report/index.html"]);
    let said = said.says(&[
        "2 of 2 runs are to be trained",
        "small batch=32: 1 epoch in",
        "small batch=16: 1 epoch in",
    ]);
    assert!(!said.err.contains('\x1b') && !said.err.contains('\r'), "{:?}", said.err);
    let page = folder.read("report/index.html");
    for part in ["What the batch size did", "weighted avg", "Total params: 6,307", "kiln report small.model"]
    {
        assert!(page.contains(part), "no {part:?} in the page");
    }
    let places = ["batch = 32</h3>", "batch = 16</h3>"].map(|heading| page.find(heading).expect(heading));
    assert!(places.is_sorted(), "runs are in the order of the spec");
    assert!(folder.read("report/report.md").contains("](plots/small-batch-32-"));
    assert_eq!(folder.read("report/results.csv").lines().count(), 3);
    let before = files(&folder.path().join("report"));
    assert!(before.keys().any(|name| name.ends_with("-curves-loss-classifier.svg")), "{:?}", before.keys());
    report(&folder, &["--png"]).ends(0).says_nothing();
    let added = files(&folder.path().join("report")).len() - before.len();
    assert_eq!(added, before.keys().filter(|name| name.ends_with(".svg")).count(), "a bitmap for each plot");
    report(&folder, &[]).ends(0).says_nothing();
    report(&folder, &["--no-train"]).ends(0).says_nothing();
    assert!(files(&folder.path().join("report")) == before, "files of the report were written again");
}

#[test]
fn without_training_what_is_missing_is_named() {
    let folder = Folder::with_small();
    folder.kiln(&[&["train", "small.model", "--run", "1"], &SWEEP[..]].concat()).ends(0);
    report(&folder, &["--no-train", "--out", "page"])
        .ends(1)
        .says(&["left out: runs/small/", "train this run again"]);
    let page = folder.read("page/index.html");
    assert!(page.contains("batch = 32</h3>") && !page.contains("batch = 16</h3>"));
    assert_eq!(runs(&folder).len(), 1, "nothing is trained");
}

#[test]
fn a_damaged_folder_is_named_and_the_rest_is_reported() {
    let folder = Folder::with_small();
    report(&folder, &[]).ends(0);
    let [damaged, _] = runs(&folder).try_into().expect("two runs");
    std::fs::write(damaged.join("history.csv"), "no history\n").expect("a file");
    let name = damaged.file_name().and_then(|name| name.to_str()).expect("a name");
    let said = report(&folder, &[]).ends(1).says(&[name, "is damaged", "delete the run's folder"]);
    said.prints(&["report/index.html"]);
    let page = folder.read("report/index.html");
    assert!(page.contains(&format!("Left out: runs/small/{name}/history.csv: is damaged")));
    assert_eq!(folder.read("report/results.csv").lines().count(), 2);
    std::fs::remove_dir_all(&damaged).expect("the folder goes");
    report(&folder, &[]).ends(0).says(&["1 of 2 runs are to be trained"]);
    assert_eq!(folder.read("report/results.csv").lines().count(), 3);
}

#[test]
fn specs_that_are_not_there_are_told() {
    let folder = Folder::with_small();
    folder.kiln(&["report"]).ends(2).says(&["specs/exp*.model"]);
    folder.kiln(&["report", "smal.model"]).ends(2).says(&["small.model"]);
    assert!(!folder.path().join("report").exists());
}

#[test]
fn a_layout_that_cannot_be_made_is_refused_before_anything_is_trained() {
    let folder = Folder::with_small();
    let text = format!("{}\nreport {{ manifold(hidden, method = isomap) }}\n", crate::kiln::SMALL);
    folder.write("small.model", &text);
    report(&folder, &[]).ends(2).says(&["`method` cannot be `isomap`", "there are `pca`, `tsne` and `umap`"]);
    assert!(runs(&folder).is_empty());
}
