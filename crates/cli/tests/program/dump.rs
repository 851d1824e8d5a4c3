//! `kiln dump`.

use crate::kiln::{Folder, SMALL};

#[test]
fn every_stage_prints() {
    let folder = Folder::with_small();
    let dump = |stage: &str| folder.kiln(&["dump", stage, "small.model"]).ends(0).says_nothing();
    dump("ast").prints(&["model small\n", "loss classifier"]);
    dump("model").prints(&["Model(", "hidden"]);
    dump("graph").prints(&["inputs", "hidden.kernel", "loss.classifier"]);
    dump("gradients").prints(&["assignments", "hidden.kernel"]);
}

#[test]
fn dumps_do_not_change_from_run_to_run() {
    let folder = Folder::with_small();
    for stage in ["ast", "model", "graph", "gradients"] {
        let [a, b] = [0, 1].map(|_| folder.kiln(&["dump", stage, "small.model"]).ends(0).out);
        assert_eq!(a, b, "{stage}");
    }
}

#[test]
fn the_tree_needs_right_syntax_only() {
    let folder = Folder::new();
    folder.write("a.model", &SMALL.replace("dense(8, relu)", "dnse(8, relu)"));
    folder.kiln(&["dump", "ast", "a.model"]).ends(0).prints(&["dnse(8, relu)"]);
    folder.kiln(&["dump", "graph", "a.model"]).ends(2).prints_nothing().says(&["dnse"]);
    folder.write("a.model", "model {");
    folder.kiln(&["dump", "ast", "a.model"]).ends(2).prints_nothing().says(&["a.model:1:"]);
}

#[test]
fn a_sweep_dumps_its_first_run_and_says_so() {
    let folder = Folder::with_small();
    let sweep = ["--set", "train.batch=sweep [16, 32]"];
    let first = folder.kiln(&[&["dump", "model", "small.model"], &sweep[..]].concat()).ends(0);
    first.prints(&["batch: 16"]).says(&["run 1 of 2 (batch=16)", "--run N"]);
    let second = folder.kiln(&[&["dump", "model", "small.model", "--run", "2"], &sweep[..]].concat());
    second.ends(0).prints(&["batch: 32"]).says_nothing();
}

#[test]
fn an_unknown_stage_lists_the_stages() {
    Folder::with_small().kiln(&["dump", "grpah", "small.model"]).ends(2).says(&["'grpah'", "graph"]);
}
