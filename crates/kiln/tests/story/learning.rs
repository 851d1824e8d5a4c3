//! Trainings learn, measures agree with each other, and evaluation with training.

use crate::bed::{TIED, options, spec, train, two_heads};
use kiln::How;
use kiln::record::History;
use kiln::runtime::End;

#[test]
fn losses_fall_and_metrics_agree_with_them() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    let spec = spec(&two_heads("epochs = 8", "curves"));
    let trained = train(spec.runs().next().expect("a run"), &options);
    let history = History::load(trained.folder.history_csv()).expect("a history");
    let series = |name: &str| history.series(name).unwrap_or_else(|| panic!("no series {name}"));
    for name in ["loss.out", "loss.back", "val_loss.out", "val_loss.back"] {
        let values = series(name);
        assert!(values[7] < 0.9 * values[0], "{name}: {values:?}");
    }
    assert!(series("out.accuracy")[7] > 0.6, "{:?}", series("out.accuracy"));
    assert_eq!(series("weight.back")[..3], [0.5, 1.25, 2.0]);
    // The metric `mse` is the loss `mse`, counted by the step in training and by the host in validation.
    for (metric, loss) in [("back.mse", "loss.back"), ("val_back.mse", "val_loss.back")] {
        for (a, b) in series(metric).into_iter().zip(series(loss)) {
            assert!((a - b).abs() < 1e-5 * b, "{metric} {a}, {loss} {b}");
        }
    }
    // The total is the sum of the weighted heads.
    for (i, total) in series("loss").into_iter().enumerate() {
        let sum = series("loss.out")[i] + series("weight.back")[i] * series("loss.back")[i];
        assert!((total - sum).abs() < 1e-5 * sum, "{total} {sum}");
    }
    // In validation under the last weights, 1 and 2, so that epochs can be compared.
    for (i, total) in series("val_loss").into_iter().enumerate() {
        let sum = series("val_loss.out")[i] + 2.0 * series("val_loss.back")[i];
        assert!((total - sum).abs() < 1e-5 * sum, "{total} {sum}");
    }
}

#[test]
fn evaluation_repeats_what_the_record_says() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    let spec = spec(&two_heads("epochs = 2", "curves"));
    let run = spec.runs().next().expect("a run");
    let trained = train(run, &options);
    let evaluated = run.evaluate(&options, None).expect("an evaluation");
    let recorded: Vec<(String, f64)> =
        trained.record.results.iter().map(|m| (m.name.clone(), m.value)).collect();
    assert_eq!(evaluated.measures, recorded);
    let last = run.evaluate(&options, Some(&trained.folder.model_final())).expect("an evaluation");
    let history = History::load(trained.folder.history_csv()).expect("a history");
    let value = |name: &str| last.measures.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
    for name in ["loss", "loss.out", "loss.back", "out.accuracy", "out.f1_macro", "back.mae"] {
        let series = history.series(&format!("val_{name}")).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(value(name), series.last().copied(), "{name}");
    }
}

#[test]
fn a_tied_autoencoder_learns() {
    let home = tempfile::tempdir().expect("a folder");
    let trained = train(spec(TIED).runs().next().expect("a run"), &options(home.path()));
    let history = History::load(trained.folder.history_csv()).expect("a history");
    let losses = history.series("val_loss").expect("losses");
    assert!(losses.windows(2).all(|w| w[1] < w[0]), "{losses:?}");
}

#[test]
fn early_stopping_ends_with_the_best_weights() {
    let home = tempfile::tempdir().expect("a folder");
    let options = options(home.path());
    // No epoch after the first few gains half of the loss any more.
    let stopping = "early_stopping(patience = 2, min_delta = 0.5, restore_best = true)";
    let spec = spec(&two_heads(&format!("epochs = 30\n    early_stopping = {stopping}"), "curves"));
    let trained = train(spec.runs().next().expect("a run"), &options);
    let history = History::load(trained.folder.history_csv()).expect("a history");
    let best = trained.record.best.clone().expect("a best epoch");
    let losses = history.series("val_loss").expect("losses");
    assert!(losses.len() < 30, "{losses:?}");
    assert_eq!(losses.len(), best.epoch as usize + 2, "two epochs without progress end it");
    assert_eq!((best.monitor.as_str(), best.value), ("val_loss", losses[best.epoch as usize - 1]));
    assert!(matches!(trained.how, How::Now { end: End::Early, .. }), "{:?}", trained.how);
    let read = |path| kiln::record::Weights::load(path).expect("weights").tensors;
    assert_eq!(read(trained.folder.model_final()), read(trained.folder.model()));
}
