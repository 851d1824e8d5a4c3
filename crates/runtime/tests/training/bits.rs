//! The same bits: for any number of threads, again, and after a resume.

use crate::bed::{data, session, settings};
use kiln_record::{Epoch, EventWriter, History, Position, RunFolder, Tensor};
use kiln_runtime::{End, Event, Keep, Outcome, Session, Settings, Silent, fit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn train(session: &mut Session, settings: &Settings, keep: Option<&Keep>) -> Outcome {
    let data = data();
    let rows = (&data, &data.train[..], &data.test[..]);
    fit(session, rows, settings, keep, &mut Silent, &AtomicBool::new(false)).expect("a training")
}

fn bits(tensors: &[Tensor]) -> Vec<(String, Vec<u32>)> {
    tensors.iter().map(|t| (t.name.clone(), t.data.iter().map(|x| x.to_bits()).collect())).collect()
}

/// A history without its times.
fn timeless(history: &History) -> History {
    let row = |e: &Epoch| Epoch { seconds: 0.0, samples_per_second: 0.0, ..e.clone() };
    History { names: history.names.clone(), epochs: history.epochs.iter().map(row).collect() }
}

#[test]
fn threads_change_no_bit() {
    let run = |threads| {
        let mut session = session(Some(0.3));
        let outcome = train(&mut session, &Settings { threads, ..settings(3) }, None);
        (bits(&session.all_states()), timeless(&outcome.history))
    };
    let one = run(1);
    assert!(one.0[0].1.windows(2).any(|w| w[0] != w[1]));
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn orders_follow_from_the_seed() {
    let weights = |seed, shuffle| {
        let mut session = session(None);
        train(&mut session, &Settings { seed, shuffle, ..settings(2) }, None);
        bits(&session.weights())
    };
    assert_eq!(weights(5, true), weights(5, true));
    assert_ne!(weights(5, true), weights(5, false), "the order of samples is another one");
    assert_ne!(weights(5, true), weights(6, true));
}

fn keep(folder: &std::path::Path) -> Keep {
    let folder = RunFolder::at(folder);
    Keep { folder, content: "c".into(), started: 1, every: Duration::ZERO, tensorboard: true }
}

/// Stops the training at the first batch of this epoch that is told.
fn stopped_in(epoch: u32, keep: &Keep) -> Outcome {
    let (data, stop) = (data(), AtomicBool::new(false));
    let rows = (&data, &data.train[..], &data.test[..]);
    let mut progress = |event: Event<'_>| match event {
        Event::Validating { epoch: e } if e + 1 == epoch => stop.store(true, Ordering::Relaxed),
        _ => {}
    };
    let mut session = session(Some(0.3));
    fit(&mut session, rows, &settings(6), Some(keep), &mut progress, &stop).expect("a training")
}

#[test]
fn a_resumed_training_ends_with_the_same_bytes() {
    let mut whole = session(Some(0.3));
    let outcome = train(&mut whole, &settings(6), None);
    for epoch in [2, 5] {
        let folder = tempfile::tempdir().expect("a folder");
        let keep = keep(folder.path());
        let first = stopped_in(epoch, &keep);
        assert_eq!((first.end, first.epochs), (End::Interrupted, epoch - 1));

        let mut resumed = session(Some(0.3));
        let second = train(&mut resumed, &settings(6), Some(&keep));
        assert_eq!(bits(&resumed.all_states()), bits(&whole.all_states()));
        assert_eq!(timeless(&second.history), timeless(&outcome.history));
        assert_eq!((second.best, second.steps), (outcome.best.clone(), outcome.steps));
        assert_eq!(bits(&second.best_weights), bits(&outcome.best_weights));
        let written = History::load(keep.folder.history_csv()).expect("a history");
        assert_eq!(timeless(&written), timeless(&outcome.history));
        assert!(!keep.folder.progress().exists(), "a training that has ended is nowhere");
        let events = keep.folder.tensorboard();
        let read = |folder: &std::path::Path, part: &str| {
            std::fs::read(folder.join(part).join("events.out.tfevents.kiln")).expect("events")
        };
        // Those of the same history in one go.
        let afresh = tempfile::tempdir().expect("a folder");
        EventWriter::start(afresh.path(), &second.history, keep.started).expect("events");
        for part in ["train", "validation"] {
            assert!(read(&events, part) == read(afresh.path(), part), "{part} after a stop in epoch {epoch}");
        }
    }
}

#[test]
fn where_a_training_is_can_be_read_while_it_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (keep, data, stop) = (keep(folder.path()), data(), AtomicBool::new(false));
    let mut found = None;
    let mut progress = |event: Event<'_>| {
        if let Event::Batch(batch) = event
            && found.is_none()
        {
            let position = Position::load(keep.folder.progress()).expect("a position");
            let values: Vec<f64> = position.values.iter().map(|measure| measure.value).collect();
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs();
            assert!(values.len() == batch.values.len() && values.iter().zip(batch.values).all(close));
            assert_eq!((position.step, position.steps), (batch.step as u64, batch.steps as u64));
            found = Some((position.epoch, position.rows));
        }
    };
    let mut session = session(None);
    let rows = (&data, &data.train[..], &data.test[..]);
    fit(&mut session, rows, &settings(2), Some(&keep), &mut progress, &stop).expect("a training");
    assert_eq!(found, Some((1, data.train.len() as u64)));
}

#[test]
fn a_stop_within_an_epoch_is_no_epoch() {
    let data = data();
    let rows = (&data, &data.train[..], &data.test[..]);
    let mut begun = session(None);
    // Settings own their rate, so the flag that it sets in the first step must outlive them.
    let flag: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let settings = Settings {
        rate: Box::new(|_: kiln_runtime::RateContext<'_>| {
            flag.store(true, Ordering::Relaxed);
            0.1
        }),
        ..settings(3)
    };
    let outcome = fit(&mut begun, rows, &settings, None, &mut Silent, flag).expect("a training");
    assert_eq!((outcome.end, outcome.epochs, outcome.history.epochs.len()), (End::Interrupted, 0, 0));
    let mut fresh = session(None);
    fresh.initialise(5);
    assert_ne!(bits(&begun.weights()), bits(&fresh.weights()), "what the batch taught is kept");
}
