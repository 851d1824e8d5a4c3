//! Hover: layers, keys, arguments, names, items.

use crate::fixture::Fixture;
use kiln_lsp::hover::hover;

/// The hover's word and text.
fn shown(mut fixture: Fixture) -> Option<(String, String)> {
    let (project, file) = fixture.project();
    hover(&project, file, fixture.at).map(|h| (project.snippet(h.span).to_owned(), h.text))
}

fn has(fixture: Fixture, word: &str, parts: &[&str]) {
    let (found, text) = shown(fixture).unwrap_or_else(|| panic!("nothing is known of `{word}`"));
    assert_eq!(found, word);
    for part in parts {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn a_layer_shows_shapes_and_cost() {
    // 64 · 32 weights and 32 biases; the model trained has 48 units before it.
    has(
        Fixture::in_library("dense(32, relu)"),
        "dense",
        &[
            "`[48] → [32]`",
            "1,568 parameters",
            "of the model's",
            "3,136 FLOPs per sample",
            "`units (optional)`",
        ],
    );
    has(Fixture::in_library("code: dense"), "code", &["layer of `net`", "`[48] → [32]`", "1,568 parameters"]);
    has(
        Fixture::in_library("up: dense"),
        "up",
        &["shares the kernel of `code`, transposed", "`[32] → [48]`", "48 parameters"],
    );
}

#[test]
fn a_layer_in_a_block_shows_each_use() {
    has(Fixture::in_library("dense(units"), "dense", &["`[784] → [128]`", "`[128] → [48]`"]);
    has(
        Fixture::in_library("hidden(128"),
        "hidden",
        &["block", "`[784] → [128]`", "2 layers", "`drop = 0.2`"],
    );
}

#[test]
fn keys_and_arguments_show_meaning_range_and_default() {
    has(
        Fixture::with_library("train {\n ba|tch = 3\n}"),
        "batch",
        &["Samples of one step", "whole number", "Default: `32`"],
    );
    has(
        Fixture::with_library("train {\n optimizer = adam(ra|te = 1)\n}"),
        "rate",
        &["a number, at least 0", "Default: `1e-3`"],
    );
    has(Fixture::in_library("drop = 0.1"), "drop", &["Default: `0.2`"]);
    has(Fixture::in_library("samples = 14"), "samples", &["from 1 to 10000000", "Default: `14_000`"]);
    has(Fixture::in_library("tie = code"), "tie", &["The layer whose kernel is shared"]);
    has(
        Fixture::with_library("report { manifold(code, me|thod = pca) }"),
        "method",
        &["`tsne`", "Default: `tsne`"],
    );
}

#[test]
fn names_show_what_they_refer_to() {
    has(Fixture::in_library("width, drop"), "width", &["parameter of `net`"]);
    has(Fixture::in_library("label)\n    loss"), "label", &["target, one of 11 classes"]);
    has(Fixture::with_library("train { data = let|ters }"), "letters", &["data set in `letters.model`"]);
    has(
        Fixture::with_library("train { model = ne|t }"),
        "net",
        &["model in `net.model`", "parameters", "`width = 64`"],
    );
    has(Fixture::with_library("report { manifold(deco|der) }"), "decoder", &["stack of `net`", "[784]"]);
}

#[test]
fn items_and_words_show_what_they_are() {
    has(Fixture::with_library("train { optimizer = ad|am() }"), "adam", &["optimizer", "`beta_1 = 0.9`"]);
    has(Fixture::in_library("relu) -> dropout"), "relu", &["activation"]);
    has(Fixture::in_library("cross_entropy"), "cross_entropy", &["loss"]);
    has(Fixture::in_library("macro"), "macro", &["How the classes are averaged"]);
    has(Fixture::in_library("pixels"), "pixels", &["scaled and shifted"]);
    has(Fixture::in_library("stack decoder"), "stack", &["Layers under one name"]);
    has(Fixture::with_library("re|port { table }"), "report", &["What is shown"]);
    has(Fixture::with_library("train { batch = swe|ep [1, 2] }"), "sweep", &["One run for each"]);
    has(
        Fixture::new("//- /none/a.model\nblock b() = dense(3)\n//- /none/main.model\nuse \"a.mo|del\"\n"),
        "a.model",
        &["block `b`"],
    );
}

#[test]
fn lines_with_mistakes_have_hovers_too() {
    let broken =
        "model m {\n input x: [4]\n x -> a: den|se(3) -> b: dense(2, \n b -> dense(\n loss a mse\n}\n";
    has(Fixture::new(broken), "dense", &["Every output reads every input"]);
    // What is above the mistake is understood.
    let below = "model m {\n input x: [4]\n x -> a: den|se(3)\n a -> b: dens(\n}\n";
    has(Fixture::new(below), "dense", &["`[4] → [3]`", "15 parameters"]);
}

#[test]
fn nothing_is_shown_of_nothing() {
    for text in
        ["|", "// den|se", "train { epochs = 1|0 }", "title \"den|se\"", "model m { x -> unk|nown(3) }"]
    {
        assert_eq!(shown(Fixture::new(text)), None, "{text}");
    }
}
