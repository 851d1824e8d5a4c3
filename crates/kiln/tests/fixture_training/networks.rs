//! The three networks as specs, with the layers' names of the fixtures; no dropout.
//!
//! Out: resolved models. Rates are said; every other number is the library's default, so that the
//! comparison holds the defaults to Keras' too.

use kiln_model::{Model, check, load_text};

/// A network of the fixtures.
pub(crate) struct Network {
    /// The fixture's name.
    pub(crate) experiment: &'static str,
    /// The model, without data and training.
    text: &'static str,
}

/// An optimizer of the fixtures.
pub(crate) struct Optimizer {
    /// As in the fixture.
    pub(crate) name: &'static str,
    /// As in a spec.
    text: &'static str,
}

/// The four of each fixture.
pub(crate) const OPTIMIZERS: &[Optimizer] = &[
    Optimizer { name: "sgd", text: "sgd(rate = 0.01)" },
    Optimizer { name: "momentum", text: "sgd(rate = 0.01, momentum = 0.9)" },
    Optimizer { name: "adam", text: "adam(rate = 1e-3)" },
    Optimizer { name: "rmsprop", text: "rmsprop(rate = 1e-3)" },
];

/// A classifier: four times dense, relu, batch norm; softmax and cross-entropy.
pub(crate) const EXP01: Network = Network {
    experiment: "exp01",
    text: "
model network {
    input  image: [784]
    target label: class(11)
    image -> dense_77: dense(512, relu) -> batch_normalization_77: batch_norm()
          -> dense_78: dense(170, relu) -> batch_normalization_78: batch_norm()
          -> dense_79: dense(56, relu)  -> batch_normalization_79: batch_norm()
          -> dense_80: dense(18, relu)  -> batch_normalization_80: batch_norm()
          -> classifier: dense(11, softmax)
    loss classifier: cross_entropy(label)
}",
};

/// An autoencoder whose code also feeds a classifier: two heads of unequal weight.
pub(crate) const EXP06: Network = Network {
    experiment: "exp06",
    text: "
model network {
    input  image: [784]
    target label: class(11)
    image -> dense_14: dense(512, relu) -> dense_15: dense(256, relu) -> dense_16: dense(128, relu)
          -> encoder: dense(64, relu)
    encoder -> classifier: dense(11, softmax)
    encoder -> dense_17: dense(128, relu) -> dense_18: dense(256, relu) -> dense_19: dense(512, relu)
            -> decoder: dense(784, sigmoid)
    loss decoder:    mse(image)           * 1.0
    loss classifier: cross_entropy(label) * 0.5
}",
};

/// An autoencoder whose decoder has the encoder's kernels, transposed.
pub(crate) const EXP11: Network = Network {
    experiment: "exp11",
    text: "
model network {
    input image: [784]
    stack encoder(image) {
        enc1: dense(256, relu)
        enc2: dense(128, relu)
        enc3: dense(64, relu)
        code: dense(32, relu)
    }
    stack decoder(encoder) {
        dec3: dense(tie = code.T, relu)
        dec2: dense(tie = enc3.T, relu)
        dec1: dense(tie = enc2.T, relu)
        out:  dense(tie = enc1.T, sigmoid)
    }
    loss decoder: binary_cross_entropy(image)
}",
};

/// The data of all; no file is read for a model.
const DATA: &str = r#"
data images {
    source = glyphs(classes = "P".."Z", samples = 320, seed = 1)
    split  = all
    image  = pixels / 255
    label  = class
}"#;

/// The resolved model of a network trained by an optimizer.
pub(crate) fn model(network: &Network, optimizer: &Optimizer) -> Model {
    altered(network, optimizer, ("", ""))
}

/// The same with a part of the spec's text replaced.
pub(crate) fn altered(network: &Network, optimizer: &Optimizer, (part, by): (&str, &str)) -> Model {
    let Network { experiment, text } = network;
    let train = format!(
        "train {{ data = images  optimizer = {}  epochs = 1  batch = {}  seed = 0 }}",
        optimizer.text,
        crate::formula::BATCH
    );
    let name = format!("{experiment}.{}.model", optimizer.name);
    let spec = format!("{DATA}\n{text}\n{train}\n");
    assert!(spec.contains(part), "the spec has no {part}");
    let spec = if part.is_empty() { spec } else { spec.replace(part, by) };
    let loaded = load_text(&name, &spec, &mut |_| Err("uses nothing".into()));
    let checked = check(&loaded);
    let messages = kiln_diag::render(&checked.diagnostics, &loaded.sources, false);
    let mut spec = checked.spec.unwrap_or_else(|| panic!("{messages}"));
    spec.runs.remove(0).model
}
