//! Tables against scikit-learn's, character for character, and as a reader sees them.

use kiln_record::{Best, Epoch, History};
use kiln_report::tables::{Classification, Confusion, LabelError, classification_report, history_table};
use serde_json::Value;

/// Labels with these counts.
fn labels(counts: &Value) -> (Vec<usize>, Vec<usize>) {
    let (mut targets, mut predictions) = (Vec::new(), Vec::new());
    for (t, row) in counts.as_array().unwrap().iter().enumerate() {
        for (p, count) in row.as_array().unwrap().iter().enumerate() {
            for _ in 0..count.as_u64().unwrap() {
                targets.push(t);
                predictions.push(p);
            }
        }
    }
    (targets, predictions)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn reports_are_scikit_learns_character_for_character() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("fixtures/classification.json")).unwrap();
    assert!(cases.len() > 40);
    for case in &cases {
        let names: Vec<String> = serde_json::from_value(case["names"].clone()).unwrap();
        let (targets, predictions) = labels(&case["counts"]);
        let text = classification_report(&targets, &predictions, &names).unwrap();
        assert_eq!(text, case["text"].as_str().unwrap(), "{}", case["name"]);
        // And every number to the last bit.
        let confusion = Confusion::of(&targets, &predictions, &names).unwrap();
        assert_eq!(Classification::of(&confusion).to_json(), case["numbers"], "{}", case["name"]);
    }
}

#[test]
fn labels_that_are_no_class_are_refused() {
    let ab = names(&["a", "b"]);
    let lengths = LabelError::Lengths { targets: 1, predictions: 2 };
    assert_eq!(classification_report(&[0], &[0, 1], &ab), Err(lengths));
    let range = LabelError::OutOfRange { label: 2, row: 1, classes: 2 };
    assert_eq!(classification_report(&[0, 1], &[0, 2], &ab), Err(range));
    // Nothing to report is no mistake.
    assert!(classification_report(&[], &[], &ab).unwrap().contains("0.00"));
    assert!(classification_report(&[], &[], &[]).unwrap().contains("accuracy"));
}

#[test]
fn a_confusion_matrix_reads_as_text() {
    let confusion =
        Confusion::of(&[0, 0, 0, 1, 1, 2, 2, 2], &[0, 0, 1, 1, 0, 2, 2, 0], &names(&["P", "Q", "long"]))
            .unwrap();
    let counts = "\
true     P    Q long  <- predicted
   P     2    1    ·
   Q     1    1    ·
long     1    ·    2
";
    assert_eq!(confusion.counts_text(), counts);
    let shares = "\
true     P    Q long  <- predicted
   P  0.67 0.33    ·
   Q  0.50 0.50    ·
long  0.33    · 0.67
";
    assert_eq!(confusion.shares_text(), shares);
    let pairs: Vec<_> = confusion.most_confused().iter().map(|p| (p.truth, p.predicted, p.count)).collect();
    assert_eq!(pairs, [(0, 1, 1), (1, 0, 1), (2, 0, 1)]);
}

#[test]
fn a_history_reads_as_text_with_its_best_epoch_marked() {
    let row = |epoch, values: [f64; 2]| Epoch {
        epoch,
        seconds: 0.123_456,
        samples_per_second: 91_234.5,
        rate: 1e-3,
        values: values.to_vec(),
    };
    let history = History {
        names: names(&["loss", "val_loss"]),
        epochs: vec![row(9, [0.52, 12.3456]), row(10, [0.000_012_345, f64::NAN])],
    };
    let best = Best { epoch: 9, monitor: "val_loss".into(), value: 12.3456 };
    let text = "  \
  epoch seconds samples/s     rate     loss val_loss
*     9  0.1235     91234 0.001000   0.5200    12.35
     10  0.1235     91234 0.001000 1.234e-5      NaN
";
    assert_eq!(history_table(&history, Some(&best)), text);
    assert!(!history_table(&history, None).contains('*'));
}
