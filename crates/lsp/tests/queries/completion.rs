//! Completion: what may stand where.

use crate::fixture::Fixture;
use kiln_lsp::completion::{Completion, complete};

fn items(mut fixture: Fixture) -> (String, Vec<Completion>) {
    let (project, file) = fixture.project();
    let found = complete(&project, file, fixture.at, &fixture.workspace.files());
    (project.snippet(found.span).to_owned(), found.items)
}

fn labels(fixture: Fixture) -> Vec<String> {
    items(fixture).1.into_iter().map(|item| item.label).collect()
}

/// All of these are offered, and none of those.
fn check(fixture: Fixture, with: &[&str], without: &[&str]) {
    let labels = labels(fixture);
    for label in with {
        assert!(labels.iter().any(|l| l == label), "`{label}` is not among {labels:?}");
    }
    for label in without {
        assert!(!labels.iter().any(|l| l == label), "`{label}` is among {labels:?}");
    }
}

/// A model around a line.
fn in_model(line: &str) -> Fixture {
    Fixture::with_library(&format!(
        "model m(p = 1) {{\n input image: [784]\n target label: class(11)\n image -> enc: dense(8) -> drop: dropout(0.1)\n{line}\n}}\n"
    ))
}

#[test]
fn at_the_top_of_a_file() {
    check(
        Fixture::with_library("|"),
        &["title", "use", "data", "block", "model", "train", "report"],
        &["dense", "epochs"],
    );
    check(Fixture::with_library("tra|"), &["train"], &[]);
    check(Fixture::with_library("block b(n) = |"), &["dense", "hidden"], &["b", "relu", "train"]);
    assert!(labels(Fixture::with_library("// |")).is_empty());
    assert!(labels(Fixture::with_library("title \"|\"")).is_empty());
}

#[test]
fn keys_that_are_lacking() {
    let body = "train {\n epochs = 3\n |\n}";
    check(Fixture::with_library(body), &["optimizer", "batch", "seed"], &["epochs", "source", "dense"]);
    let (replaced, found) = items(Fixture::with_library("train {\n ba|\n}"));
    assert_eq!(replaced, "ba");
    assert!(found.iter().any(|item| item.label == "batch" && item.insert == "batch = "));
    check(Fixture::with_library("train { epochs = 3  | }"), &["batch"], &["epochs"]);
    check(
        Fixture::with_library("data d {\n source = glyphs()\n |\n}"),
        &["split", "image", "label"],
        &["source", "epochs"],
    );
}

#[test]
fn values_of_keys() {
    check(
        Fixture::with_library("train { optimizer = | }"),
        &["adam", "sgd", "sweep"],
        &["relu", "cosine", "epochs"],
    );
    check(Fixture::with_library("train { optimizer = sweep [adam(), | }"), &["sgd"], &["cosine", "sweep"]);
    check(Fixture::with_library("train { schedule = co| }"), &["cosine", "constant"], &["adam"]);
    check(Fixture::with_library("train { model = | }"), &["net"], &["hidden", "letters"]);
    check(Fixture::with_library("train { data = | }"), &["letters"], &["net"]);
    check(Fixture::with_library("train { validation = | }"), &["test", "none"], &["true"]);
    check(Fixture::with_library("data d { source = | }"), &["glyphs", "idx", "parquet"], &["pixels", "all"]);
    check(Fixture::with_library("data d { split = | }"), &["stratified", "given"], &["glyphs"]);
    check(Fixture::with_library("data d { image = | }"), &["pixels", "class"], &["glyphs"]);
    check(Fixture::with_library("report { table  | }"), &["curves", "manifold"], &["dense"]);
}

#[test]
fn layers_and_blocks() {
    for line in [
        " enc -> |",
        " enc -> de|",
        " enc -> out: |",
        " stack s(enc) {\n  |\n }",
        " stack s(enc) { dense(3) -> | }",
    ] {
        check(in_model(line), &["dense", "dropout", "hidden"], &["relu", "adam", "mse"]);
    }
    check(in_model(" both = |"), &["enc", "drop", "image", "concat", "add"], &["label", "p"]);
    check(in_model(" |"), &["loss", "stack", "enc", "image"], &["dense"]);
    check(in_model(" concat(enc, | ) -> x: dense(2)"), &["image", "drop"], &["label"]);
    check(in_model(" stack s(|"), &["enc", "image"], &["label", "dense"]);
}

