//! Specs as text: mistakes are told, stages are printed.

use crate::bed::{TIED, spec, two_heads};
use kiln::codegen::Target;
use kiln::{Error, Spec, Stage};

#[test]
fn mistakes_are_told_with_their_place() {
    let text = TIED.replace("dense(9, relu)", "dence(9, relu)");
    let Err(Error::Mistakes(said)) = Spec::parse("small", &text) else { panic!("taken") };
    assert!(said.contains("small.model:12") && said.contains("dense"), "{said}");
    assert!(matches!(Spec::load("no/such.model", &[]), Err(Error::Read { .. })));
}

#[test]
fn every_stage_prints() {
    let spec = spec(TIED);
    let run = spec.runs().next().expect("a run");
    let dump = |stage| run.dump(stage, Target::GOLDEN);
    assert!(dump(Stage::Ast).contains("enc1"));
    assert!(dump(Stage::Model).contains("binary_cross_entropy"));
    assert!(dump(Stage::Graph).contains("sigmoid"));
    assert!(dump(Stage::Gradients).contains("adam.m"));
    assert!(dump(Stage::Schedule).contains("enc1"));
    assert!(dump(Stage::Clif).contains("function"));
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.name()), Some(stage));
        assert_eq!(dump(stage), dump(stage));
    }
}

#[test]
fn predictions_that_nobody_reads_are_not_stored_in_training() {
    // Both metrics of `back` are sums in the training step; `out` is counted by the host.
    let spec = spec(&two_heads("epochs = 1", "curves"));
    let run = spec.runs().next().expect("a run");
    let planned = kiln::plan(run.model(), kiln::Purpose::Training { rows: 1000 });
    let outputs = |entry: usize| -> Vec<&str> {
        planned.schedule.entries[entry].outputs.iter().map(|o| o.name.as_str()).collect()
    };
    let train = outputs(0);
    assert!(train.contains(&"head.out") && !train.contains(&"head.back"), "{train:?}");
    assert!(train.contains(&"metric.back.mse") && train.contains(&"metric.back.mae"), "{train:?}");
    assert!(outputs(1).contains(&"head.back"));
}

#[test]
fn a_batch_is_never_larger_than_the_data() {
    let spec = spec(&two_heads("epochs = 1", "curves"));
    let model = spec.runs().next().expect("a run").model();
    let batch = |rows| kiln::plan(model, kiln::Purpose::Training { rows }).schedule.entries[0].batch;
    assert_eq!((batch(1000), batch(20)), (32, 20));
}
