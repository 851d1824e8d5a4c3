//! Checking beyond single messages: sweeps, overrides, bounds, and texts that no person wrote.

use kiln_diag::Code;
use kiln_model::{Checked, Loaded, Model, Spec, check, load_text, set};
use proptest::prelude::*;

const LETTERS: &str = include_str!("../../../specs/lib/letters.model");
const MLP: &str = include_str!("../../../specs/lib/mlp.model");
const AUTOENCODER: &str = include_str!("../../../specs/lib/autoencoder.model");
const EXP06: &str = include_str!("../../../specs/exp06.model");
const EXP11: &str = include_str!("../../../specs/exp11.model");

fn read(path: &str) -> Result<String, String> {
    match path {
        "lib/letters.model" => Ok(LETTERS.to_owned()),
        "lib/mlp.model" => Ok(MLP.to_owned()),
        "lib/autoencoder.model" => Ok(AUTOENCODER.to_owned()),
        _ => Err("not found".to_owned()),
    }
}

fn loaded(text: &str) -> Loaded {
    load_text("main.model", text, &mut read)
}

#[track_caller]
fn spec(loaded: &Loaded) -> Spec {
    let Checked { spec, diagnostics } = check(loaded);
    spec.unwrap_or_else(|| panic!("{}", kiln_diag::render(&diagnostics, &loaded.sources, false)))
}

fn codes(text: &str) -> Vec<Code> {
    check(&loaded(text)).diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn sweeps_multiply_and_label_their_runs() {
    let text = r#"use "lib/letters.model"
use "lib/mlp.model"
train {
    model     = mlp(drop = sweep [0.1, 0.2])
    optimizer = adam(rate = sweep [1e-3, 1e-2])
    epochs    = 3
}"#;
    let spec = spec(&loaded(text));
    let labels: Vec<&str> = spec.runs.iter().map(|r| r.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "model.drop=0.1, optimizer.rate=1e-3",
            "model.drop=0.1, optimizer.rate=1e-2",
            "model.drop=0.2, optimizer.rate=1e-3",
            "model.drop=0.2, optimizer.rate=1e-2",
        ]
    );
    let contents: std::collections::BTreeSet<String> = spec.runs.iter().map(|r| r.content()).collect();
    assert_eq!(contents.len(), 4);
    assert_eq!(spec.runs[2].model.train.optimizer.args.float64("rate"), 1e-3);
}

#[test]
fn a_sweep_in_what_is_not_trained_makes_no_runs() {
    let text = format!(
        "{EXP11}\nmodel spare(n = sweep [1, 2]) {{\n    input image: [784]\n    image -> o: dense(n)\n}}"
    );
    let mut loaded = loaded(&text);
    set(&mut loaded, &["train.model=sequential_20".to_owned()]);
    assert_eq!(spec(&loaded).runs.len(), 4);
}

#[test]
fn the_content_of_a_run_leaves_out_titles_and_reports() {
    let plain = spec(&loaded(EXP11)).runs[0].content();
    let retitled =
        EXP11.replace("title \"Exp11: tied autoencoder\"", "title \"Another\"").replace("curves", "");
    assert_eq!(spec(&loaded(&retitled)).runs[0].content(), plain);
    let other = EXP11.replace("seed      = 11", "seed      = 12");
    assert_ne!(spec(&loaded(&other)).runs[0].content(), plain);
}

/// `input_4 = image` gives the input a second name, also where a loss is compared with it.
#[test]
fn a_loss_may_name_an_input_by_its_second_name() {
    let text = |target: &str| {
        format!(
            "use \"lib/letters.model\"\nmodel m {{\n    input image: [784]\n    input_4 = image\n    \
             input_4 -> out: dense(784, sigmoid)\n    loss out: mse({target})\n}}\n\
             train {{\n    optimizer = adam()\n    epochs = 1\n}}\n\
             report {{ reconstructions(out) }}\n"
        )
    };
    let of = |target: &str| spec(&loaded(&text(target))).runs.remove(0);
    assert_eq!(of("input_4").model.heads[0].target, "image");
    assert_eq!(of("input_4").content(), of("image").content());
}

#[test]
fn models_survive_their_text() {
    for text in [EXP06, EXP11] {
        for run in spec(&loaded(text)).runs {
            assert_eq!(Model::from_ron(&run.model.to_ron()).expect("its own text"), run.model);
        }
    }
}

