//! `kiln check`.

use crate::kiln::{Folder, SMALL, kiln};

#[test]
fn right_specs_are_counted() {
    Folder::with_small()
        .kiln(&["check", "small.model"])
        .ends(0)
        .prints(&["1 spec checked: 1 run, no mistakes"]);
}

#[test]
fn all_specs_of_the_repository_are_right() {
    let said = kiln(&["check", "specs"]).ends(0).says_nothing();
    // What the experiments share is checked with them, not alone.
    assert!(said.out.starts_with("13 specs checked"), "{}", said.out);
}

#[test]
fn mistakes_are_shown_with_their_places() {
    let folder = Folder::new();
    folder.write("a.model", &SMALL.replace("dense(3, softmax)", "dense(4, softmax)").replace("adam", "adm"));
    let said = folder.kiln(&["check", "a.model"]).ends(2).prints_nothing();
    let said = said.says(&[
        "a.model:12:12",
        "a.model:17:17",
        "dense(3, softmax)",
        "`adam`",
        "^",
        "1 spec checked: 2 mistakes",
    ]);
    assert!(!said.err.contains('\x1b'));
}

#[test]
fn standard_input_is_a_spec() {
    let folder = Folder::new();
    folder.kiln_reads(&["check", "-"], SMALL).ends(0).prints(&["no mistakes"]);
    folder.kiln_reads(&["check", "-"], "model {").ends(2).says(&["<stdin>:1:"]);
    folder.kiln_reads(&["check", "-"], "").ends(2).says(&["error["]);
}

#[test]
fn what_a_spec_uses_is_read_beside_it() {
    let folder = Folder::new();
    let (data, rest) = SMALL.split_at(SMALL.find("model").expect("a model"));
    folder.write("deep/lib/data.model", data);
    folder.write("deep/a.model", &format!("use \"lib/data.model\"\n{rest}"));
    folder.kiln(&["check", "deep/a.model"]).ends(0);
    folder.kiln(&["check", "deep"]).ends(0).prints(&["1 spec checked"]);
    folder.write("deep/a.model", &format!("use \"lib/dat.model\"\n{rest}"));
    folder.kiln(&["check", "deep/a.model"]).ends(2).says(&["E0010", "deep/lib/dat.model"]);
}

#[test]
fn findings_as_json_are_one_array() {
    let folder = Folder::with_small();
    folder.write("a.model", &SMALL.replace("relu", "rellu"));
    let said = folder.kiln(&["check", "--format", "json", "a.model", "small.model", "gone.model"]).ends(2);
    let findings: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let findings = findings.as_array().expect("an array");
    assert_eq!(findings.len(), 2, "{}", said.out);
    assert_eq!(findings[0]["file"], "a.model");
    assert_eq!(findings[0]["line"], 11);
    assert_eq!(findings[1]["code"], "E0001");
    let none = folder.kiln(&["check", "--format", "json", "small.model"]).ends(0);
    assert_eq!(none.out, "[]\n");
}

#[test]
fn values_of_the_command_line_are_checked_as_the_specs_own() {
    let folder = Folder::with_small();
    let check = |set: &str| folder.kiln(&["check", "small.model", "--set", set]);
    check("train.batch=sweep [16, 32]").ends(0).prints(&["2 runs"]);
    check("train.optimizer.rate=-1").ends(2).says(&["--set 1", "rate"]);
    check("train.epoch=3").ends(2).says(&["`epochs`"]);
    check("epochs=3").ends(2).says(&["train.epochs"]);
    check("train.epochs").ends(2).says(&["key=value"]);
}

#[test]
fn other_data_by_name_or_by_source() {
    let folder = Folder::with_small();
    let check = |data: &str| folder.kiln(&["check", "small.model", "--data", data]);
    check("letters").ends(0);
    check("leters").ends(2).says(&["`letters`"]);
    check("glyphs(classes = \"A\"..\"C\")").ends(0);
    check("glyphs(classes = \"A\"..\"D\")").ends(2).says(&["label"]);
}

#[test]
fn a_folder_without_specs_says_so() {
    let folder = Folder::new();
    folder.write("empty/a.txt", "");
    folder.kiln(&["check", "empty"]).ends(2).says(&["no `.model` file in `empty`"]);
}

#[test]
fn findings_as_sarif_are_one_log() {
    let folder = Folder::with_small();
    folder.write(
        "a spec.model",
        &SMALL.replace("relu", "rellu").replace("dense(3, softmax)", "dense(4, softmax)"),
    );
    let said =
        folder.kiln(&["check", "--format", "sarif", "a spec.model", "small.model", "gone.model"]).ends(2);
    let log: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(run["tool"]["driver"]["name"], "kiln");
    assert!(rules.iter().all(|rule| rule["id"].is_string() && rule["shortDescription"]["text"].is_string()));
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{}", said.out);
    for result in results {
        // What the schema requires of a result, and what links it to its rule.
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        for location in result["locations"].as_array().expect("locations") {
            let place = &location["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "a%20spec.model");
            let at = |key: &str| place["region"][key].as_u64().expect("a number");
            assert!(at("startLine") >= 1 && at("startColumn") >= 1 && at("endLine") >= at("startLine"));
        }
    }
    let misspelt = &results[0];
    assert_eq!(misspelt["locations"][0]["physicalLocation"]["region"]["startLine"], 11);
    let fix = &misspelt["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(fix["insertedContent"]["text"], "relu");
    assert_eq!(results[1]["locations"].as_array().expect("a list").len(), 0);
    let none = folder.kiln(&["check", "--format", "sarif", "small.model"]).ends(0);
    let log: serde_json::Value = serde_json::from_str(&none.out).expect("JSON");
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}