#[test]
fn losses_metrics_and_weights() {
    check(in_model(" loss |"), &["enc", "drop"], &["mse", "label"]);
    check(in_model(" loss enc: |"), &["mse", "cross_entropy"], &["accuracy", "enc"]);
    check(in_model(" loss enc: mse(|"), &["image", "label"], &["enc", "mse"]);
    check(in_model(" loss enc: mse(image) * |"), &["ramp", "learned", "p"], &["mse"]);
    check(in_model(" metric enc: |"), &["accuracy", "f1"], &["cross_entropy"]);
    check(in_model(" metric enc: accuracy, |"), &["f1"], &["cross_entropy"]);
    check(in_model(" metric enc: f1(|"), &["macro", "weighted"], &["relu"]);
    check(in_model(" target other: |"), &["class"], &["dense"]);
    check(Fixture::with_library("model m {\n input |"), &["image", "label"], &["dense"]);
}

#[test]
fn arguments_and_their_values() {
    check(in_model(" enc -> dense(|"), &["units", "activation", "relu", "tie", "p"], &["adam", "mse"]);
    check(in_model(" enc -> dense(4, |"), &["relu", "elu", "use_bias"], &["zeros"]);
    check(in_model(" enc -> dense(4, activation = |"), &["relu", "sweep", "p"], &["use_bias", "enc"]);
    check(in_model(" enc -> dense(4, relu, use_bias = |"), &["true", "false"], &["relu"]);
    check(in_model(" enc -> dense(4, kernel_initializer = |"), &["he_normal"], &["relu"]);
    check(in_model(" enc -> dense(4, elu(|"), &["alpha"], &["units"]);
    check(in_model(" enc -> dense(4, l2 = 1, |"), &["l1"], &["l2"]);
    check(in_model(" enc -> hidden(|"), &["units", "drop"], &["activation"]);
    check(Fixture::with_library("train { model = net(| }"), &["width"], &["units"]);
    check(
        Fixture::with_library("train { optimizer = adam(| }"),
        &["rate", "beta_1", "clip_norm"],
        &["units"],
    );
    check(Fixture::with_library("data d { source = glyphs(| }"), &["classes", "samples"], &["files"]);
    check(
        Fixture::with_library("report { reconstructions(|"),
        &["decoder", "columns", "which"],
        &["image = "],
    );
    check(
        Fixture::with_library("report { reconstructions(decoder, which = |"),
        &["first", "extremes"],
        &["true"],
    );
    check(Fixture::with_library("report { manifold(code, color = |"), &["label"], &["code"]);
    // A value is there already.
    assert!(labels(in_model(" enc -> dense(4 |")).is_empty());
}

#[test]
fn tie_targets_are_layers_with_a_kernel() {
    let found = labels(in_model(" drop -> dense(tie = |"));
    assert_eq!(found.iter().take(2).collect::<Vec<_>>(), ["enc.T", "enc"]);
    assert!(!found.iter().any(|label| label.starts_with("drop") || label.starts_with("image")), "{found:?}");
    check(in_model(" drop -> dense(tie = enc.|"), &["T"], &["enc"]);
    // Layers below the line are not yet made.
    check(in_model(" enc -> dense(tie = |)\n enc -> later: dense(3)"), &["enc"], &["later"]);
}

#[test]
fn monitors_are_those_of_the_heads() {
    let monitor =
        |rest: &str| Fixture::with_library(&format!("train {{ early_stopping = early_stopping({rest}"));
    check(monitor("|"), &["monitor", "patience"], &["rate"]);
    check(monitor("monitor = |"), &["val_loss", "classifier.f1_macro", "decoder.loss"], &["patience"]);
    check(monitor("monitor = classifier.|"), &["loss", "accuracy", "f1_macro"], &["val_loss"]);
}

#[test]
fn files_after_use() {
    check(
        Fixture::new("//- /none/lib/a.model\n//- /none/b.model\n//- /none/main.model\nuse \"|\"\n"),
        &["lib/a.model", "b.model"],
        &["main.model"],
    );
    check(
        Fixture::new("//- /none/b.model\n//- /none/lib/a.model\nuse \"../|"),
        &["../b.model"],
        &["a.model"],
    );
}

#[test]
fn no_place_of_a_spec_panics() {
    let text =
        crate::fixture::LIBRARY.split("//- ").nth(2).and_then(|f| f.split_once('\n')).expect("a file").1;
    for at in 0..=text.len() {
        for cut in [true, false] {
            let rest = if cut { "" } else { &text[at..] };
            let marked = format!("{}|{rest}", &text[..at]);
            if text.is_char_boundary(at) {
                let _ = items(Fixture::new(&marked));
            }
        }
    }
}
