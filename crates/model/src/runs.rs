//! Runs: every combination of a spec's sweeps, each a fully resolved model.

use crate::check::sweep;
use crate::model::Model;
use kiln_diag::Sources;

/// A checked spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Its title.
    pub title: String,
    /// What is swept, in the order of the text.
    pub axes: Vec<Axis>,
    /// One for each combination, the last axis changing fastest; one where nothing is swept.
    pub runs: Vec<Run>,
}

/// A swept value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The key or argument: `batch`, `optimizer.rate`.
    pub key: String,
    /// The values as written.
    pub values: Vec<String>,
}

/// One combination of swept values.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// `batch=128, optimizer.rate=1e-3`; empty where nothing is swept.
    pub label: String,
    /// The value of each axis, as written.
    pub values: Vec<String>,
    /// What is trained.
    pub model: Model,
}

impl Axis {
    pub(crate) fn new(axis: &sweep::Axis, sources: &Sources) -> Axis {
        let values = axis.values.iter().map(|&span| sources.snippet(span).trim().to_owned());
        Axis { key: axis.key.clone(), values: values.collect() }
    }
}

impl Run {
    pub(crate) fn new(model: Model, axes: &[Axis], picks: &[usize]) -> Run {
        let values: Vec<String> = axes.iter().zip(picks).map(|(a, &i)| a.values[i].clone()).collect();
        let named = axes.iter().zip(&values).map(|(a, v)| format!("{}={v}", a.key));
        Run { label: named.collect::<Vec<_>>().join(", "), values, model }
    }

    /// What determines the run's numbers, as one canonical line; its hash names the run's folder.
    pub fn content(&self) -> String {
        self.model.content()
    }
}
