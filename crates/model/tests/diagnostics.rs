//! Goldens of messages: every wrong spec in `tests/golden/diagnostics` beside what is said about it.

mod golden;

use golden::{differs, none_differ, workspace};
use kiln_diag::{Code, Diagnostic, Diagnostics, Severity};
use kiln_model::contradiction::{At, Contradiction, contradiction};
use kiln_model::{Loaded, check, load_text, read_file, set};
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

const PARQUET: &str = r#"data d {
    source = parquet(files = "a.parquet", label = "labl", pixels = "1".."784")
    split  = stratified(train = 80%, test = 20%)
    image  = pixels / 255
}
"#;

/// A spec that uses the library.
fn loaded_text(name: &str, text: &str) -> Loaded {
    load_text(name, text, &mut |used| read_file(&folder().join(used)).map_err(|_| "not found".to_owned()))
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
        "twenty",
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

/// Wrong specs that are made here, since they are long, have many files, or come from a command line.
fn made() -> Vec<(&'static str, Loaded)> {
    const REST: &str = "model m {\n    input image: [784]\n    image -> b40(784) -> out: dense(784)\n    \
                        loss out: mse(image)\n}\nuse \"lib/letters.model\"\n\
                        train { optimizer = adam()  epochs = 1 }\n";
    let library = |used: &str| read_file(&folder().join(used)).map_err(|_| "not found".to_owned());
    let deeper = |used: &str| {
        let n: usize = used.trim_end_matches(".model").parse().map_err(|_| "not found".to_owned())?;
        Ok(format!("use \"{}.model\"\n", n + 1))
    };
    let blocks = (1..=40).map(|i| format!("block b{i}(n) = b{}(n)\n", i - 1));
    let blocks = format!("block b0(n) = dense(n)\n{}{REST}", blocks.collect::<String>());
    let nested = format!("train {{ epochs = {}1{} }}\n", "(".repeat(65), ")".repeat(65));
    let mut overridden = loaded("warn_rate");
    set(&mut overridden, &["epochs=3".to_owned()]);
    vec![
        ("too_many_bytes", load_text("a.model", &" ".repeat((1 << 20) + 1), &mut { library })),
        ("includes_too_deep", load_text("0.model", "use \"1.model\"\n", &mut { deeper })),
        ("nested_too_deep", load_text("a.model", &nested, &mut { library })),
        ("blocks_too_deep", load_text("a.model", &blocks, &mut { library })),
        ("newer_version", load_text("a.model", "kiln 9\n", &mut { library })),
        ("override", overridden),
    ]
}

#[test]
fn messages_of_specs_that_are_made() {
    let mut differences = Vec::new();
    for (name, loaded) in made() {
        let text = kiln_diag::render(&check(&loaded).diagnostics, &loaded.sources, false);
        differences.extend(differs(&format!("diagnostics/made/{name}.txt"), &text));
    }
    none_differ(differences);
}

/// A file against its spec: the word itself where it is written, else the argument.
#[test]
fn a_data_file_contradicts_its_spec() {
    let loaded = loaded_text("parquet.model", PARQUET);
    let found =
        |at, meant| Contradiction { data: "d", at, message: "a.parquet has no column `labl`".into(), meant };
    let mut diagnostics = Diagnostics::new();
    let word = found(At::Text { text: "labl", argument: "pixels" }, Some("label"));
    let range = found(At::Text { text: "784", argument: "pixels" }, None);
    let split = found(At::Key("split"), None);
    for found in [word, range, split] {
        diagnostics.push(contradiction(&loaded.items, &found).expect("the data set is there"));
    }
    let text = kiln_diag::render(&diagnostics, &loaded.sources, false);
    none_differ(differs("diagnostics/made/data_contradiction.txt", &text).into_iter().collect());
}

/// Twenty mistakes give twenty messages, in the order of the lines, and none follows from another.
#[test]
fn twenty_mistakes_are_twenty_messages() {
    let loaded = loaded("twenty");
    let text = loaded.sources.text(loaded.items.main);
    let marked = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.rsplit_once("// ").is_some_and(|(_, n)| n.parse::<u32>().is_ok()));
    let lines: Vec<u32> = marked.map(|(i, _)| i as u32 + 1).collect();
    let found = kiln_diag::json::findings(&check(&loaded).diagnostics, &loaded.sources);
    let said: Vec<u32> = found.iter().filter_map(|f| f.place.as_ref()).map(|place| place.line).collect();
    assert_eq!(lines.len(), 20);
    assert_eq!(said, lines);
}

/// Every code is in a golden message; those that only the program gives are tested there.
#[test]
fn every_code_has_a_golden() {
    const PROGRAM: &[Code] = &[Code::FileNotFound, Code::NotUtf8];
    let mut shown = String::new();
    for place in [folder(), folder().join("made")] {
        for entry in std::fs::read_dir(place).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "txt") {
                shown.push_str(&std::fs::read_to_string(path).expect("text"));
            }
        }
    }
    let is_shown = |code: &Code| shown.contains(&format!("[{code}]: "));
    let missing: Vec<&Code> = Code::ALL.iter().filter(|c| !is_shown(c) && !PROGRAM.contains(c)).collect();
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
