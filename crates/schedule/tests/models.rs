//! The experiments' networks: what must fuse does, and the plans compute what the graphs say.

mod support;

use kiln_graph::{BinaryOp, Extent};
use kiln_schedule::{Entry, Form, Kernel, Op, Schedule, Step, StoreTarget};
use support::model::{self, Steps};
use support::run::{planned, runs_as_evaluated};

fn steps(found: &Steps, batch: u32) -> [Step<'_>; 2] {
    [Step::new("train", &found.train, batch), Step::new("evaluate", &found.evaluate, batch)]
}

/// Matrices of the batch's rows that hold nothing but ones and zeros.
fn stored_masks(schedule: &Schedule, entry: &Entry) -> Vec<String> {
    let masks = entry.kernels.iter().flat_map(|k| {
        let is_mask = |op: &Op| matches!(op, Op::Binary(BinaryOp::Greater | BinaryOp::Equal, ..));
        k.program.stores.iter().filter_map(move |s| match s.target {
            StoreTarget::Element(b) if k.rows == Extent::Batch => {
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

/// Each weight gradient is applied on its block, and none is stored; in chunks, each is added up in one
/// buffer, and applied from there.
fn updates_are_fused(schedule: &Schedule, layers: usize, products: usize) {
    let entry = &schedule.entries[0];
    let updates = kernel_updates(schedule, entry);
    assert_eq!(updates.len(), layers);
    for k in updates {
        let Form::Block { products: found, .. } = &k.form else { panic!("{} is no block", k.name) };
        if entry.chunks() == 1 {
            assert_eq!(found.len(), products, "products of {}", k.name);
        } else {
            let reads = k.reads();
            let added = entry.kernels.iter().filter(|other| match &other.form {
                Form::Block { products: found, sum: Some(sum), .. } => {
                    found.len() == products && reads.contains(sum)
                }
                _ => false,
            });
            assert_eq!((found.len(), added.count()), (0, 1), "sums of {}", k.name);
        }
        let stores = k.program.stores.iter().map(|s| &schedule.buffer(s.target.buffer()).name);
        assert!(stores.clone().all(|name| name.contains(".kernel")), "{:?}", stores.collect::<Vec<_>>());
    }
}

/// A gather; matmul, and the use of statistics, four times, and the last matmul; as much back; updates.
const EXP01_PHASES: usize = 1 + (4 * 2 + 1) + 4 * 2 + 1;

/// Where a batch's sums have many parts, statistics are phases of their own. In chunks also: rates before the
/// first; the pixels once more; updates after the last, a sum of losses behind them.
const EXP01_PHASES_IN_CHUNKS: usize = EXP01_PHASES + 4 + 4 + 4;

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
        let phases = if batch > 512 { EXP01_PHASES_IN_CHUNKS } else { EXP01_PHASES };
        assert_eq!(schedule.entries[0].phases.len(), phases, "batch {batch}");
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
        let phases = EXP06_PHASES + if batch > 512 { IN_CHUNKS } else { 0 };
        assert_eq!(schedule.entries[0].phases.len(), phases, "batch {batch}");
    }
}

/// Rates before the first chunk; updates after the last, and a sum of losses behind them.
const IN_CHUNKS: usize = 3;

/// Batch norm before a softmax: the kernel that works row by row loads the statistics, once a row would be
/// too often; the same without a softmax computes them from the partial sums.
#[test]
fn statistics_are_not_computed_row_by_row() {
    let sums = |last: &str| {
        let text = format!(
            r#"use "lib/letters.model"
model net {{
    input image: [784]
    target label: class(11)
    image -> dense(11, linear) -> norm: batch_norm() {last}
    loss out: cross_entropy(label)
}}
train {{ model = net  data = letters  optimizer = sgd(rate = 0.1)  epochs = 1  batch = 64  seed = 1 }}"#
        );
        let found = model::text(&text);
        let schedule = planned(&steps(&found, 64));
        let entry = &schedule.entries[0];
        let of_sums = |op: &Op| matches!(op, Op::LoadSum { .. });
        let by_rows = |k: &&Kernel| k.program.ops.iter().any(|op| matches!(op, Op::ReduceCols(..)));
        let wide = |k: &&Kernel| k.rows == Extent::Batch && k.program.ops.iter().any(of_sums);
        let kernels = || entry.kernels.iter().filter(wide);
        (kernels().filter(by_rows).count(), kernels().filter(|k| !by_rows(k)).count())
    };
    let (by_rows, _) = sums("-> out: activation(softmax)");
    assert_eq!(by_rows, 0);
    let (_, others) = sums("-> activation(relu) -> out: dense(11, softmax)");
    assert!(others > 0, "statistics are computed by who waits for them");
}

/// Memory for values of rows does not grow with the batch, but for what is read afterwards; partial sums
/// do, by a row for 64.
#[test]
fn memory_of_large_batches_stays_flat() {
    for spec in ["exp06", "exp11"] {
        let found = model::spec(spec);
        let arena = |batch| {
            let schedule = planned(&steps(&found, batch)[..1]);
            let outputs = schedule.entries[0].outputs.iter().map(|o| o.buffer);
            let outputs: std::collections::BTreeSet<_> = outputs.collect();
            schedule.arena_bytes - outputs.iter().map(|b| schedule.buffer(*b).bytes()).sum::<u64>()
        };
        let (few, many) = (arena(2048), arena(11_200));
        assert!(many < few + (few / 5), "{spec}: {few} bytes at 2048, {many} at 11200");
    }
}

#[test]
fn exp11_tied() {
    let found = model::spec("exp11");
    for batch in [1, 16, 512, 11_200] {
        let schedule = planned(&steps(&found, batch));
        updates_are_fused(&schedule, 4, 2);
        assert_eq!(stored_masks(&schedule, &schedule.entries[0]), [""; 0]);
        // Few rows are turned; for one, or many, parameters have transposed copies.
        let copies = if batch == 16 { 0 } else { 4 };
        assert_eq!(
            schedule.states.iter().filter(|s| s.transposed.is_some()).count(),
            copies,
            "batch {batch}"
        );
        // There is no second loss to add.
        let phases = EXP11_PHASES + if batch > 512 { IN_CHUNKS - 1 } else { 0 };
        assert_eq!(schedule.entries[0].phases.len(), phases, "batch {batch}");
    }
    runs_as_evaluated(&steps(&found, 3), 2, 1);
}
