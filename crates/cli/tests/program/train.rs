//! `kiln train`: folders, results, what goes wrong, stopping and going on.

use crate::kiln::{Folder, Said};
use serde_json::Value;
use std::path::PathBuf;

/// The folders of runs below `runs/small`, in order.
pub(crate) fn runs(folder: &Folder) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.path().join("runs/small")) else { return Vec::new() };
    let mut runs: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    runs.sort();
    runs
}

/// Trains [`crate::kiln::SMALL`].
pub(crate) fn train(folder: &Folder, words: &[&str]) -> Said {
    folder.kiln(&[&["train", "small.model"], words].concat())
}

#[test]
fn a_run_shows_its_epochs_and_what_it_came_to() {
    let folder = Folder::with_small();
    let said = train(&folder, &[]).ends(0);
    let said = said.says(&["6,307 parameters", "epoch", "val_classifier.accuracy", "1/2", "2/2"]);
    let said = said.prints(&[
        "small: 2 epochs",
        "on the test data: loss",
        "f1-score",
        "weighted avg",
        "run folder: ",
    ]);
    assert!(!said.err.contains('\x1b') && !said.err.contains('\r'), "{:?}", said.err);
    let [run] = runs(&folder).try_into().expect("one run");
    for file in ["run.ron", "history.csv", "history.jsonl", "model.safetensors", "model-final.safetensors"] {
        assert!(run.join(file).is_file(), "no {file}");
    }
    let record = std::fs::read_to_string(run.join("run.ron")).expect("a record");
    assert!(record.contains("command: \"kiln train small.model\""), "{record}");
}

#[test]
fn a_second_time_nothing_is_done() {
    let folder = Folder::with_small();
    let first = train(&folder, &["--quiet"]).ends(0).says_nothing();
    let [run] = runs(&folder).try_into().expect("one run");
    let bytes = || {
        ["run.ron", "history.csv", "model.safetensors"].map(|f| std::fs::read(run.join(f)).expect("a file"))
    };
    let before = bytes();
    let second = train(&folder, &["--quiet"]).ends(0).says_nothing().prints(&["trained already"]);
    assert_eq!(first.out, second.out.replace("trained already: ", ""));
    assert!(before == bytes(), "files of a finished run were changed");
}

#[test]
fn event_files_are_written_now_or_from_the_history_later() {
    let events = |folder: &Folder| {
        let [run] = runs(folder).try_into().expect("one run");
        ["train", "validation"]
            .map(|part| std::fs::read(run.join("tensorboard").join(part).join("events.out.tfevents.kiln")))
    };
    let folder = Folder::with_small();
    train(&folder, &["--quiet"]).ends(0);
    assert!(events(&folder).iter().all(Result::is_err), "nobody asked for them");
    train(&folder, &["--quiet", "--tensorboard"]).ends(0).prints(&["trained already"]);
    let later = events(&folder).map(|file| file.expect("events"));
    let now = Folder::with_small();
    train(&now, &["--quiet", "--tensorboard"]).ends(0);
    // Times differ, their widths do not.
    assert_eq!(events(&now).map(|file| file.expect("events").len()), later.each_ref().map(Vec::len));
    let has = |tag: &str| later.each_ref().map(|file| file.windows(tag.len()).any(|w| w == tag.as_bytes()));
    assert_eq!(has("classifier/accuracy"), [true, true]);
    assert_eq!(has("samples_per_second"), [true, false]);
}

#[test]
fn a_sweep_trains_what_is_missing() {
    let folder = Folder::with_small();
    train(&folder, &["--set", "train.batch=32"]).ends(0);
    let said = train(&folder, &["--set", "train.batch=sweep [16, 32]"]).ends(0);
    said.says(&["run 1 of 2: batch=16", "run 2 of 2: batch=32"]).prints(&[
        "batch=16: 2 epochs",
        "batch=32: trained already",
        "run       epochs  best",
        "batch=16       2",
    ]);
    assert_eq!(runs(&folder).len(), 2);
    train(&folder, &["--set", "train.batch=sweep [8, 16]", "--run", "1"]).ends(0);
    assert_eq!(runs(&folder).len(), 3);
}

#[test]
fn results_are_data_for_programs() {
    let folder = Folder::with_small();
    let said = train(&folder, &["--quiet", "--format", "json"]).ends(0).says_nothing();
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    let run = &all["runs"][0];
    assert_eq!(all["spec"], "small");
    assert_eq!(
        (&run["status"], &run["epochs"], &run["trained_now"]),
        (&"finished".into(), &2.into(), &true.into())
    );
    let accuracy = run["measures"]["classifier.accuracy"].as_f64().expect("an accuracy");
    assert_eq!(run["classification"]["classifier"]["accuracy"].as_f64(), Some(accuracy));
    assert!(folder.path().join(run["folder"].as_str().expect("a folder")).join("run.ron").is_file());
}

#[test]
fn threads_change_no_bit() {
    let folder = Folder::with_small();
    let weights = |threads: &str| {
        train(&folder, &["--threads", threads, "--out", threads]).ends(0);
        let spec = folder.path().join(threads).join("small");
        let run = std::fs::read_dir(spec).expect("runs").next().expect("a run").expect("an entry").path();
        std::fs::read(run.join("model-final.safetensors")).expect("weights")
    };
    assert!(weights("1") == weights("3"), "weights depend on the number of threads");
}

#[test]
fn mistakes_end_with_2_and_make_no_folder() {
    let folder = Folder::with_small();
    train(&folder, &["--set", "train.optimizer.rat=1"]).ends(2).says(&["`rate`"]);
    train(&folder, &["--isa", "avx9"]).ends(2).says(&["`avx9`", "portable"]);
    train(&folder, &["--threads", "0"]).ends(2).says(&["--threads"]);
    train(&folder, &["--checkpoint", "-1"]).ends(2);
    train(&folder, &["--run", "2"]).ends(2).says(&["one run"]);
    assert!(!folder.path().join("runs").exists());
}

#[test]
fn a_data_file_that_is_not_there_ends_with_1_and_says_what_to_do() {
    let folder = Folder::with_small();
    let source = "idx(images = \"no-images\", labels = \"no-labels\")";
    train(&folder, &["--data", source]).ends(1).says(&["no-images", "--data-dir"]);
}

#[test]
fn a_loss_that_is_no_number_ends_with_1_and_says_what_to_try() {
    let folder = Folder::with_small();
    let said = train(&folder, &["--set", "train.optimizer=sgd(rate = 1e30)"]).ends(1);
    said.says(&["loss of `classifier`", "epoch 1", "lower `rate`"]);
    // A run that failed is tried again.
    train(&folder, &["--set", "train.optimizer=sgd(rate = 1e30)"]).ends(1);
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_1() {
    let folder = Folder::with_small();
    folder.write("runs", "a file in the way");
    train(&folder, &[]).ends(1).says(&["runs"]);
}
