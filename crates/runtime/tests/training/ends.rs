//! How a training ends before its last epoch.

use crate::bed::{data, session, settings};
use kiln_runtime::{End, Event, Monitor, Outcome, RateContext, Session, Settings, Silent, Verdict, fit};
use std::sync::atomic::AtomicBool;

fn train(session: &mut Session, settings: &Settings) -> Outcome {
    let data = data();
    let rows = (&data, &data.train[..], &data.test[..]);
    fit(session, rows, settings, None, &mut Silent, &AtomicBool::new(false)).expect("a training")
}

#[test]
fn a_loss_that_is_no_number_names_head_epoch_and_remedy() {
    // From the second epoch on (5 batches of at most 37 in 150 samples) every step destroys the weights.
    let rate = |cx: RateContext<'_>| if cx.step < 5 { 0.1 } else { f64::NAN };
    let outcome = train(&mut session(None), &Settings { rate: Box::new(rate), ..settings(4) });
    let End::Diverged(why) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!((why.head.as_deref(), why.epoch, why.step), (Some("out"), 2, Some(2)));
    let text = why.to_string();
    assert!(text.starts_with("the loss of `out` became NaN in epoch 2, step 2;"), "{text}");
    assert!(text.contains("rate") && text.contains("clip_norm"), "{text}");
    assert_eq!(outcome.history.epochs.len(), 1);
    let best = outcome.best.expect("a best epoch");
    assert_eq!(best.epoch, 1);
    assert!(outcome.best_weights.iter().all(|t| t.data.iter().all(|x| x.is_finite())));
}

#[test]
fn stopping_ends_and_the_best_weights_come_back() {
    // The third epoch is worse on purpose: its rate climbs the loss.
    let rate = |cx: RateContext<'_>| if cx.step < 10 { 0.3 } else { -3.0 };
    let stopping = |values: &[f64]| {
        let (last, before) = values.split_last().expect("a value");
        let best = before.iter().all(|v| last < v);
        Verdict { best, stop: !best }
    };
    let settings = |restore_best| Settings {
        rate: Box::new(rate),
        stopping: Some(Box::new(stopping)),
        restore_best,
        monitor: Some(Monitor { series: "val_loss.out".into(), higher_is_better: false }),
        ..settings(9)
    };
    let mut kept = session(None);
    let outcome = train(&mut kept, &settings(false));
    assert_eq!((outcome.end, outcome.epochs), (End::Early, 3));
    let best = outcome.best.expect("a best epoch");
    assert_eq!((best.epoch, best.monitor.as_str()), (2, "val_loss.out"));
    assert_eq!(Some(best.value), outcome.history.series("val_loss.out").map(|s| s[1]));
    assert_ne!(kept.weights(), outcome.best_weights);

    let mut restored = session(None);
    let outcome = train(&mut restored, &settings(true));
    assert_eq!(restored.weights(), outcome.best_weights);
}

#[test]
fn progress_hears_of_every_epoch() {
    let data = data();
    let mut heard = Vec::new();
    let mut progress = |event: Event<'_>| {
        heard.push(match event {
            Event::Started { done, epochs, rows, steps, names } => {
                format!("started {done}/{epochs} {rows} {steps} {}", names.join(" "))
            }
            Event::Batch(b) if b.step == b.steps => format!("last batch of {} after {}", b.epoch, b.rows),
            Event::Batch(_) => return,
            Event::Validating { epoch } => format!("validating {epoch}"),
            Event::Epoch { row, names, .. } => {
                assert_eq!(row.values.len(), names.len());
                format!("epoch {}", row.epoch)
            }
            Event::Saved { epoch } => format!("saved {epoch}"),
            Event::Restored { epoch } => format!("restored {epoch}"),
        });
    };
    let rows = (&data, &data.train[..], &data.test[..]);
    let stop = AtomicBool::new(false);
    fit(&mut session(None), rows, &settings(2), None, &mut progress, &stop).expect("a training");
    let names = "loss loss.out out.accuracy weight.out val_loss val_loss.out val_out.accuracy";
    let want = [
        &format!("started 0/2 150 5 {names}"),
        "last batch of 1 after 150",
        "validating 1",
        "epoch 1",
        "last batch of 2 after 150",
        "validating 2",
        "epoch 2",
    ];
    assert_eq!(heard, want);
}
