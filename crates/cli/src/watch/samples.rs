//! Runs for tests: two heads, losses that fall.

use crate::watch::state::RunState;
use kiln::record::{
    Best, DataRecord, Epoch, FORMAT, History, Host, Measure, Parameters, Position, RunRecord, Status,
};

const NAMES: [&str; 10] = [
    "loss",
    "loss.decoder",
    "loss.classifier",
    "decoder.mse",
    "classifier.accuracy",
    "val_loss",
    "val_loss.decoder",
    "val_loss.classifier",
    "val_decoder.mse",
    "val_classifier.accuracy",
];

fn record(epochs: u32) -> RunRecord {
    RunRecord {
        format: FORMAT,
        kiln: "0.1.0".into(),
        spec: "exp06".into(),
        title: "Exp06: classifier and decoder on one code".into(),
        label: "batch=128".into(),
        sweep: vec![("train.batch".into(), "128".into())],
        content: "ea897d2b30c159b2".into(),
        source: String::new(),
        resolved: String::new(),
        summary: String::new(),
        network: kiln::record::Network::default(),
        sections: Vec::new(),
        data: DataRecord {
            name: "letters".into(),
            fingerprint: "f".into(),
            train_rows: 11_200,
            test_rows: 2_800,
            classes: Vec::new(),
            fields: Vec::new(),
        },
        seed: 1,
        batch: 128,
        epochs,
        host: Host::default(),
        command: String::new(),
        started: 0,
        finished: None,
        heads: Vec::new(),
        parameters: Parameters::default(),
        status: Status::Running,
        best: None,
        results: Vec::new(),
    }
}

fn history(epochs: u32) -> History {
    let row = |epoch: u32| {
        let n = f64::from(epoch);
        let values = [0.9, 0.2, 0.7, 0.05, -0.4, 1.0, 0.25, 0.75, 0.06, -0.35];
        let values = values.map(|scale: f64| if scale < 0.0 { 1.0 + scale / n } else { scale / n }).to_vec();
        Epoch { epoch, seconds: 2.0, samples_per_second: 5600.0, rate: 1e-3, values }
    };
    History { names: NAMES.map(str::to_owned).to_vec(), epochs: (1..=epochs).map(row).collect() }
}

/// A run that has finished.
pub(crate) fn run(epochs: u32) -> RunState {
    let mut record = record(epochs);
    record.status = Status::Finished;
    record.best = Some(Best { epoch: epochs, monitor: "val_loss".into(), value: 1.0 / f64::from(epochs) });
    RunState {
        name: record.label.clone(),
        folder: format!("runs/exp06/{}", record.content),
        record: Some(record),
        history: history(epochs),
        ..RunState::default()
    }
}

/// A run that is trained: `done` epochs of two seconds, and half of the next.
pub(crate) fn training(epochs: u32, done: u32) -> RunState {
    let position = Position {
        format: FORMAT,
        epoch: done + 1,
        step: 44,
        steps: 88,
        seconds: 1.0,
        rows: 5632,
        validating: false,
        values: vec![Measure { name: "loss".into(), value: 0.4 }],
        best: (done > 1).then_some(2),
    };
    let record = record(epochs);
    RunState {
        name: record.label.clone(),
        folder: format!("runs/exp06/{}", record.content),
        record: Some(record),
        history: history(done),
        position: Some(position),
        written: true,
        problems: Vec::new(),
    }
}
