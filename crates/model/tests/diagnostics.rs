//! Goldens of messages: every wrong spec in `tests/golden/diagnostics` beside what is said about it.

mod golden;

use golden::{differs, none_differ, workspace};
use kiln_diag::{Code, Diagnostic, Severity};
use kiln_model::{Loaded, check, load_text, read_file, set};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    workspace().join("tests/golden/diagnostics")
}

/// The wrong specs, by name.
fn specs() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let paths = entries.map(|e| e.expect("an entry").path());
    let specs = paths.filter(|p| p.extension().is_some_and(|e| e == "model"));
    let mut names: Vec<String> =
        specs.map(|p| p.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Reads a spec under its name alone, so that messages name no folder of this machine.
fn loaded(name: &str) -> Loaded {
    let file = format!("{name}.model");
    loaded_as(name, &read_file(&folder().join(&file)).expect("the spec is there"))
}

/// The same with another text in its place.
fn loaded_as(name: &str, text: &str) -> Loaded {
    load_text(&format!("{name}.model"), text, &mut |used| {
        // The reason is the platform's own words, so it is not compared.
        read_file(&folder().join(used)).map_err(|_| "not found".to_owned())
    })
}

#[test]
fn messages() {
    let mut differences = Vec::new();
    for name in specs() {
        let loaded = loaded(&name);
        let checked = check(&loaded);
        assert!(!checked.diagnostics.is_empty(), "{name} is not wrong");
        assert_eq!(checked.spec.is_none(), checked.diagnostics.has_errors(), "{name}");
        let text = kiln_diag::render(&checked.diagnostics, &loaded.sources, false);
        differences.extend(differs(&format!("diagnostics/{name}.txt"), &text));
    }
    none_differ(differences);
}

/// Specs with one mistake get one message; these are there to have several.
#[test]
fn one_mistake_is_said_once() {
    const SEVERAL: &[&str] = &[
        "add_of_unequal",
        "field_shape",
        "many",
        "missing_keys",
        "section_head",
        "warn_output_activation",
        "warn_unused",
    ];
    let mut several = Vec::new();
    for name in specs().into_iter().filter(|n| !SEVERAL.contains(&n.as_str())) {
        let found = check(&loaded(&name)).diagnostics;
        let messages: Vec<&str> = found.sorted().iter().map(|d| d.message.as_str()).collect();
        if messages.len() != 1 {
            several.push(format!("{name}: {messages:?}"));
        }
    }
    assert!(several.is_empty(), "{}", several.join("\n"));
}

/// What a program types for the user mends what it was offered for, and breaks nothing.
#[test]
fn suggestions_mend() {
    let mut tried = 0;
    for name in specs() {
        let before = loaded(&name);
        let found = check(&before).diagnostics;
        for d in found.iter() {
            for suggestion in d.suggestions.iter().filter(|s| s.span.file == before.items.main) {
                let mut text = before.sources.text(before.items.main).to_owned();
                text.replace_range(suggestion.span.range(), &suggestion.replacement);
                let after = loaded_as(&name, &text);
                let left = check(&after).diagnostics;
                let same = |e: &&Diagnostic| (e.code, &e.message) == (d.code, &d.message);
                let (had, has) = (found.iter().filter(same).count(), left.iter().filter(same).count());
                assert!(has < had, "{name}: `{}` does not mend {}", suggestion.title, d.message);
                // Warnings are only given where there is no error.
                let errors = left.iter().filter(|e| e.severity == Severity::Error).map(|e| &e.message);
                let new: Vec<_> = errors.filter(|m| !found.iter().any(|f| f.message == **m)).collect();
                assert!(new.is_empty(), "{name}: `{}` leads to {new:?}", suggestion.title);
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "only {tried} suggestions");
}

/// Every code of this stage is shown by a wrong spec, or is tested elsewhere.
#[test]
fn every_code_has_a_golden() {
    let elsewhere = [
        // Tested with generated specs in `checking.rs`.
        Code::IncludeDepth,
        Code::TooDeep,
        Code::BadOverride,
        // An empty stack or block is a mistake of syntax first.
        Code::EmptyStack,
    ];
    let mut seen = BTreeSet::new();
    for name in specs() {
        for d in check(&loaded(&name)).diagnostics.iter() {
            seen.insert(d.code);
        }
    }
    let own = |c: &&Code| !c.as_str().starts_with("E00") && !c.as_str().starts_with("E01");
    let missing: Vec<&Code> =
        Code::ALL.iter().filter(own).filter(|c| !seen.contains(c) && !elsewhere.contains(c)).collect();
    assert!(missing.is_empty(), "no golden shows {missing:?}");
}

#[test]
fn overrides_are_checked_like_the_spec() {
    let said = |text: &str| {
        let mut loaded = loaded("warn_batch");
        set(&mut loaded, &[text.to_owned()]);
        let found = check(&loaded).diagnostics;
        found.sorted().iter().map(|d| (d.code.as_str(), d.message.clone())).collect::<Vec<_>>()
    };
    assert_eq!(said("train.batch=32"), []);
    assert_eq!(said("train.bach=32").iter().map(|d| d.0).collect::<Vec<_>>(), ["W0007", "E0600"]);
    assert_eq!(said("train.optimizer.rat=1e-3").last().expect("a message").0, "E0400");
    assert_eq!(said("model.dropp=0.3").last().expect("a message").0, "E0400");
    assert_eq!(said("data.leters.samples=3").last().expect("a message").0, "E0619");
    assert_eq!(said("epochs=3").last().expect("a message").0, "E0619");
    assert_eq!(said("train.epochs").last().expect("a message").0, "E0619");
    assert!(said("train.epochs=[").iter().any(|d| d.0.starts_with("E01")));
}
