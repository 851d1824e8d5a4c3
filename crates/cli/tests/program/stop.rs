//! Stopping a training, by Ctrl-C and by a kill, and going on.

use crate::kiln::Folder;
use crate::train::{runs, train};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Stops a training after its first lines, in the given way, and tells what it said.
fn stop_after_some_epochs(folder: &Folder, words: &[&str], signal: &str) -> (i32, String) {
    let mut command = folder.command(&[&["train", "small.model"], words].concat());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("kiln runs");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let mut said = String::new();
    let mut epochs = 0;
    for line in lines.by_ref() {
        let line = line.expect("UTF-8");
        epochs +=
            usize::from(line.contains('/') && line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
        said.push_str(&line);
        said.push('\n');
        if epochs == 3 {
            break;
        }
    }
    let kill =
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(kill.success(), "the training had ended already:\n{said}");
    for line in lines {
        said.push_str(&line.expect("UTF-8"));
        said.push('\n');
    }
    (child.wait().expect("kiln ends").code().unwrap_or(-1), said)
}

#[test]
fn a_run_that_was_stopped_and_killed_goes_on_to_the_same_bytes() {
    // Long enough to be stopped twice on the way.
    let long = ["--set", "train.epochs=80", "--set", "train.batch=4", "--checkpoint", "0"];
    let (stopped, whole) = (Folder::with_small(), Folder::with_small());
    let (code, said) = stop_after_some_epochs(&stopped, &long, "-INT");
    assert_eq!(code, 1, "{said}");
    for part in [
        "stopping after this batch",
        "stopped in epoch",
        "kept in runs/small/",
        "goes on from the checkpoint",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    let (code, said) = stop_after_some_epochs(&stopped, &long, "-KILL");
    assert_eq!(code, -1, "{said}");
    assert!(said.contains("going on after epoch"), "{said}");
    train(&stopped, &long).ends(0).says(&["going on after epoch"]).prints(&["small: 80 epochs"]);
    train(&whole, &long).ends(0);
    let weights = |folder: &Folder| {
        let [run] = runs(folder).try_into().expect("one run");
        ["model.safetensors", "model-final.safetensors"]
            .map(|file| std::fs::read(run.join(file)).expect("weights"))
    };
    assert!(weights(&stopped) == weights(&whole), "the stopped run came to other weights");
}
