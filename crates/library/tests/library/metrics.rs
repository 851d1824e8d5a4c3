//! Metrics against small cases counted by hand.

use crate::bed::arguments;
use kiln_library::{Accumulator, Kind, TargetKind, Value, metrics};

fn start(name: &str, cols: usize, average: Option<&str>) -> Box<dyn Accumulator> {
    let mut args = arguments(Kind::Metric, name);
    if let Some(average) = average {
        args.set("average", Value::Word(average.to_owned()));
    }
    metrics::find(name).expect("a registered metric").start(cols, &args)
}

/// Samples given as (class predicted, true class), for `cols` classes.
fn by_class(name: &str, average: Option<&str>, cols: usize, samples: &[(usize, usize)]) -> f64 {
    let mut metric = start(name, cols, average);
    for &(predicted, class) in samples {
        let row: Vec<f32> = (0..cols).map(|j| if j == predicted { 0.6 } else { 0.1 }).collect();
        metric.sample(&row, &[class as f32]);
    }
    metric.value()
}

#[track_caller]
fn assert_value(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-12, "{got} is not {want}");
}

#[test]
fn no_sample_gives_zero() {
    for metric in metrics::all() {
        assert_eq!(start(metric.name(), 3, None).value(), 0.0, "{}", metric.name());
    }
}

#[test]
fn perfect_predictions_give_the_best_value() {
    for metric in metrics::all() {
        let mut counted = start(metric.name(), 3, None);
        for class in 0..3 {
            let row: Vec<f32> = (0..3).map(|j| f32::from(u8::from(j == class))).collect();
            match metric.target() {
                TargetKind::Class => counted.sample(&row, &[class as f32]),
                TargetKind::Values => counted.sample(&row, &row),
            }
        }
        assert_value(counted.value(), if metric.higher_is_better() { 1.0 } else { 0.0 });
    }
}

/// Class 0: 2 samples, 3 predictions, 2 right. Class 1: 2 samples, 1 prediction, 1 right.
/// Class 2: 1 sample, never predicted. Class 3: predicted once, no sample. Class 4: neither.
const SAMPLES: [(usize, usize); 5] = [(0, 0), (0, 0), (0, 1), (1, 1), (3, 2)];

#[test]
fn classes_without_predictions_or_samples_count_as_zero_or_not_at_all() {
    let (p, r, f) = ([2.0 / 3.0, 1.0, 0.0, 0.0], [1.0, 0.5, 0.0, 0.0], [0.8, 2.0 / 3.0, 0.0, 0.0]);
    for (name, score) in [("precision", p), ("recall", r), ("f1", f)] {
        let macro_mean = score.iter().sum::<f64>() / 4.0;
        let weighted = (2.0 * score[0] + 2.0 * score[1] + score[2]) / 5.0;
        assert_value(by_class(name, Some("macro"), 5, &SAMPLES), macro_mean);
        assert_value(by_class(name, Some("weighted"), 5, &SAMPLES), weighted);
        assert_value(by_class(name, Some("micro"), 5, &SAMPLES), 0.6);
        assert_value(by_class(name, None, 5, &SAMPLES), macro_mean);
    }
    assert_value(by_class("accuracy", None, 5, &SAMPLES), 0.6);
}

#[test]
fn ties_and_numbers_that_are_none_have_a_rule() {
    let mut accuracy = start("accuracy", 3, None);
    accuracy.sample(&[0.5, 0.5, 0.0], &[0.0]);
    accuracy.sample(&[0.5, 0.5, 0.0], &[1.0]);
    accuracy.sample(&[f32::NAN, 0.1, 0.2], &[2.0]);
    accuracy.sample(&[f32::NAN; 3], &[0.0]);
    assert_value(accuracy.value(), 0.75);

    let mut args = arguments(Kind::Metric, "top_k");
    args.set("k", Value::Int(2));
    let mut top = metrics::find("top_k").expect("a registered metric").start(4, &args);
    top.sample(&[0.4, 0.3, 0.2, 0.1], &[1.0]);
    top.sample(&[0.4, 0.3, 0.2, 0.1], &[2.0]);
    top.sample(&[0.4, 0.3, 0.3, 0.1], &[2.0]);
    top.sample(&[0.4, 0.3, 0.2, f32::NAN], &[3.0]);
    assert_value(top.value(), 0.5);
}

#[test]
fn a_class_that_is_no_column_is_wrong_and_harmless() {
    for name in ["accuracy", "top_k", "precision", "recall", "f1"] {
        let mut metric = start(name, 2, None);
        for class in [7.0, -1.0, f32::NAN, f32::INFINITY] {
            metric.sample(&[0.9, 0.1], &[class]);
        }
        metric.sample(&[], &[]);
        assert_eq!(metric.value(), 0.0, "{name}");
    }
}

#[test]
fn errors_are_averaged_over_elements_and_samples() {
    for (name, want) in [("mse", (1.0 + 0.0 + 4.0 + 0.25) / 4.0), ("mae", (1.0 + 0.0 + 2.0 + 0.5) / 4.0)] {
        let mut metric = start(name, 2, None);
        metric.sample(&[1.0, 2.0], &[0.0, 2.0]);
        metric.sample(&[-1.0, 0.5], &[1.0, 0.0]);
        assert_value(metric.value(), want);
    }
}
