//! Data and weights that do not fit the program are errors that say so.

use crate::bed::{CLASSES, data, session, settings};
use kiln_data::{Dataset, Values};
use kiln_record::Tensor;
use kiln_runtime::{RuntimeError, Silent, fit};
use std::sync::atomic::AtomicBool;

fn error(data: &Dataset, train: &[u32]) -> RuntimeError {
    let stop = AtomicBool::new(false);
    let rows = (data, train, &[][..]);
    fit(&mut session(None), rows, &settings(1), None, &mut Silent, &stop).expect_err("an error")
}

#[test]
fn data_that_does_not_fit() {
    let mut none = data();
    none.fields.remove(1);
    let all = data().train;
    assert!(matches!(error(&none, &all), RuntimeError::NoField { field, .. } if field == "label"));

    let mut narrow = data();
    narrow.fields[0].cols = 1;
    let text = error(&narrow, &all).to_string();
    assert!(text.contains("reads 19 numbers of each `x`") && text.contains("have 1"), "{text}");

    let mut more = data();
    if let Values::Class { classes, .. } = &mut more.fields[1].values {
        *classes = 7;
    }
    let want = CLASSES as usize;
    let found = error(&more, &all);
    assert!(matches!(found, RuntimeError::Classes { wanted, found: 7, .. } if wanted == want), "{found}");

    assert!(matches!(error(&data(), &[]), RuntimeError::NoRows { .. }));
}

#[test]
fn weights_that_do_not_fit_change_nothing() {
    let mut session = session(None);
    session.initialise(3);
    let before = session.weights();
    let mut wrong = before.clone();
    wrong[0] = Tensor::from_matrix("a", [2, 2], vec![0.0; 4]);
    wrong.push(Tensor::from_matrix("d", [1, 1], vec![0.0]));
    let Err(RuntimeError::Weights(why)) = session.set_weights(wrong) else { panic!("taken") };
    assert_eq!(why.len(), 2, "{why:?}");
    assert_eq!(session.weights(), before);
}
