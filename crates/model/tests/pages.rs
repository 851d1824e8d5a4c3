//! The pages of the rules tell the truth: the first example of each fails by its rule, the last is right.
//!
//! Examples are excerpts: [`whole`] puts around each what it leaves out, by what it begins with.

use kiln_diag::{Code, Severity};
use kiln_model::{check, load_text, read_file, set};
use std::path::Path;

/// Rules that an excerpt cannot show, and the test that does: the reading of files is the program's,
/// and what is too large would fill the page.
const ELSEWHERE: &[Code] = &[
    // `crates/cli/tests/program/check.rs`
    Code::FileNotFound,
    Code::NotUtf8,
    Code::FileTooLarge,
    // `golden/diagnostics`, with files made for it.
    Code::IncludeCycle,
    Code::IncludeDepth,
    Code::NestingTooDeep,
    Code::TooDeep,
    Code::TooManyRuns,
    // `crates/cli/tests/program/data.rs`, with a file.
    Code::DataContradiction,
];

/// Words that a line at the top of a file begins with.
const TOP: &[&str] = &["title", "use", "kiln", "data", "block", "model", "train", "report"];
/// Keys of `train` that examples set alone.
const TRAIN: &[&str] =
    &["epochs", "batch", "rate", "optimizer", "validation", "early_stopping", "schedule", "seed"];
/// Keys of `data`.
const DATA: &[&str] = &["source", "split", "image", "label"];

const TRAIN_REST: &str = "train { optimizer = adam()  epochs = 3 }\n";
const MODEL_REST: &str = "model rest {\n    input image: [784]\n    image -> out: dense(784, sigmoid)\n    loss out: mse(image)\n}\n";

/// The excerpt with everything around it that a spec needs.
fn whole(code: Code, excerpt: &str) -> String {
    let first = first_word(excerpt);
    let text = match first {
        word if TOP.contains(&word) => excerpt.to_owned(),
        word if TRAIN.contains(&word) && is_setting(excerpt) => train(excerpt),
        word if DATA.contains(&word) && is_setting(excerpt) => data(excerpt),
        _ => model(excerpt),
    };
    let has = |word: &str| text.lines().any(|line| first_word(line) == word);
    let uses = |file: &str| text.contains(&format!("use \"lib/{file}.model\""));
    let mut spec = text.clone();
    // A rule about something that is not there is shown by leaving it out.
    if !has("model") && !uses("mlp") && !uses("autoencoder") && code != Code::NoModel {
        spec.push_str(MODEL_REST);
    }
    if !has("data") && !uses("letters") && code != Code::NoData {
        spec.push_str("use \"lib/letters.model\"\n");
    }
    if !has("train") && code != Code::NoTrain {
        spec.push_str(TRAIN_REST);
    }
    spec
}

fn first_word(line: &str) -> &str {
    line.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// `key = value`, and not a pipeline.
fn is_setting(excerpt: &str) -> bool {
    excerpt.split_once(first_word(excerpt)).is_some_and(|(_, rest)| rest.trim_start().starts_with('='))
}

fn train(excerpt: &str) -> String {
    let has = |key: &str| excerpt.lines().any(|line| first_word(line) == key);
    let optimizer = if has("optimizer") { "" } else { "optimizer = adam()\n" };
    let epochs = if has("epochs") { "" } else { "epochs = 3\n" };
    format!("train {{\n{excerpt}{optimizer}{epochs}}}\n")
}

fn data(excerpt: &str) -> String {
    let has = |key: &str| excerpt.lines().any(|line| first_word(line) == key);
    let rest = [
        ("source", "source = glyphs(classes = \"P\"..\"Z\")\n"),
        ("split", "split = stratified(train = 80%, test = 20%)\n"),
        ("image", "image = pixels / 255\n"),
        ("label", "label = class\n"),
    ];
    let rest: String = rest.iter().filter(|(key, _)| !has(key)).map(|(_, line)| *line).collect();
    format!("data d {{\n{excerpt}{rest}}}\n")
}

fn model(excerpt: &str) -> String {
    let has = |text: &str| excerpt.contains(text);
    let image = if has("image: [") { "" } else { "input image: [784]\n" };
    let label = if has("label: ") { "" } else { "target label: class(11)\n" };
    let loss = if excerpt.lines().any(|line| first_word(line) == "loss") {
        ""
    } else {
        "image -> rest: dense(784, sigmoid)\nloss rest: mse(image)\n"
    };
    format!("model m {{\n{image}{label}{excerpt}{loss}}}\n")
}

/// The codes of a spec's errors and of its warnings.
fn codes(code: Code, excerpt: &str) -> (Vec<Code>, Vec<Code>) {
    let (text, overrides) = match excerpt.strip_prefix("--set ") {
        Some(set) => (whole(code, ""), vec![set.trim().to_owned()]),
        None => (whole(code, excerpt), Vec::new()),
    };
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let mut loaded = load_text("page.model", &text, &mut |used| {
        read_file(&specs.join(used)).map_err(|_| "not found".to_owned())
    });
    set(&mut loaded, &overrides);
    let all = check(&loaded).diagnostics;
    let of = |severity| all.iter().filter(|d| d.severity == severity).map(|d| d.code).collect();
    (of(Severity::Error), of(Severity::Warning))
}

fn examples(page: &str) -> Vec<&str> {
    page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn examples_of_the_pages_do_what_they_say() {
    let mut wrong = Vec::new();
    for &code in Code::ALL.iter().filter(|code| !ELSEWHERE.contains(code)) {
        let examples = examples(code.page());
        let [bad, .., good] = examples.as_slice() else {
            wrong.push(format!("{code}: two examples are needed"));
            continue;
        };
        let (errors, warnings) = codes(code, bad);
        let is_warning = code.as_str().starts_with('W');
        let found = if is_warning { &warnings } else { &errors };
        let others = errors.iter().filter(|c| **c != code).count();
        if !found.contains(&code) || others > 0 {
            wrong.push(format!("{code}: its example gives {errors:?} {warnings:?}"));
        }
        let (errors, warnings) = codes(code, good);
        if !errors.is_empty() || warnings.contains(&code) {
            wrong.push(format!("{code}: its fix gives {errors:?} {warnings:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_of_the_others_have_examples_too() {
    for code in ELSEWHERE {
        assert!(!examples(code.page()).is_empty(), "{code}");
    }
}
