//! The words of the language that are no items of the library, each with what it means: keywords, keys of
//! `train` and `data`, sources and splits, sections of the report, weights of losses.
//!
//! In: nothing; these are tables. Out: what editors and references show of a word.
//!
//! Invariant, checked by the tests: what the checker takes is here, and nothing else is.
//!
//! Not here: layers, activations, losses … and their arguments (crate `library`).

/// A keyword that begins a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The word.
    pub name: &'static str,
    /// The line as it is written.
    pub form: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// A key or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// As it is written before `=`.
    pub name: &'static str,
    /// What it takes, with its range.
    pub takes: &'static str,
    /// The default as it is written; empty where there is none.
    pub default: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// Something with arguments that is no item of the library: a source, a split, a section, a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its arguments.
    pub args: &'static [Key],
}

const fn word(name: &'static str, form: &'static str, doc: &'static str) -> Keyword {
    Keyword { name, form, doc }
}

const fn key(name: &'static str, takes: &'static str, default: &'static str, doc: &'static str) -> Key {
    Key { name, takes, default, doc }
}

const fn form(name: &'static str, doc: &'static str, args: &'static [Key]) -> Form {
    Form { name, doc, args }
}

/// What begins an item at the top of a file.
pub const ITEMS: &[Keyword] = &[
    word("kiln", "kiln 1", "The version of the language, on the first line; may be left out."),
    word("title", "title \"…\"", "What the report calls the experiment."),
    word("use", "use \"path.model\"", "Takes in the items of another file, relative to this one."),
    word("data", "data NAME { … }", "A data set: where samples come from, and their fields."),
    word("block", "block NAME(PARAMETERS) = LAYER -> LAYER", "Layers to be used again."),
    word("model", "model NAME(PARAMETERS) { … }", "A network with its losses."),
    word("train", "train { … }", "How the model is trained."),
    word("report", "report { … }", "What is shown of the runs."),
];

/// What begins a statement of a model.
pub const STATEMENTS: &[Keyword] = &[
    word("input", "input NAME: [784]", "A field of the data that flows into layers; extents of one sample."),
    word(
        "target",
        "target NAME: class(11)",
        "A field that is only compared with: a class label, or numbers `[10]`.",
    ),
    word(
        "stack",
        "stack NAME(VALUE) { … }",
        "Layers under one name; as a value, the output of the last one.",
    ),
    word(
        "loss",
        "loss HEAD: LOSS(TARGET) * WEIGHT",
        "The head is compared with the target, and learns from it.",
    ),
    word(
        "metric",
        "metric HEAD: METRIC, METRIC",
        "Reported of a head that has a loss; nothing learns from it.",
    ),
];

/// `class(11)`: the kind of a target.
pub const CLASS: Keyword = word("class", "class(11)", "The index of one of so many classes.");

/// `sweep [A, B]` in place of a value.
pub const SWEEP: Keyword =
    word("sweep", "sweep [A, B]", "One run for each of these values; several sweeps multiply.");

/// Keys of `train`.
pub const TRAIN: &[Key] = &[
    key(
        "model",
        "a model, with its parameters: `mlp(drop = 0.3)`",
        "the only one of the main file",
        "What is trained.",
    ),
    key("data", "a data set", "the only one", "What it learns from."),
    key("optimizer", "an optimizer: `adam(rate = 1e-3)`", "", "How parameters follow their gradients."),
    key(
        "schedule",
        "a schedule: `cosine()`",
        "constant",
        "The rate over time; it starts from the optimizer's rate.",
    ),
    key("rate", "a schedule: `cosine()`", "constant", "Another name for `schedule`."),
    key("epochs", "a whole number from 1 to 1000000", "", "Passes over the training data."),
    key(
        "batch",
        "a whole number from 1 up",
        "32",
        "Samples of one step; the last step of an epoch may have fewer.",
    ),
    key(
        "seed",
        "a whole number from 0 up",
        "0",
        "Of the initial parameters, the order of the samples, dropout and noise.",
    ),
    key("shuffle", "`true` or `false`", "true", "Samples come in a new order each epoch."),
    key(
        "validation",
        "`test`, `none`, or a part of the training data such as `10%`",
        "test",
        "What is measured after each epoch.",
    ),
    key("early_stopping", "`early_stopping(patience = 5)`", "none", "When to stop before the last epoch."),
];

/// Keys of `data` that are no fields.
pub const DATA: &[Key] = &[
    key("source", "`glyphs(…)`, `idx(…)` or `parquet(…)`", "", "Where samples come from."),
    key(
        "split",
        "`stratified(…)`, `random(…)`, `given` or `all`",
        "given, where the source has test files",
        "How samples are divided into training and test.",
    ),
];

/// What a field of a data set is made from.
pub const PARTS: &[Keyword] = &[
    word("pixels", "pixels / 255", "The numbers of a sample, scaled and shifted by numbers."),
    word("class", "class", "The number of the sample's class, from 0."),
];

