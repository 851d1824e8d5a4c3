//! The experiments' networks: what must fuse does, and the plans compute what the graphs say.

mod support;

use kiln_graph::BinaryOp;
use kiln_schedule::{Entry, Form, Kernel, Op, Schedule, Step, StoreTarget};
use support::model::{self, Steps};
use support::run::{planned, runs_as_evaluated};

fn steps(found: &Steps, batch: u32) -> [Step<'_>; 2] {
    [
        Step { name: "train", graph: &found.train, batch },
        Step { name: "evaluate", graph: &found.evaluate, batch },
    ]
}

/// Matrices of the batch's rows that hold nothing but ones and zeros.
fn stored_masks(schedule: &Schedule, entry: &Entry) -> Vec<String> {
    let masks = entry.kernels.iter().flat_map(|k| {
        let is_mask = |op: &Op| matches!(op, Op::Binary(BinaryOp::Greater | BinaryOp::Equal, ..));
        k.program.stores.iter().filter_map(move |s| match s.target {
            StoreTarget::Element(b) if k.rows == kiln_graph::Extent::Batch => {
                is_mask(&k.program.ops[s.value.index()]).then_some(b)
            }
            StoreTarget::Element(_) | StoreTarget::Column(_) | StoreTarget::SumRows(_) => None,
        })
    });
    masks.map(|b| schedule.buffer(b).name.clone()).collect()
}

/// The kernels that overwrite a state which some product reads.
fn kernel_updates<'a>(schedule: &Schedule, entry: &'a Entry) -> Vec<&'a Kernel> {
    let plain: Vec<_> =
        schedule.states.iter().filter(|s| s.name.ends_with(".kernel")).map(|s| s.plain).collect();
    let updates = |k: &&Kernel| k.program.stores.iter().any(|s| plain.contains(&s.target.buffer()));
    entry.kernels.iter().filter(updates).collect()
}

/// Each weight gradient is applied on its block; none is stored.
fn updates_are_fused(schedule: &Schedule, layers: usize, products: usize) {
    let updates = kernel_updates(schedule, &schedule.entries[0]);
    assert_eq!(updates.len(), layers);
    for k in updates {
        let Form::Block { products: found, .. } = &k.form else { panic!("{} is no block", k.name) };
        assert_eq!(found.len(), products, "products of {}", k.name);
        let stores = k.program.stores.iter().map(|s| &schedule.buffer(s.target.buffer()).name);
        assert!(stores.clone().all(|name| name.contains(".kernel")), "{:?}", stores.collect::<Vec<_>>());
    }
}

/// A gather; matmul, statistics and their use four times, and the last matmul; as much back; updates.
const EXP01_PHASES: usize = 1 + (4 * 3 + 1) + 4 * 3 + 1;

/// A gather, eight matmuls forward (the last makes its own gradient), seven back, updates.
const EXP06_PHASES: usize = 1 + 8 + 7 + 1;

/// As exp06.
const EXP11_PHASES: usize = 1 + 8 + 7 + 1;

#[test]
fn exp01_classifier() {
    let found = model::spec("exp01");
    for batch in [1, 16, 512, 11_200] {
        let schedule = planned(&steps(&found, batch));
        updates_are_fused(&schedule, 5, 1);
        assert_eq!(schedule.entries[0].phases.len(), EXP01_PHASES, "batch {batch}");
    }
    runs_as_evaluated(&steps(&found, 3), 2, 1);
}

#[test]
fn exp06_two_heads() {
    let found = model::spec("exp06");
    for batch in [1, 16, 512, 11_200] {
        let schedule = planned(&steps(&found, batch));
        updates_are_fused(&schedule, 9, 1);
        assert_eq!(stored_masks(&schedule, &schedule.entries[0]), [""; 0]);
        let fan_out = |k: &&Kernel| matches!(&k.form, Form::MatMul { products, .. } if products.len() == 2);
        assert_eq!(schedule.entries[0].kernels.iter().filter(fan_out).count(), 1, "the code's gradient");
        assert_eq!(schedule.entries[0].phases.len(), EXP06_PHASES, "batch {batch}");
    }
}

#[test]
fn exp11_tied() {
    let found = model::spec("exp11");
    for batch in [1, 16, 512, 11_200] {
        let schedule = planned(&steps(&found, batch));
        updates_are_fused(&schedule, 4, 2);
        assert_eq!(stored_masks(&schedule, &schedule.entries[0]), [""; 0]);
        assert_eq!(schedule.states.iter().filter(|s| s.transposed.is_some()).count(), 4);
        assert_eq!(schedule.entries[0].phases.len(), EXP11_PHASES, "batch {batch}");
    }
    runs_as_evaluated(&steps(&found, 3), 2, 1);
}
