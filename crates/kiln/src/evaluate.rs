//! Evaluating weights: measures and predictions on the test rows.

use crate::compile::{Purpose, compile};
use crate::contradiction::placed;
use crate::error::Error;
use crate::options::Options;
use crate::predictions;
use crate::settings;
use crate::spec::Run;
use crate::train::folder;
use kiln_data::Dataset;
use kiln_model::Model;
use kiln_record::{HeadRecord, Predictions, Weights};
use kiln_runtime::{Evaluation, RuntimeError, Session};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What an evaluation found.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// `loss`, `loss.<head>` …, `<head>.<metric>` …, each with its value.
    pub measures: Vec<(String, f64)>,
    /// Predictions of class heads, of what the report shows, and what was true.
    pub predictions: Predictions,
    /// The heads, in the spec's order, then values that only the report reads.
    pub heads: Vec<HeadRecord>,
    /// The data.
    pub data: Arc<Dataset>,
    /// The weights.
    pub weights: PathBuf,
    /// After which epoch they were saved; 0 where the file does not say.
    pub epoch: u32,
    /// Seconds of the evaluation alone.
    pub seconds: f64,
}

impl Run<'_> {
    /// Evaluates weights on the test rows: those in `weights`, or those of the run's best epoch.
    ///
    /// # Errors
    /// Data or weights cannot be read, or do not fit the model; there are no test rows.
    pub fn evaluate(&self, options: &Options, weights: Option<&Path>) -> Result<Evaluated, Error> {
        self.evaluate_on(options, weights).map_err(|error| placed(self, error))
    }

    fn evaluate_on(&self, options: &Options, weights: Option<&Path>) -> Result<Evaluated, Error> {
        let model = self.model();
        let data = options.data.load(&model.data)?;
        let path = weights.map_or_else(|| folder(self, options, &data).model(), Path::to_path_buf);
        let weights = Weights::load(&path)?;
        let epoch = weights.epoch;
        let mut session = compile(model, Purpose::Evaluation, options.isa)?;
        session.set_weights(weights.tensors)?;
        let begun = Instant::now();
        let found = test(&mut session, model, &data, options.threads)?;
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Evaluated {
            predictions: predictions::predictions(model, &data, &data.test, &found),
            measures: found.measures,
            heads: crate::recorded::heads(self),
            data,
            weights: path,
            epoch,
            seconds,
        })
    }
}

/// The session's weights on the test rows.
pub(crate) fn test(
    session: &mut Session,
    model: &Model,
    data: &Dataset,
    threads: usize,
) -> Result<Evaluation, Error> {
    if data.test.is_empty() {
        return Err(RuntimeError::NoRows { data: data.name.clone(), purpose: "to test on" }.into());
    }
    let outputs = predictions::outputs(model);
    let heads = settings::heads(model);
    let last = model.train.epochs.saturating_sub(1);
    Ok(kiln_runtime::evaluate(session, (data, &data.test), &heads, &outputs, last, threads)?)
}
