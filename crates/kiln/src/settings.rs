//! A model's training in the words of the runtime: library items become closures and counts.

use crate::measured;
use kiln_data::Dataset;
use kiln_library::early_stopping::EarlyStopping;
use kiln_library::{Accumulator, Args, Call, registry};
use kiln_model::Model;
use kiln_model::model::{Monitor, Validation, elements};
use kiln_runtime::{Count, Counted, Head, Metric, Rate, RateContext, Settings, Stopping, Verdict, Weight};

/// How to train a model.
pub fn settings(model: &Model, threads: usize) -> Settings {
    let train = &model.train;
    let stopping = train.early_stopping.as_ref();
    Settings {
        seed: train.seed,
        epochs: train.epochs,
        shuffle: train.shuffle,
        threads,
        heads: heads(model),
        rate: rate(&train.schedule, &train.optimizer),
        monitor: stopping.map(|s| kiln_runtime::Monitor {
            series: series(&s.monitor),
            higher_is_better: s.higher_is_better,
        }),
        stopping: stopping.map(|s| stop(s.call.args.clone(), s.higher_is_better)),
        restore_best: stopping.is_some_and(|s| s.call.args.bool("restore_best")),
    }
}

/// The heads of a model, with their weights and metrics.
pub fn heads(model: &Model) -> Vec<Head> {
    let head = |h: &kiln_model::model::Head| Head {
        name: h.name.clone(),
        target: h.target.clone(),
        columns: elements(&h.dims) as usize,
        weight: weight(h.weight),
        metrics: h.metrics.iter().map(|m| metric(h, m)).collect(),
    };
    model.heads.iter().map(head).collect()
}

fn weight(weight: kiln_model::model::Weight) -> Weight {
    match weight {
        kiln_model::model::Weight::Constant(_) => Weight::Constant,
        // A ramp has a weight in every epoch.
        kiln_model::model::Weight::Ramp { .. } => {
            Weight::Given(Box::new(move |epoch| weight.at(epoch).unwrap_or(1.0)))
        }
        kiln_model::model::Weight::Learned => Weight::Learned,
    }
}

fn metric(head: &kiln_model::model::Head, metric: &kiln_model::model::Metric) -> Metric {
    let training = match measured::output(head, metric) {
        Some(output) => Counted::Output(output),
        None => samples(head, &metric.call),
    };
    Metric { name: metric.name.clone(), training, evaluation: samples(head, &metric.call) }
}

fn samples(head: &kiln_model::model::Head, call: &Call) -> Counted {
    let item = registry::find_metric(&call.name).unwrap_or_else(|| panic!("kiln: metric `{}`", call.name));
    let (columns, args) = (elements(&head.dims) as usize, call.args.clone());
    Counted::Samples(Box::new(move || Box::new(Counting(item.start(columns, &args)))))
}

/// A library's accumulator as the runtime's count.
struct Counting(Box<dyn Accumulator>);

impl Count for Counting {
    fn sample(&mut self, prediction: &[f32], target: &[f32]) {
        self.0.sample(prediction, target);
    }

    fn value(&self) -> f64 {
        self.0.value()
    }
}

fn rate(schedule: &Call, optimizer: &Call) -> Box<dyn Rate> {
    let item = registry::find_schedule(&schedule.name)
        .unwrap_or_else(|| panic!("kiln: schedule `{}`", schedule.name));
    let (base, args) = (optimizer.args.float64("rate"), schedule.args.clone());
    Box::new(move |cx: RateContext<'_>| {
        let RateContext { step, steps_per_epoch, epochs, monitored } = cx;
        item.rate(kiln_library::RateContext { base, step, steps_per_epoch, epochs, monitored }, &args)
    })
}

/// The state of early stopping is a function of the values so far, so they are told again each time.
fn stop(args: Args, higher_is_better: bool) -> Box<dyn Stopping> {
    Box::new(move |values: &[f64]| {
        let mut state = EarlyStopping::new(&args, higher_is_better);
        let mut last = Verdict { best: false, stop: false };
        for &value in values {
            let verdict = state.epoch(value);
            last = Verdict { best: verdict.best, stop: verdict.stop };
        }
        last
    })
}

/// The history's series of a monitored value.
fn series(monitor: &Monitor) -> String {
    match monitor {
        Monitor::ValidationLoss => "val_loss".to_owned(),
        Monitor::TrainingLoss => "loss".to_owned(),
        Monitor::HeadLoss { head } => format!("val_loss.{head}"),
        Monitor::Metric { head, metric } => format!("val_{head}.{metric}"),
    }
}

/// Rows to train on and to validate on.
pub fn rows<'d>(model: &Model, data: &'d Dataset) -> (&'d [u32], &'d [u32]) {
    match model.train.validation {
        Validation::Test => (&data.train, &data.test),
        Validation::Nothing => (&data.train, &[]),
        Validation::Fraction(part) => {
            // At least one row is left to train on.
            let most = data.train.len().saturating_sub(1);
            let held = ((data.train.len() as f64 * part).round() as usize).min(most);
            data.train.split_at(data.train.len() - held)
        }
    }
}
