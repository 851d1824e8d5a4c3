//! Small values of every serialised type.
#![allow(dead_code, reason = "each test program uses some of them")]

use kiln_record::{
    Array, Best, Checkpoint, DataRecord, Epoch, FieldRecord, HeadKind, HeadRecord, History, Host, LossNode,
    LossRecord, Measure, Network, Node, Parameters, Plateau, Predictions, RunRecord, Section, Status,
    Stopping, Tensor, TieEdge, Weights,
};

/// Every kind of edge.
pub(crate) fn network() -> Network {
    let node = |name: &str, reads: &[usize], tie| Node {
        name: name.into(),
        call: format!("dense(32, relu) // {name}"),
        dims: vec![32],
        parameters: 7,
        stacks: vec!["encoder".into()],
        reads: reads.to_vec(),
        tie,
    };
    let tie = TieEdge { owner: 1, transposed: true };
    Network {
        name: "m".into(),
        nodes: vec![node("image", &[], None), node("code", &[0], None), node("out", &[1], Some(tie))],
        losses: vec![LossNode {
            node: 2,
            head: "out".into(),
            loss: "mse(image)".into(),
            weight: "1.0".into(),
        }],
    }
}

pub(crate) fn record(spec: &str) -> RunRecord {
    RunRecord {
        format: 1,
        kiln: "0.1.0".into(),
        spec: spec.into(),
        title: "Exp11: a \"tied\" autoencoder".into(),
        label: "batch=512".into(),
        sweep: vec![("train.batch".into(), "512".into())],
        content: "00ff".into(),
        source: "model m {\n    // one\r\n}".into(),
        resolved: "Model(layers: [])".into(),
        summary: "Layer (type)".into(),
        network: network(),
        sections: vec![Section {
            name: "manifold".into(),
            arguments: vec![("".into(), "encoder".into()), ("method".into(), "tsne".into())],
        }],
        data: DataRecord {
            name: "letters".into(),
            fingerprint: "abc".into(),
            train_rows: 11_200,
            test_rows: 2_800,
            classes: vec!["P".into(), "Q".into()],
            fields: vec![FieldRecord { name: "image".into(), columns: 784, picture: Some((28, 28)) }],
        },
        seed: u64::MAX,
        batch: 512,
        epochs: 30,
        host: Host::detect("avx2", 2),
        command: "kiln train".into(),
        started: 1,
        finished: Some(2),
        heads: vec![HeadRecord {
            name: "decoder".into(),
            columns: 784,
            kind: HeadKind::Value,
            loss: Some(LossRecord { name: "mse".into(), target: "image".into(), weight: "1.0".into() }),
            metrics: vec!["mae".into()],
        }],
        parameters: Parameters { trainable: 5, fixed: 2 },
        status: Status::Finished,
        best: Some(Best { epoch: 7, monitor: "val_loss".into(), value: 0.1 }),
        results: vec![Measure { name: "loss".into(), value: f64::INFINITY }],
    }
}

pub(crate) fn history() -> History {
    let row = |epoch, values| Epoch { epoch, seconds: 0.25, samples_per_second: 1e6, rate: 1e-3, values };
    History {
        names: vec!["loss".into(), "val_loss.decoder".into()],
        epochs: vec![
            row(1, vec![0.1 + 0.2, f64::NAN]),
            row(2, vec![f64::INFINITY, 5e-324]),
            row(3, vec![f64::NEG_INFINITY, -0.0]),
            row(4, vec![0.5, f64::MAX]),
        ],
    }
}

pub(crate) fn weights() -> Weights {
    Weights {
        content: "00ff".into(),
        epoch: 7,
        tensors: vec![
            Tensor::from_matrix("enc1.bias", [1, 3], vec![-0.0, f32::MAX, 1e-45]),
            Tensor::from_matrix("enc1.kernel", [2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ],
    }
}

pub(crate) fn checkpoint() -> Checkpoint {
    let mut history = history();
    history.epochs.remove(0); // NaN is unequal to itself
    Checkpoint {
        content: "00ff".into(),
        epoch: 3,
        step: 66,
        seed: 11,
        started: 5,
        history,
        best: Some(Best { epoch: 2, monitor: "val_loss".into(), value: 0.1 + 0.2 }),
        stopping: Some(Stopping { best: f64::INFINITY, waited: 1 }),
        plateau: Some(Plateau { best: 0.1, waited: 2, cooldown: 3, rate: 1e-5 }),
        states: vec![
            Tensor::from_matrix("a", [1, 2], vec![1.0, 2.0]),
            Tensor::from_matrix("a/adam.m", [1, 2], vec![0.5, 0.25]),
            Tensor::from_matrix("b", [1, 1], vec![9.0]),
        ],
        best_weights: vec![Tensor::from_matrix("a", [1, 2], vec![7.0, 8.0])],
    }
}

pub(crate) fn predictions() -> Predictions {
    Predictions {
        ids: vec![5, 9, 2],
        outputs: vec![("classifier".into(), Array::f32([3, 2], vec![0.1, 0.9, 0.8, 0.2, 0.5, 0.5]))],
        fields: vec![
            ("image".into(), Array::u8([3, 4], (0..12).collect())),
            ("label".into(), Array::i64(vec![1, 0, 1])),
        ],
    }
}
