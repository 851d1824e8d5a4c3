//! Small specs on few of the built-in letters.

use kiln::data::Paths;
use kiln::{Datasets, Options, Run, Spec, Trained, runtime::Silent};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A classifier and an autoencoder on one code; `train` and `report` are the text within their braces.
pub(crate) fn two_heads(train: &str, report: &str) -> String {
    format!(
        r#"
title "Two heads"
data few {{
    source = glyphs(classes = "P".."S", samples = 240, seed = 3)
    split  = stratified(train = 75%, test = 25%, seed = 1)
    image  = pixels / 255
    label  = class
}}
model small {{
    input  image: [784]
    target label: class(4)
    image -> dense(24, relu) -> dropout(0.1) -> code: dense(10, relu)
    code -> out: dense(4, softmax)
    code -> back: dense(784, sigmoid)
    loss out: cross_entropy(label)
    loss back: mse(image) * ramp(0.5 -> 2.0, epochs = 2)
    metric out: accuracy, f1(macro)
    metric back: mae, mse
}}
train {{
    data = few
    optimizer = adam(rate = 5e-3)
    batch = 32
    seed = 2
    {train}
}}
report {{ {report} }}
"#
    )
}

/// The autoencoder of experiment 11 in small: both stacks share their kernels.
pub(crate) const TIED: &str = r#"
data few {
    source = glyphs(classes = "P".."S", samples = 240, seed = 3)
    split  = stratified(train = 75%, test = 25%, seed = 1)
    image  = pixels / 255
    label  = class
}
model tied {
    input image: [784]
    stack encoder(image) {
        enc1: dense(40, relu)
        code: dense(9, relu)
    }
    stack decoder(encoder) {
        dec1: dense(tie = code.T, relu)
        out:  dense(tie = enc1.T, sigmoid)
    }
    loss decoder: binary_cross_entropy(image)
}
train {
    data = few
    optimizer = adam(rate = 5e-3)
    epochs = 4
    batch = 20
    seed = 1
}
report { curves  manifold(encoder, method = pca, color = label) }
"#;

pub(crate) fn spec(text: &str) -> Spec {
    Spec::parse("small", text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn options(runs: &Path) -> Options {
    Options {
        runs: runs.to_path_buf(),
        data: Datasets::new(Paths::default()),
        threads: 2,
        checkpoint_every: Duration::ZERO,
        ..Options::default()
    }
}

pub(crate) fn train(run: Run<'_>, options: &Options) -> Trained {
    run.train(options, &mut Silent, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}
