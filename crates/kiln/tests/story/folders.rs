//! Folders: what is in them, what is made again and what is not.

use crate::bed::{TIED, options, spec, train, two_heads};
use kiln::record::{Predictions, RunFolder, RunRecord, Status, Weights, discover};
use kiln::runtime::{End, Event};
use kiln::{How, Options};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Every file of a folder with its bytes, but for what tells times.
fn bytes(folder: &RunFolder) -> Vec<(PathBuf, Vec<u8>)> {
    fn visit(path: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
        for entry in std::fs::read_dir(path).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                visit(&path, found);
            } else if !["run.ron", "history.csv", "history.jsonl", "lock"].contains(&name.as_str()) {
                let bytes = std::fs::read(&path).expect("a file");
                found.push((PathBuf::from(name), bytes));
            }
        }
    }
    let mut found = Vec::new();
    visit(folder.path(), &mut found);
    found.sort();
    found
}

#[test]
fn a_run_leaves_everything_and_is_not_run_again() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    let text = two_heads("epochs = 3", "classification(out) reconstructions(back)");
    let spec = spec(&text);
    let run = spec.runs().next().expect("a run");
    let first = train(run, &options);
    assert!(first.is_finished());
    assert!(matches!(first.how, How::Now { end: End::Finished, .. }), "{:?}", first.how);
    let folder = &first.folder;
    assert!(folder.is_complete());
    assert!(!folder.checkpoint().exists(), "a finished run needs none");

    let record = RunRecord::load(folder.run_ron()).expect("a record");
    assert_eq!(record, first.record);
    assert_eq!((record.data.train_rows, record.data.test_rows), (180, 60));
    assert_eq!(
        record.heads[1].loss.as_ref().map(|l| l.weight.as_str()),
        Some("ramp(0.5 -> 2.0, epochs = 2)")
    );
    let best = Weights::load(folder.model()).expect("weights");
    assert_eq!(Some(best.epoch), record.best.map(|b| b.epoch));
    assert!(best.tensors.iter().all(|t| !t.name.contains('/')), "no optimizer states");
    let predictions = Predictions::load(folder.predictions()).expect("predictions");
    assert_eq!(predictions.output("out").map(|a| a.dims.clone()), Some(vec![60, 4]));
    assert_eq!(predictions.output("back").map(|a| a.dims.clone()), Some(vec![60, 784]));
    assert_eq!(predictions.field("image").map(|a| a.dims.clone()), Some(vec![60, 784]));

    // The stored predictions give the recorded accuracy.
    let labels = predictions.field("label").and_then(|a| a.labels()).expect("labels");
    let predicted = predictions.output("out").expect("predictions").argmax();
    let right = labels.iter().zip(&predicted).filter(|(a, b)| a == b).count();
    assert_eq!(
        record.results.iter().find(|m| m.name == "out.accuracy").map(|m| m.value),
        Some(right as f64 / 60.0)
    );

    let before = bytes(folder);
    let again = train(run, &options);
    assert_eq!((again.how, again.record), (How::Already, first.record.clone()));
    assert_eq!(bytes(folder), before);
}

#[test]
fn a_sweep_trains_only_what_is_missing() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    let hows = |text: &str| -> Vec<bool> {
        spec(text).runs().map(|run| train(run, &options).how == How::Already).collect()
    };
    let sweep = |batches: &str| two_heads(&format!("epochs = sweep {batches}"), "curves");
    assert_eq!(hows(&sweep("[1, 2]")), [false, false]);
    assert_eq!(hows(&sweep("[2, 3, 1]")), [true, false, true]);
    assert_eq!(discover(home.path()).expect("folders").len(), 3);

    // A folder that lost its weights is trained again.
    let first = spec(&sweep("[1, 2]")).runs().next().map(|run| run.folder(&options).expect("a folder"));
    std::fs::remove_file(first.expect("a folder").model()).expect("a file");
    assert_eq!(hows(&sweep("[1, 2, 3]")), [false, true, true]);
}

