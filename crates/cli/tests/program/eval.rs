//! `kiln eval`: folders, specs, weights, other data.

use crate::kiln::Folder;
use serde_json::Value;
use std::path::PathBuf;

/// A trained run and its folder, relative to the test's.
fn trained() -> (Folder, String) {
    let folder = Folder::with_small();
    let said = folder.kiln(&["train", "small.model", "--quiet", "--format", "json"]).ends(0);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    let run = all["runs"][0]["folder"].as_str().expect("a folder").to_owned();
    (folder, run)
}

#[test]
fn a_run_and_its_spec_give_what_training_gave() {
    let (folder, run) = trained();
    let train = folder.kiln(&["train", "small.model", "--quiet"]).ends(0).out;
    let results = |text: &str| text[text.find("on the test data").expect("results")..].to_owned();
    let train = results(&train).replace(&format!("run folder: {run}\n\n"), "");
    let by_folder = folder.kiln(&["eval", &run]).ends(0).says_nothing();
    let by_spec = folder.kiln(&["eval", "small.model"]).ends(0).says_nothing();
    assert_eq!(results(&by_folder.out).trim(), train.trim());
    assert_eq!(by_folder.out, by_spec.out);
    by_spec.prints(&["model.safetensors, epoch", "on 18 samples of letters"]);
}

#[test]
fn weights_on_other_data() {
    let (folder, run) = trained();
    let weights = format!("{run}/model-final.safetensors");
    let other = "glyphs(classes = \"P\"..\"R\", samples = 300, seed = 8)";
    let said = folder
        .kiln(&["eval", "small.model", "--weights", &weights, "--data", other, "--format", "json"])
        .ends(0);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(all[0]["rows"], 60);
    assert_eq!(all[0]["classification"]["classifier"]["macro avg"]["support"], 60.0);
}

#[test]
fn what_is_not_there_says_what_to_type() {
    let folder = Folder::with_small();
    folder.kiln(&["eval", "small.model"]).ends(1).says(&["not trained", "kiln train small.model"]);
    folder.write("empty/a.txt", "");
    folder.kiln(&["eval", "empty"]).ends(2).says(&["no run.ron"]);
    folder.kiln(&["eval", "nothing"]).ends(2).says(&["no file `nothing`"]);
    folder
        .kiln(&["eval", "small.model", "--weights", "gone.safetensors"])
        .ends(1)
        .says(&["gone.safetensors"]);
}

#[test]
fn a_folder_of_runs_lists_them() {
    let (folder, run) = trained();
    folder.kiln(&["eval", "runs"]).ends(2).says(&["name one", &run]);
}

#[test]
fn weights_of_another_model_are_refused() {
    let (folder, run) = trained();
    let weights = format!("{run}/model.safetensors");
    let text = folder.read("small.model").replace("dense(8, relu)", "dense(9, relu)");
    folder.write("other.model", &text);
    folder.kiln(&["eval", "other.model", "--weights", &weights]).ends(2).says(&["hidden.kernel"]);
    folder.kiln(&["eval", &run, "--set", "train.batch=3"]).ends(2).says(&["kiln eval SPEC --weights"]);
}

#[test]
fn a_damaged_run_is_named() {
    let (folder, run) = trained();
    let path = |file: &str| PathBuf::from(&run).join(file).display().to_string();
    folder.write(&path("model.safetensors"), "not weights");
    folder.kiln(&["eval", &run]).ends(1).says(&["model.safetensors"]);
    folder.write(&path("run.ron"), "(");
    folder.kiln(&["eval", &run]).ends(1).says(&["run.ron"]);
}
