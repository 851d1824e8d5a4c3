//! What is written reads back equal, and the same values give the same bytes.

mod samples;

use kiln_record::{
    Array, Checkpoint, Epoch, History, HistoryWriter, Measure, Position, Predictions, Problem, RunFolder,
    RunRecord, Status, Tensor, Weights, atomic_write, content_id, discover,
};
use samples::{checkpoint, history, predictions, record, weights};
use std::fs;

#[test]
fn a_run_record_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ron");
    for status in [
        Status::Running,
        Status::Finished,
        Status::Interrupted,
        Status::Failed { head: Some("decoder".into()), epoch: 3, reason: "the loss is NaN".into() },
    ] {
        let run = RunRecord { status, ..record("exp11") };
        run.save(&path).unwrap();
        assert_eq!(RunRecord::load(&path).unwrap(), run);
    }
}

#[test]
fn unknown_fields_are_passed_over_and_newer_formats_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ron");
    record("exp01").save(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("format: 1,", "format: 1, moon: [1, (2, \"x\")],", 1)).unwrap();
    assert_eq!(RunRecord::load(&path).unwrap(), record("exp01"));
    fs::write(&path, "(format: 2, everything: Else)").unwrap();
    let error = RunRecord::load(&path).unwrap_err();
    assert!(matches!(*error.problem, Problem::Newer { found: 2, known: 1 }), "{error}");
    assert!(error.to_string().contains("run.ron: has format 2"), "{error}");
}

#[test]
fn a_history_reads_back_with_every_kind_of_number() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, jsonl) = (folder.path().join("h.csv"), folder.path().join("h.jsonl"));
    let whole = history();
    let mut writer = HistoryWriter::start(&csv, &jsonl, History::new(whole.names.clone())).unwrap();
    for row in &whole.epochs {
        writer.append(row.clone()).unwrap();
        // It can be watched while it grows.
        assert_eq!(History::load(&csv).unwrap().epochs.len(), writer.history().epochs.len());
    }
    let appended = [fs::read(&csv).unwrap(), fs::read(&jsonl).unwrap()];
    writer.finish().unwrap();
    assert_eq!([fs::read(&csv).unwrap(), fs::read(&jsonl).unwrap()], appended);
    assert_eq!(same_bits(&History::load(&csv).unwrap()), same_bits(&whole));
    for line in fs::read_to_string(&jsonl).unwrap().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["val_loss.decoder"].is_number() || value["val_loss.decoder"] == "NaN", "{line}");
    }
}

/// NaN is unequal to itself, so histories are compared by bits.
fn same_bits(history: &History) -> Vec<Vec<u64>> {
    history.epochs.iter().map(|row| row.values.iter().map(|x| x.to_bits()).collect()).collect()
}

#[test]
fn half_a_line_at_the_end_of_a_history_is_passed_over() {
    let whole = history();
    let csv = whole.to_csv().unwrap();
    let last_line = csv.trim_end().rfind('\n').unwrap() + 1;
    for cut in last_line..csv.len() {
        let read = History::from_csv(&csv[..cut]).unwrap();
        assert_eq!(read.epochs.len(), whole.epochs.len() - 1, "cut at {cut}");
    }
    // A cell that is lost elsewhere is damage.
    let error = History::from_csv(&csv.replacen(",0.5", "", 1)).unwrap_err();
    assert!(error.starts_with("line "), "{error}");
}

#[test]
fn a_history_refuses_names_and_rows_that_a_csv_cannot_hold() {
    let comma = History::new(vec!["a,b".into()]);
    assert!(comma.to_csv().unwrap_err().contains("a,b"));
    let row = Epoch { epoch: 1, seconds: 0.0, samples_per_second: 0.0, rate: 0.0, values: vec![] };
    let short = History { names: vec!["loss".into()], epochs: vec![row] };
    assert!(short.to_csv().unwrap_err().contains("0 values in epoch 1"));
}

