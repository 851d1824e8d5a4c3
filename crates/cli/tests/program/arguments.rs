//! The command line itself: help, slips, exit codes, colours, closed pipes.

use crate::kiln::{Folder, command, kiln};
use std::process::Stdio;

#[test]
fn without_a_verb_there_is_a_short_help_with_an_example() {
    kiln(&[]).ends(2).prints_nothing().says(&[
        "Usage: kiln",
        "Verbs:",
        "check",
        "kiln train specs/exp11.model",
    ]);
}

#[test]
fn help_and_version_are_results() {
    kiln(&["--help"]).ends(0).prints(&["Usage: kiln", "Exit codes: 0 done"]).says_nothing();
    kiln(&["--version"]).ends(0).prints(&["kiln 0."]).says_nothing();
    kiln(&["check", "--help"]).ends(0).prints(&["Find the mistakes in specs", "--format"]).says_nothing();
}

#[test]
fn slips_are_suggested() {
    kiln(&["chekc", "x"]).ends(2).says(&["'chekc'", "'check'"]);
    kiln(&["check", "--fromat", "json", "x"]).ends(2).says(&["--fromat", "'--format'"]);
    kiln(&["check", "--format", "jsno", "x"]).ends(2).says(&["jsno", "json"]);
    kiln(&["check"]).ends(2).says(&["<PATH>"]);
}

#[test]
fn a_spec_in_the_place_of_the_verb_says_what_to_type() {
    kiln(&["specs/exp11.model"]).ends(2).says(&["is no verb", "kiln train specs/exp11.model"]);
}

#[test]
fn a_file_that_is_not_there_names_the_nearest() {
    kiln(&["check", "specs/exp1.model"]).ends(2).says(&["no file `specs/exp1.model`", "specs/exp01.model"]);
    kiln(&["summary", "exp11"]).ends(2).says(&["no file `exp11`", "did you mean `specs/exp11.model`?"]);
    kiln(&["summary", "specs"]).ends(2).says(&["`specs` is a folder", "specs/exp01.model"]);
    Folder::new().kiln(&["summary", "a.model"]).ends(2).says(&["no file `a.model`"]);
}

#[test]
fn a_file_that_is_no_text_is_said_to_be_none() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("a.model"), [0xff, 0xfe, 0x00]).expect("a file");
    folder.kiln(&["check", "a.model"]).ends(2).says(&["E0002", "UTF-8"]);
    folder.write("b.model", &"// long\n".repeat(1 << 18));
    folder.kiln(&["check", "b.model"]).ends(2).says(&["E0003", "larger than 1 MiB"]);
}

#[test]
fn colours_are_for_terminals_or_for_those_who_ask() {
    let plain = kiln(&["check", "nothing.model"]).ends(2);
    assert!(!plain.err.contains('\x1b'), "{:?}", plain.err);
    let colored = kiln(&["check", "nothing.model", "--color", "always"]).ends(2);
    assert!(colored.err.contains('\x1b'), "{:?}", colored.err);
    let own = kiln(&["--color=always", "chekc"]).ends(2);
    assert!(own.err.contains('\x1b'), "{:?}", own.err);
}

#[test]
fn a_closed_pipe_is_no_reason_to_complain() {
    let mut child =
        command(&["explain"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("kiln");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("kiln ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{:?}", output.status);
}