const SEED: Key = key("seed", "a whole number from 0 up", "0", "Of the choice.");
const PARTS_OF_WHOLE: &[Key] = &[
    key("train", "a part above 0% and below 100%", "80%, or the rest", "Part of the whole for training."),
    key("test", "a part above 0% and below 100%", "20%, or the rest", "Part of the whole for testing."),
    SEED,
];

/// Where samples come from.
pub const SOURCES: &[Form] = &[
    form(
        "glyphs",
        "The built-in generator of handwriting-like letters: 28 × 28 = 784 grey pixels each.",
        &[
            key(
                "classes",
                "a range such as `\"P\"..\"Z\"`, or a list, at least two letters",
                "",
                "The letters that are drawn, one a class.",
            ),
            key("samples", "a whole number from 1 to 10000000", "14_000", "How many in all."),
            key("seed", "a whole number from 0 up", "7", "Of the generator."),
        ],
    ),
    form(
        "idx",
        "Images and labels as MNIST has them, plain or gzipped; paths in the data folder.",
        &[
            key("images", "a file in quotes", "", "The images."),
            key("labels", "a file in quotes", "none", "Their labels."),
            key(
                "test_images",
                "a file in quotes",
                "none",
                "Images of the test part, if it has files of its own.",
            ),
            key("test_labels", "a file in quotes", "none", "Labels of the test part."),
            key(
                "classes",
                "a range such as `15..25`, or a list, at least two labels",
                "all",
                "The labels that are taken, the first becoming class 0.",
            ),
            key(
                "names",
                "a range such as `\"0\"..\"9\"`, or a list",
                "the labels",
                "Names of the classes, in their order.",
            ),
        ],
    ),
    form(
        "parquet",
        "Tables with columns of pixels and perhaps one of labels; paths in the data folder.",
        &[
            key("files", "a file in quotes, or a list of them", "", "The files, read one after the other."),
            key(
                "test_files",
                "a file in quotes, or a list of them",
                "none",
                "Files of the test part, if it has its own.",
            ),
            key("label", "a column in quotes", "none", "The column of the labels."),
            key(
                "pixels",
                "a range of columns such as `\"1\"..\"784\"`, or a list of names",
                "",
                "The columns of the pixels.",
            ),
            key(
                "classes",
                "a range such as `15..25`, or a list, at least two labels",
                "all",
                "The labels that are taken, the first becoming class 0.",
            ),
            key(
                "names",
                "a range such as `\"P\"..\"Z\"`, or a list",
                "the labels",
                "Names of the classes, in their order.",
            ),
        ],
    ),
];

/// How samples are divided.
pub const SPLITS: &[Form] = &[
    form("stratified", "Each class is divided in the same proportion.", PARTS_OF_WHOLE),
    form("random", "All samples together are divided.", PARTS_OF_WHOLE),
    form("given", "The source's own test files.", &[]),
    form("all", "Everything is for training; nothing is tested.", &[]),
];

const HEAD: Key = key("head", "a head", "every head that fits", "What is shown.");
const COLUMNS: &str = "a whole number from 1 to 100000";

/// Sections of the report.
pub const SECTIONS: &[Form] = &[
    form("table", "The model's table.", &[]),
    form(
        "curves",
        "Losses and metrics by epoch.",
        &[key("log", "`true` or `false`", "false", "Logarithmic losses.")],
    ),
    form(
        "classification",
        "Precision, recall and F1 of each class.",
        &[HEAD, key("digits", "a whole number from 1 to 9", "2", "Decimals shown.")],
    ),
    form(
        "confusion",
        "Which class was taken for which.",
        &[HEAD, key("normalize", "`true` or `false`", "false", "Rows are divided by their sums.")],
    ),
    form(
        "reconstructions",
        "Originals over reconstructions.",
        &[
            HEAD,
            key("columns", COLUMNS, "10", "Samples shown."),
            key(
                "which",
                "`first`, `classes`, `extremes`, `worst` or `best`",
                "first",
                "The first samples or some of each class, and then the worst and the best; or only these.",
            ),
        ],
    ),
    form(
        "manifold",
        "A value of many dimensions on a plane.",
        &[
            key("head", "a value of the model", "", "What is shown."),
            key("method", "`tsne`, `pca` or `umap`", "tsne", "How points are laid on the plane."),
            key("color", "a field of class labels", "the only one", "The field that gives the colours."),
            key("samples", COLUMNS, "2000", "At most so many points."),
        ],
    ),
    form(
        "weights",
        "A layer's kernel as tiles.",
        &[
            key("head", "a layer with a kernel", "the first", "The layer."),
            key("columns", COLUMNS, "16", "Tiles in a row."),
            key("tiles", COLUMNS, "64", "At most so many tiles."),
        ],
    ),
];

/// Factors of a loss, beside plain numbers.
pub const WEIGHTS: &[Form] = &[
    form(
        "ramp",
        "Grows or falls by equal steps, one an epoch, then stays: `ramp(0.1 -> 1.0, epochs = 10)`.",
        &[key("epochs", "a whole number from 1 up", "", "Epochs until the second number is reached.")],
    ),
    form("learned", "exp(−s) · loss + s, where s is learned with the network (Kendall et al., 2018).", &[]),
];