#[test]
fn weights_read_back_and_give_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a.safetensors", "b.safetensors"].map(|name| folder.path().join(name));
    weights().save(&a).unwrap();
    let mut reversed = weights();
    reversed.tensors.reverse();
    reversed.save(&b).unwrap();
    assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
    let read = Weights::load(&a).unwrap();
    assert_eq!(read, weights());
    assert_eq!(read.get("enc1.bias").unwrap().dims, [3]);
    // In the model's order.
    let wanted = [("enc1.kernel", [2, 3]), ("enc1.bias", [1, 3])];
    let arranged = Weights::load_for(&a, &wanted).unwrap();
    assert_eq!(
        arranged.tensors.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["enc1.kernel", "enc1.bias"]
    );
}

#[test]
fn every_disagreement_with_the_model_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    weights().save(&path).unwrap();
    let error = Weights::load_for(&path, &[("enc1.kernel", [3, 2]), ("enc2.kernel", [3, 3])]).unwrap_err();
    let text = error.to_string();
    for part in [
        "\"enc1.kernel\" is 2 × 3, not 3 × 2",
        "no tensor \"enc2.kernel\" of 3 × 3",
        "\"enc1.bias\" is not a part",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn two_tensors_of_one_name_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let one = Tensor::from_matrix("a", [1, 1], vec![0.0]);
    let twice = Weights { tensors: vec![one.clone(), one], ..Weights::default() };
    assert!(matches!(*twice.save(&path).unwrap_err().problem, Problem::Unwritable(_)));
    assert!(!path.exists());
}

#[test]
fn a_checkpoint_reads_back_for_its_own_run_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint").join("state.safetensors");
    checkpoint().save(&path).unwrap();
    let first = fs::read(&path).unwrap();
    checkpoint().save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
    let read = Checkpoint::load(&path, "00ff").unwrap();
    assert_eq!(read, checkpoint());
    let error = Checkpoint::load(&path, "beef").unwrap_err();
    assert!(matches!(*error.problem, Problem::OtherRun { .. }), "{error}");
    let wanted = [("b", [1, 1]), ("a/adam.m", [1, 2]), ("a", [1, 2])];
    assert_eq!(Checkpoint::load_for(&path, "00ff", &wanted).unwrap().states[0].name, "b");
}

#[test]
fn predictions_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("predictions");
    predictions().save(&path).unwrap();
    assert_eq!(Predictions::load(&path).unwrap(), predictions());
    // A second save leaves nothing of the first.
    let fewer = Predictions { outputs: vec![], ..predictions() };
    fewer.save(&path).unwrap();
    assert_eq!(Predictions::load(&path).unwrap(), fewer);
    let unequal = Predictions { ids: vec![1], ..predictions() };
    assert!(unequal.save(&path).is_err());
    let escaping = Predictions { outputs: vec![("../x".into(), Array::i64(vec![0, 1, 2]))], ..predictions() };
    assert!(escaping.save(&path).is_err());
}

#[test]
fn rows_labels_and_largest_columns() {
    let array = Array::f32([3, 2], vec![0.0, 1.0, 2.0, 2.0, f32::NAN, -1.0]);
    assert_eq!(array.argmax(), [1, 0, 1]);
    assert_eq!(array.row(1), Some(vec![2.0, 2.0]));
    assert_eq!(array.row(3), None);
    assert_eq!(Array::u8([1, 2], vec![0, 255]).row(0), Some(vec![0.0, 1.0]));
    assert_eq!(Array::i64(vec![3, 0]).labels(), Some(vec![3, 0]));
    assert_eq!(Array::i64(vec![-1]).labels(), None);
    assert_eq!(Array::f32([1, 1], vec![0.5]).labels(), None);
}

#[test]
fn a_folder_is_complete_when_it_ended_well_with_all_its_files() {
    let runs = tempfile::tempdir().unwrap();
    let run = RunFolder::new(runs.path(), "exp11", "00ff");
    run.create().unwrap();
    assert!(!run.is_complete());
    record("exp11").save(run.run_ron()).unwrap();
    assert!(!run.is_complete());
    run.start_history(history()).unwrap().finish().unwrap();
    weights().save(run.model()).unwrap();
    weights().save(run.model_final()).unwrap();
    assert!(run.is_complete());
    RunRecord { status: Status::Running, ..record("exp11") }.save(run.run_ron()).unwrap();
    assert!(!run.is_complete());
}