#[test]
fn overrides_reach_every_place() {
    let mut l = loaded(EXP06);
    let texts = [
        "train.epochs=3",
        "train.batch=sweep [8, 16]",
        "train.optimizer.rate=0.5",
        "model.classify=ramp(0 -> 1, epochs = 5)",
        "data.letters.samples=1_000",
        "data.letters.split.seed=9",
        "train.validation=10%",
    ];
    set(&mut l, &texts.map(str::to_owned));
    let spec = spec(&l);
    assert_eq!(spec.runs.iter().map(|r| r.label.as_str()).collect::<Vec<_>>(), ["batch=8", "batch=16"]);
    let dump = spec.runs[0].model.to_ron();
    for part in ["epochs: 3", "rate = 0.5", "to: 1.0", "samples: 1000", "seed: 9", "Fraction(0.1)"] {
        assert!(dump.contains(part), "{part} is not in\n{dump}");
    }
}

#[test]
fn includes_are_bounded() {
    let mut deep = |path: &str| {
        let n: usize = path.trim_end_matches(".model").parse().map_err(|_| "odd".to_owned())?;
        Ok(format!("use \"{}.model\"", n + 1))
    };
    let loaded = load_text("0.model", "use \"1.model\"", &mut deep);
    assert!(loaded.diagnostics.iter().any(|d| d.code == Code::IncludeDepth));
}

#[test]
fn blocks_are_bounded() {
    let mut text = "block b0(n) = dense(n)\n".to_owned();
    for i in 1..=40 {
        text += &format!("block b{i}(n) = b{}(n)\n", i - 1);
    }
    text += "model m {\n input image: [784]\n image -> b40(784) -> o: dense(784)\n loss o: mse(image)\n}\n";
    text += "use \"lib/letters.model\"\ntrain { optimizer = adam()  epochs = 1 }";
    assert_eq!(codes(&text), [Code::TooDeep]);
    // Doubling forty times over would be 2⁴⁰ layers.
    let mut text = "block b0(n) = dense(n)\n".to_owned();
    for i in 1..=30 {
        text += &format!("block b{i}(n) = b{}(n) -> b{}(n)\n", i - 1, i - 1);
    }
    text += "model m {\n input image: [784]\n image -> b30(8) -> o: dense(784)\n loss o: mse(image)\n}\n";
    text += "use \"lib/letters.model\"\ntrain { optimizer = adam()  epochs = 1 }";
    assert_eq!(codes(&text), [Code::TooDeep]);
}

/// Words that mutations put in the place of others.
const WORDS: &[&str] = &[
    "image",
    "label",
    "dense",
    "tie",
    "code.T",
    "sweep",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "->",
    "=",
    "1e999",
    "-1",
    "0",
    "1_000_000_000_000",
    "\"\"",
    "\"P\"..\"Z\"",
    "ramp(0 -> 1, epochs = 0)",
    "learned",
    "model",
    "train",
    "stack",
    "block",
    "loss",
    "metric",
    "input",
    "target",
    "class(2)",
    "concat(image, image)",
    "pixels",
    "1/0",
    "use \"lib/mlp.model\"",
    "é",
    "\u{0}",
];

fn mutated(text: &str, edits: &[(usize, usize, usize)]) -> String {
    let mut words: Vec<String> =
        text.split_inclusive([' ', '\n', '(', ')', ',']).map(str::to_owned).collect();
    for &(at, what, kind) in edits {
        if words.is_empty() {
            break;
        }
        let at = at % words.len();
        let word = format!("{} ", WORDS[what % WORDS.len()]);
        match kind % 4 {
            0 => words[at] = word,
            1 => words.insert(at, word),
            2 => drop(words.remove(at)),
            _ => {
                let other = what % words.len();
                words.swap(at, other);
            }
        }
    }
    words.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written: no panic, and a spec exactly where nothing is wrong.
    #[test]
    fn mutated_specs_never_panic(
        which in 0usize..4,
        edits in prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 1..6),
    ) {
        let base = [EXP06, EXP11, MLP, AUTOENCODER][which];
        let text = mutated(&format!("{base}\n"), &edits);
        let loaded = loaded(&text);
        let checked = check(&loaded);
        prop_assert_eq!(checked.spec.is_none(), checked.diagnostics.has_errors());
        kiln_diag::render(&checked.diagnostics, &loaded.sources, false);
        if let Some(spec) = checked.spec {
            for run in spec.runs.iter().take(2) {
                let graphs = kiln_model::build(&run.model);
                prop_assert!(kiln_graph::verify(&graphs.train).is_ok());
                prop_assert!(!kiln_model::summary(&run.model).to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_override_is_taken_or_refused(key in "[a-z.]{0,20}", value in "[ -~]{0,20}") {
        let mut loaded = loaded(EXP11);
        set(&mut loaded, &[format!("{key}={value}"), value]);
        prop_assert!(check(&loaded).diagnostics.has_errors());
    }
}