/// `early_stopping(…)`; its arguments are `kiln_library::early_stopping::ARGS`.
pub const EARLY_STOPPING: Form = form("early_stopping", "Ends a training that no longer improves.", &[]);

/// Words that `monitor` takes beside `head.loss` and `head.metric`.
pub const MONITORS: &[Keyword] = &[
    word("val_loss", "val_loss", "The total loss on the validation data."),
    word("loss", "loss", "The total loss on the training data."),
    word("val_metric", "val_metric", "The first metric, on the validation data."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check, load_text};
    use std::collections::BTreeSet;

    fn names(list: &[Form]) -> BTreeSet<&'static str> {
        list.iter().map(|f| f.name).collect()
    }

    fn set(list: &[&'static str]) -> BTreeSet<&'static str> {
        list.iter().copied().collect()
    }

    #[test]
    fn the_tables_are_those_of_the_checker() {
        let keys = |list: &[Key]| list.iter().map(|k| k.name).collect::<BTreeSet<_>>();
        assert_eq!(keys(TRAIN), set(crate::check::TRAIN_KEYS));
        assert_eq!(keys(DATA), set(crate::check::DATA_KEYS));
        assert_eq!(names(SOURCES), set(crate::check::SOURCES));
        assert_eq!(names(SPLITS), set(crate::check::SPLITS));
        assert_eq!(names(SECTIONS), set(crate::check::SECTIONS));
    }

    /// What the checker says of an argument that nobody has: the names that there are.
    fn arguments_said(form: &str, source: &str, split: &str, section: &str) -> Vec<String> {
        let text = format!(
            "data d {{\n source = {source}\n split = {split}\n x = pixels\n y = class\n}}\n\
             model m {{\n input x: [784]\n target y: class(2)\n x -> h: dense(784, sigmoid)\n x -> c: dense(2, softmax)\n\
             loss h: mse(x)\n loss c: cross_entropy(y)\n}}\n\
             train {{ optimizer = adam()  epochs = 1 }}\nreport {{ {section} }}\n"
        );
        let loaded = load_text("t.model", &text, &mut |_| Err("none".into()));
        let said = check(&loaded).diagnostics;
        let message = format!("`{form}` has no argument `zzzzzzzzzzzz`");
        let found = said.iter().find(|d| d.message == message);
        let hints = found.map(|d| d.hints.join(" ")).unwrap_or_else(|| panic!("{form}: {said:?}"));
        if hints.contains("takes no arguments") {
            return Vec::new();
        }
        hints.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn words_are_those_of_the_checker() {
        for form in SECTIONS {
            for key in form.args.iter().filter(|k| matches!(k.name, "which" | "method")) {
                let text = format!(
                    "model m {{\n input x: [4]\n x -> h: dense(4)\n loss h: mse(x)\n}}\n\
                     train {{ optimizer = adam()  epochs = 1 }}\nreport {{ {}(h, {} = zzzzzzzzzz) }}\n",
                    form.name, key.name
                );
                let said = check(&load_text("t.model", &text, &mut |_| Err("none".into()))).diagnostics;
                let labels = said.iter().flat_map(|d| &d.labels).map(|l| l.text.clone());
                let label =
                    labels.filter_map(|l| l.strip_prefix("expected one of ").map(str::to_owned)).next();
                let label = label.unwrap_or_else(|| panic!("{}: {said:?}", key.name));
                let taken: BTreeSet<&str> = label.split(", ").collect();
                assert_eq!(taken, key.takes.split('`').skip(1).step_by(2).collect(), "{}", key.name);
            }
        }
    }

    #[test]
    fn arguments_are_those_of_the_checker() {
        let (source, split, section) = ("glyphs(classes = \"A\"..\"B\")", "all", "curves");
        let given = "zzzzzzzzzzzz = 1";
        for (list, kind) in [(SOURCES, 0), (SPLITS, 1), (SECTIONS, 2)] {
            for form in list {
                let call = format!("{}({given})", form.name);
                let with_value = format!("{}(h, {given})", form.name);
                let said = match kind {
                    0 => arguments_said(form.name, &call, split, section),
                    1 => arguments_said(form.name, source, &call, section),
                    _ if form.args.first().is_some_and(|a| a.name == "head") => {
                        let with_value = with_value.replace(
                            "(h",
                            if form.name == "classification" || form.name == "confusion" {
                                "(c"
                            } else {
                                "(h"
                            },
                        );
                        arguments_said(form.name, source, split, &with_value)
                    }
                    _ => arguments_said(form.name, source, split, &call),
                };
                // The value is taken before the other arguments are looked at.
                let taken = |k: &&Key| kind != 2 || k.name != "head";
                let known: Vec<&str> = form.args.iter().filter(taken).map(|k| k.name).collect();
                let (said, known): (BTreeSet<&str>, BTreeSet<&str>) =
                    (said.iter().map(String::as_str).collect(), known.into_iter().collect());
                assert_eq!(said, known, "{}", form.name);
            }
        }
    }
}
