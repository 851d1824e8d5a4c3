//! Early stopping: what no fixture of Keras has.

use kiln_library::early_stopping::{ARGS, EarlyStopping, Verdict};
use kiln_library::{Value, registry};

fn rule(patience: i64) -> EarlyStopping {
    let mut args = registry::defaults_of(ARGS);
    args.set("patience", Value::Int(patience));
    EarlyStopping::new(&args, false)
}

#[test]
fn a_loss_that_is_not_a_number_is_never_the_best_and_stops_in_time() {
    let mut stopping = rule(2);
    assert_eq!(stopping.epoch(f64::NAN), Verdict { best: false, stop: false });
    assert_eq!(stopping.best(), None);
    assert_eq!(stopping.epoch(3.0), Verdict { best: true, stop: false });
    assert_eq!(stopping.epoch(f64::NAN), Verdict { best: false, stop: false });
    assert_eq!(stopping.epoch(f64::INFINITY), Verdict { best: false, stop: true });
    assert_eq!(stopping.best(), Some((1, 3.0)));
}

#[test]
fn the_first_epoch_never_stops() {
    let mut stopping = rule(0);
    assert!(!stopping.epoch(f64::NAN).stop);
    assert!(stopping.epoch(f64::NAN).stop);
}

#[test]
fn a_replayed_history_gives_the_same_state() {
    let losses = [1.0, 0.9, 0.95, 0.8, 0.85, 0.9];
    let (mut once, mut again) = (rule(3), rule(3));
    for loss in losses {
        once.epoch(loss);
    }
    for &loss in &losses[..4] {
        again.epoch(loss);
    }
    assert_ne!(once, again);
    for &loss in &losses[4..] {
        again.epoch(loss);
    }
    assert_eq!(once, again);
}