#[test]
fn runs_are_found_whole_or_not_and_in_order() {
    let runs = tempfile::tempdir().unwrap();
    let whole = RunFolder::new(runs.path(), "exp11", "bb");
    let half = RunFolder::new(runs.path(), "exp01", "aa");
    for run in [
        &whole,
        &half,
        &RunFolder::new(runs.path(), "empty", "cc"),
        &RunFolder::new(runs.path(), ".trash", "dd"),
    ] {
        run.create().unwrap();
    }
    record("exp11").save(whole.run_ron()).unwrap();
    fs::write(half.history_csv(), "epo").unwrap();
    fs::write(runs.path().join(".trash/dd/run.ron"), "").unwrap();
    assert_eq!(discover(runs.path()).unwrap(), [half, whole.clone()]);
    assert_eq!(discover(whole.path()).unwrap(), [whole]);
    assert!(matches!(*discover(runs.path().join("none")).unwrap_err().problem, Problem::Missing));
}

#[test]
fn one_writer_at_a_time() {
    let runs = tempfile::tempdir().unwrap();
    let run = RunFolder::new(runs.path(), "exp11", "aa");
    let lock = run.lock().unwrap();
    assert!(matches!(*run.lock().unwrap_err().problem, Problem::Locked));
    drop(lock);
    run.lock().unwrap();
}

#[test]
fn an_atomic_write_replaces_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    atomic_write(&path, b"one").unwrap();
    atomic_write(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = atomic_write(folder.path().join("none/x"), b"").unwrap_err();
    assert!(error.to_string().contains("help:"), "{error}");
}

#[test]
fn a_content_id_depends_on_where_parts_end() {
    assert_ne!(content_id(&[b"ab", b"c"]), content_id(&[b"a", b"bc"]));
    assert_eq!(content_id(&[b"ab"]), content_id(&[b"ab"]));
    assert_eq!(content_id(&[]).len(), 16);
}

#[test]
fn a_position_reads_back_and_a_damaged_one_is_named() {
    let folder = RunFolder::at(tempfile::tempdir().unwrap().keep());
    let position = Position {
        format: 1,
        epoch: 3,
        step: 12,
        steps: 88,
        seconds: 0.5,
        rows: 1536,
        validating: false,
        values: vec![Measure { name: "loss".into(), value: 0.1 + 0.2 }],
        best: Some(2),
    };
    position.save(folder.progress()).unwrap();
    assert_eq!(Position::load(folder.progress()).unwrap(), position);
    let text = fs::read_to_string(folder.progress()).unwrap();
    for cut in 0..text.len() - 1 {
        fs::write(folder.progress(), &text[..cut]).unwrap();
        let error = Position::load(folder.progress()).unwrap_err();
        assert!(error.to_string().contains("progress.json: is damaged"), "{error}");
    }
    fs::write(folder.progress(), text.replacen("\"format\":1", "\"format\":2", 1)).unwrap();
    let error = Position::load(folder.progress()).unwrap_err();
    assert!(matches!(*error.problem, Problem::Newer { found: 2, known: 1 }), "{error}");
    fs::remove_dir_all(folder.path()).unwrap();
}

#[test]
fn whether_a_run_is_being_written_can_be_seen_and_takes_no_right_away() {
    let root = tempfile::tempdir().unwrap();
    let folder = RunFolder::new(root.path(), "exp01", "00ff");
    assert!(!folder.is_being_written());
    let lock = folder.lock().unwrap();
    assert!(folder.is_being_written());
    drop(lock);
    assert!(!folder.is_being_written());
    // Someone looks at the very moment in which a training begins.
    let looking = fs::File::open(folder.path().join("lock")).unwrap();
    looking.lock_shared().unwrap();
    let looker = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(30));
        drop(looking);
    });
    drop(folder.lock().unwrap());
    looker.join().unwrap();
}
