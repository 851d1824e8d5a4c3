//! `kiln watch` and `kiln train --tui`, on a terminal and without one.

use crate::kiln::Folder;
use crate::train::{runs, train};
use std::path::PathBuf;

fn trained() -> (Folder, PathBuf) {
    let folder = Folder::with_small();
    train(&folder, &["--quiet"]).ends(0);
    let [run] = runs(&folder).try_into().expect("one run");
    (folder, run)
}

#[test]
fn once_prints_how_the_runs_stand() {
    let (folder, run) = trained();
    let said = folder.kiln(&["watch", "--once"]).ends(0).says_nothing();
    let said = said.prints(&["finished, epoch 2/2", "samples/s", "train  validation", "classifier.accuracy"]);
    let name = run.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(said.out.starts_with(&format!("small {name}: ")), "{}", said.out);
    assert!(!said.out.contains('\x1b'), "{:?}", said.out);
    let of_run = folder.kiln(&["watch", "--once", &run.display().to_string()]).ends(0);
    assert_eq!(of_run.out, said.out);
}

#[test]
fn without_a_terminal_or_a_run_the_message_says_what_to_do() {
    let (folder, _) = trained();
    folder.kiln(&["watch"]).ends(2).prints_nothing().says(&["needs a terminal", "--once"]);
    train(&folder, &["--tui"]).ends(2).prints_nothing().says(&["needs a terminal", "leave it out"]);
    folder.kiln(&["watch", "nowhere"]).ends(2).says(&["`nowhere` does not exist"]);
    folder.kiln(&["watch", "small.model"]).ends(2).says(&["`small.model` is no folder"]);
    let empty = Folder::new();
    std::fs::create_dir(empty.path().join("runs")).expect("a folder");
    empty.kiln(&["watch"]).ends(2).says(&["there is no run in `runs` yet", "kiln train SPEC"]);
}

#[test]
fn damaged_runs_are_named_and_the_others_are_shown() {
    let (folder, run) = trained();
    train(&folder, &["--quiet", "--set", "train.batch=32"]).ends(0);
    let record = std::fs::read(run.join("run.ron")).expect("a record");
    std::fs::write(run.join("run.ron"), &record[..record.len() / 2]).expect("a file");
    let said = folder.kiln(&["watch", "--once"]).ends(1);
    said.prints(&["damaged", "run.ron: is damaged", "help: ", "finished, epoch 2/2"]);
    std::fs::remove_file(run.join("run.ron")).expect("a file");
    folder.kiln(&["watch", "--once"]).ends(1).prints(&["run.ron: there is no such file"]);
    std::fs::write(run.join("run.ron"), &record).expect("a file");
    std::fs::write(run.join("history.csv"), "epoch,seconds,samples_per_second,rate,loss\n1,x,2,3,4\n")
        .expect("a file");
    folder.kiln(&["watch", "--once"]).ends(1).prints(&["history.csv: is damaged: line 2"]);
    std::fs::remove_file(run.join("history.csv")).expect("a file");
    folder.kiln(&["watch", "--once"]).ends(1).prints(&["history.csv: there is no such file"]);
}

#[test]
fn a_killed_run_is_told_from_one_that_is_trained() {
    let (folder, run) = trained();
    let path = run.join("run.ron");
    let record = std::fs::read_to_string(&path).expect("a record");
    std::fs::write(&path, record.replace("status: Finished", "status: Running")).expect("a file");
    folder.kiln(&["watch", "--once"]).ends(0).prints(&["killed, epoch 2/2", "the same command goes on"]);
    let lock = std::fs::File::open(run.join("lock")).expect("a lock");
    lock.lock().expect("the right to write");
    folder.kiln(&["watch", "--once"]).ends(0).prints(&["training, epoch 2/2"]);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;
    use crate::terminal::Terminal;

    #[test]
    fn the_view_follows_the_screen_and_the_keys_and_gives_the_terminal_back() {
        let (folder, _) = trained();
        let terminal = Terminal::start(&folder, &["watch"], true);
        terminal.shows(&["small · ", "finished", "epoch 2/2", "classifier.accuracy", "q quit"]);
        assert!(terminal.is_taken() && !terminal.is_colored());
        let terminal = terminal.types("l");
        terminal.shows(&["(log)"]);
        terminal.resizes(8, 40).shows(&["epoch 2/2"]);
        terminal.resizes(24, 80).shows(&["(log)"]);
        assert_eq!(terminal.types("q").ends(), (0, String::new()));
        let terminal = Terminal::start(&folder, &["watch"], false);
        terminal.shows(&["q quit"]);
        assert!(terminal.is_colored());
        // Ctrl-C as a terminal in raw mode sends it.
        assert_eq!(terminal.types("\x03").ends(), (0, String::new()));
    }

    #[test]
    fn a_signal_gives_the_terminal_back() {
        let (folder, _) = trained();
        for signal in ["-TERM", "-INT", "-HUP"] {
            let terminal = Terminal::start(&folder, &["watch"], false);
            terminal.shows(&["q quit"]);
            let id = terminal.child.id().to_string();
            let kill = std::process::Command::new("kill").args([signal, &id]).status().expect("kill");
            assert!(kill.success());
            assert_eq!(terminal.ends(), (0, String::new()), "{signal}");
        }
    }

    #[test]
    fn a_training_shows_itself_stops_at_a_key_and_goes_on() {
        let folder = Folder::with_small();
        let long = ["train", "small.model", "--tui", "--checkpoint", "0", "--set", "train.epochs=5000"];
        let terminal = Terminal::start(&folder, &long, false);
        terminal.shows(&["small", "training", "/5000", "left", "q stop after this batch"]);
        let (code, said) = terminal.types("q").ends();
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("stopped in epoch") && said.contains("goes on from the checkpoint"), "{said}");
        // The view ends with the training, and what it came to follows.
        let terminal = Terminal::start(&folder, &["train", "small.model", "--tui"], false);
        let (code, said) = terminal.ends();
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("weighted avg") && said.contains("run folder: "), "{said}");
    }
}
