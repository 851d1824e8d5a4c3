//! What Keras computed, read from its files (`tests/fixtures/README.md` says what they hold).

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One network.
#[derive(Deserialize)]
pub(crate) struct Fixture {
    cases: Vec<Case>,
}

/// One optimizer's ten steps.
#[derive(Deserialize)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) optimizer: String,
    /// `total` and each head: the loss before each step, in f64.
    pub(crate) losses_f64: BTreeMap<String, Vec<f64>>,
    /// `total` and each head, of batch 0 after the steps, with training off, in f64.
    pub(crate) evaluation_f64: BTreeMap<String, f64>,
    /// Weights and moving statistics after the steps, by name.
    pub(crate) tensors: Vec<Tensor>,
}

/// A weight or moving statistic after the steps, in f32.
#[derive(Deserialize)]
pub(crate) struct Tensor {
    /// `layer.role`
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// √Σw²
    pub(crate) l2: f64,
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// The largest difference of any entry from the f64 run.
    pub(crate) f64_difference: f64,
    /// Those of [`crate::formula::sampled_indices`].
    pub(crate) entries: Vec<f64>,
}

impl Fixture {
    /// The case of an optimizer.
    pub(crate) fn case(&self, optimizer: &str) -> &Case {
        self.cases.iter().find(|c| c.optimizer == optimizer).expect("a case of each optimizer")
    }
}

/// Reads an experiment's file.
pub(crate) fn read(experiment: &str) -> Fixture {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/training");
    let text =
        std::fs::read_to_string(folder.join(format!("{experiment}.json"))).expect("the fixture is there");
    serde_json::from_str(&text).expect("a fixture is JSON of this form")
}