#[test]
fn a_new_report_needs_no_training() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    let with = |report: &str| {
        let spec = spec(&two_heads("epochs = 1", report));
        train(spec.runs().next().expect("a run"), &options)
    };
    let first = with("curves");
    assert_eq!(first.record.sections.len(), 1);
    let stored = Predictions::load(first.folder.predictions()).expect("predictions");
    assert!(stored.output("back").is_none() && stored.output("code").is_none());

    let second = with("curves manifold(code, method = pca, color = label) reconstructions(back)");
    assert_eq!(second.how, How::Already);
    assert_eq!(second.folder, first.folder);
    assert_eq!(second.record.sections.len(), 3);
    assert_eq!(second.record.results, first.record.results);
    let stored = Predictions::load(second.folder.predictions()).expect("predictions");
    assert_eq!(stored.output("code").map(|a| a.dims.clone()), Some(vec![60, 10]));
    assert!(stored.output("back").is_some());
}

/// Trains and stops in the batch after `epochs` whole epochs.
fn interrupted(text: &str, options: &Options, epochs: u32) -> kiln::Trained {
    let (spec, stop) = (spec(text), AtomicBool::new(false));
    let mut progress = |event: Event<'_>| match event {
        Event::Validating { epoch } if epoch == epochs + 1 => stop.store(true, Ordering::Relaxed),
        _ => {}
    };
    let run = spec.runs().next().expect("a run");
    run.train(options, &mut progress, &stop).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bytes() {
    let text = two_heads("epochs = 5", "curves manifold(code, method = pca, color = label)");
    let (home, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let whole = train(spec(&text).runs().next().expect("a run"), &options(home.path()));

    let options = Options { threads: 1, ..options(other.path()) };
    let stopped = interrupted(&text, &options, 2);
    assert_eq!(stopped.record.status, Status::Interrupted);
    assert!(stopped.folder.model().exists() && stopped.folder.checkpoint().exists());
    assert!(!stopped.folder.is_complete());
    let resumed = train(spec(&text).runs().next().expect("a run"), &options);
    assert!(resumed.is_finished());
    assert_eq!(resumed.folder.path().file_name(), whole.folder.path().file_name());
    assert_eq!(resumed.record.started, stopped.record.started);
    let (a, b) = (bytes(&resumed.folder), bytes(&whole.folder));
    assert_eq!(a.iter().map(|f| &f.0).collect::<Vec<_>>(), b.iter().map(|f| &f.0).collect::<Vec<_>>());
    assert!(a == b, "weights or predictions differ");
    assert_eq!(resumed.record.results, whole.record.results);
}

#[test]
fn a_divergence_is_recorded() {
    let home = tempfile::tempdir().expect("a folder");
    let text = two_heads("epochs = 3", "curves").replace("adam(rate = 5e-3)", "sgd(rate = 1e9)");
    let trained = train(spec(&text).runs().next().expect("a run"), &options(home.path()));
    let Status::Failed { epoch, reason, .. } = &trained.record.status else {
        panic!("{:?}", trained.record.status)
    };
    assert_eq!(*epoch, 1);
    assert!(reason.contains("lower `rate`"), "{reason}");
    assert!(!trained.folder.is_complete());
}

#[test]
fn tied_kernels_are_stored_once() {
    let home = tempfile::tempdir().expect("a folder");
    let trained = train(spec(TIED).runs().next().expect("a run"), &options(home.path()));
    let weights = Weights::load(trained.folder.model()).expect("weights");
    let names: Vec<&str> = weights.tensors.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["code.bias", "code.kernel", "dec1.bias", "enc1.bias", "enc1.kernel", "out.bias"]);
    let total: usize = weights.tensors.iter().map(|t| t.data.len()).sum();
    assert_eq!(trained.record.parameters.total(), total as u64);
    let predictions = Predictions::load(trained.folder.predictions()).expect("predictions");
    assert_eq!(predictions.output("encoder").map(|a| a.dims.clone()), Some(vec![60, 9]));
    assert!(predictions.field("label").is_some(), "it colours the points");
}
