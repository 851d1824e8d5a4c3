//! What is measured, against the same sums done by hand.

use crate::bed::{CLASSES, HIDDEN, INPUTS, data, session, settings};
use kiln_data::Dataset;
use kiln_runtime::{RateContext, Session, Settings, Silent, evaluate, fit};
use std::sync::atomic::AtomicBool;

/// Probabilities of one sample, in `f64`.
fn predict(session: &Session, data: &Dataset, row: usize) -> Vec<f64> {
    let state = |name: &str| -> Vec<f64> {
        session.state(name).expect("a state").into_iter().map(f64::from).collect()
    };
    let (a, b, c) = (state("a"), state("b"), state("c"));
    let (inputs, hidden, classes) = (INPUTS as usize, HIDDEN as usize, CLASSES as usize);
    let x: Vec<f64> = (0..inputs).map(|j| f64::from(data.fields[0].value(row, j))).collect();
    let product = |v: &[f64], m: &[f64], cols: usize, col: usize| -> f64 {
        v.iter().enumerate().map(|(i, x)| x * m[i * cols + col]).sum()
    };
    let h: Vec<f64> = (0..hidden).map(|j| product(&x, &a, hidden, j).max(0.0)).collect();
    let z: Vec<f64> = (0..classes).map(|j| product(&h, &b, classes, j) + c[j]).collect();
    let e: Vec<f64> = z.iter().map(|&z| kiln_graph::math::exp(z)).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}

/// Mean loss and accuracy over rows.
fn by_hand(session: &Session, data: &Dataset, rows: &[u32]) -> (f64, f64) {
    let (mut loss, mut right) = (0.0, 0.0);
    for &row in rows {
        let p = predict(session, data, row as usize);
        let label = data.fields[1].value(row as usize, 0) as usize;
        loss -= kiln_graph::math::log(p[label]);
        right += f64::from(u8::from(p.iter().all(|&x| x <= p[label])));
    }
    (loss / rows.len() as f64, right / rows.len() as f64)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-5 * b.abs().max(1e-3), "{a} is not {b}");
}

#[test]
fn evaluation_agrees_with_hand_computation() {
    let (data, settings) = (data(), settings(3));
    let mut session = session(None);
    let rows = (&data, &data.train[..], &data.test[..]);
    let outcome =
        fit(&mut session, rows, &settings, None, &mut Silent, &AtomicBool::new(false)).expect("a training");
    let (loss, accuracy) = by_hand(&session, &data, &data.test);
    let found =
        evaluate(&mut session, (&data, &data.test), &settings.heads, &["out"], 2, 2).expect("measures");
    close(found.measure("loss.out").expect("a loss"), loss);
    close(found.measure("loss").expect("a loss"), 1.5 * loss); // the weight of epoch 2 is 1.5
    assert_eq!(found.measure("out.accuracy"), Some(accuracy));
    assert!(accuracy > 0.7, "it has learned: {accuracy}");

    // The last row of the history is the same evaluation.
    let last = |name: &str| outcome.history.series(name).and_then(|s| s.last().copied());
    assert_eq!(last("val_loss.out"), found.measure("loss.out"));
    assert_eq!(last("val_out.accuracy"), found.measure("out.accuracy"));
    assert_eq!(last("weight.out"), Some(1.5));

    let prediction = found.prediction("out").expect("predictions");
    assert_eq!(prediction.values.len(), data.test.len() * CLASSES as usize);
    for (row, got) in data.test.iter().zip(prediction.values.chunks(CLASSES as usize)) {
        for (want, &got) in predict(&session, &data, *row as usize).into_iter().zip(got) {
            close(f64::from(got), want);
        }
    }
}

#[test]
fn means_of_an_epoch_weigh_batches_by_their_rows() {
    // At the rate 0 every batch sees the initial weights, so the epoch's mean is that of all samples,
    // though its last batch has 2 rows and the others 37.
    let data = data();
    let settings = Settings { rate: Box::new(|_: RateContext<'_>| 0.0), ..settings(1) };
    let mut session = session(None);
    let rows = (&data, &data.train[..], &[][..]);
    let outcome =
        fit(&mut session, rows, &settings, None, &mut Silent, &AtomicBool::new(false)).expect("a training");
    let (loss, accuracy) = by_hand(&session, &data, &data.train);
    let value = |name: &str| outcome.history.series(name).expect("a series")[0];
    close(value("loss.out"), loss);
    close(value("loss"), loss);
    close(value("out.accuracy"), accuracy);
    assert_eq!(outcome.history.series("val_loss"), None, "there is nothing to validate on");
    assert_eq!(outcome.best.map(|b| b.monitor), Some("loss".into()));
}

#[test]
fn rates_see_steps_and_losses() {
    let data = data();
    let seen: &'static std::sync::Mutex<Vec<(u64, usize)>> = Box::leak(Box::default());
    let rate = |cx: RateContext<'_>| {
        assert_eq!((cx.steps_per_epoch, cx.epochs), (5, 2));
        seen.lock().expect("a list").push((cx.step, cx.monitored.len()));
        0.1
    };
    let settings = Settings { rate: Box::new(rate), ..settings(2) };
    let rows = (&data, &data.train[..], &data.test[..]);
    fit(&mut session(None), rows, &settings, None, &mut Silent, &AtomicBool::new(false)).expect("a training");
    let want: Vec<(u64, usize)> = (0..10).map(|step| (step, step as usize / 5)).collect();
    assert_eq!(*seen.lock().expect("a list"), want);
}
