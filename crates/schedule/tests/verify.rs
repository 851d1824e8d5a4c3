//! The verifier: silent about good schedules, and each damage is found.

mod support;

use kiln_graph::{Extent, StreamId};
use kiln_schedule::verify::{Fault, verify};
use kiln_schedule::{
    Access, Buffer, BufferId, Entry, Form, Kernel, KernelId, LocalId, Op, Product, Schedule, Step, Store,
    StoreTarget, plan,
};
use support::model;

/// Every form: gather, matmul, block with and without products, map, rows, copy.
const SPEC: &str = r#"use "lib/letters.model"
model net {
    input image: [784]
    target label: class(11)
    a = image -> dense(40, relu) -> norm: batch_norm() -> dropout(0.2)
    b = image -> b: dense(70, softmax)
    concat(a, b) -> out: dense(11, softmax)
    loss out: cross_entropy(label)
}
train { model = net  data = letters  optimizer = adam(rate = 1e-3, global_clip_norm = 1.0)  epochs = 1  batch = 300  seed = 1 }"#;

fn good() -> Schedule {
    let steps = model::text(SPEC);
    plan(&[
        Step::new("train", &steps.train, steps.batch),
        Step::new("evaluate", &steps.evaluate, steps.batch),
    ])
}

/// The damage is found, as this fault.
#[track_caller]
fn finds(damage: impl FnOnce(&mut Schedule), fault: impl Fn(&Fault) -> bool) {
    let mut schedule = good();
    damage(&mut schedule);
    let found = verify(&schedule).expect_err("a damaged schedule");
    assert!(found.iter().any(|v| fault(&v.fault)), "{found:?}");
    assert!(found.iter().all(|v| !v.to_string().is_empty()));
}

/// As [`finds`], where few rows are turned instead of parameters.
#[track_caller]
fn turned_finds(damage: impl FnOnce(&mut Entry, &mut [Buffer]), fault: impl Fn(&Fault) -> bool) {
    let steps = model::text(SPEC);
    let mut schedule =
        plan(&[Step::new("train", &steps.train, 100), Step::new("evaluate", &steps.evaluate, 100)]);
    assert_eq!(verify(&schedule), Ok(()));
    assert!(schedule.states.iter().all(|s| s.transposed.is_none()));
    damage(&mut schedule.entries[0], &mut schedule.buffers);
    let found = verify(&schedule).expect_err("a damaged schedule");
    assert!(found.iter().any(|v| fault(&v.fault)), "{found:?}");
}

/// Damages the training step.
#[track_caller]
fn step_finds(damage: impl FnOnce(&mut Entry), fault: impl Fn(&Fault) -> bool) {
    finds(|s| damage(&mut s.entries[0]), fault);
}

/// The first kernel whose form is so.
fn kernel(entry: &Entry, is: impl Fn(&Form) -> bool) -> usize {
    entry.kernels.iter().position(|k| is(&k.form)).expect("there is one of every form")
}

fn matmul(entry: &Entry) -> usize {
    kernel(entry, |f| matches!(f, Form::MatMul { .. }))
}

/// The first kernel and operation that are so.
fn operation(entry: &Entry, is: impl Fn(&Op) -> bool) -> (usize, usize) {
    let ops = entry
        .kernels
        .iter()
        .enumerate()
        .flat_map(|(k, kernel)| kernel.program.ops.iter().enumerate().map(move |(i, op)| (k, i, op)));
    let mut found = ops.filter(|(_, _, op)| is(op));
    found.next().map(|(k, i, _)| (k, i)).expect("there is one")
}

/// The kernel and the position of the first store that is so.
fn store(entry: &Entry, is: impl Fn(StoreTarget) -> bool) -> (usize, usize) {
    let found = entry
        .kernels
        .iter()
        .enumerate()
        .find_map(|(k, kernel)| kernel.program.stores.iter().position(|s| is(s.target)).map(|i| (k, i)));
    found.expect("there is one")
}

#[test]
fn good_schedules_pass() {
    assert_eq!(verify(&good()), Ok(()));
}

#[test]
fn references() {
    let nowhere = BufferId(9999);
    finds(|s| s.iota = Some(nowhere), |f| *f == Fault::UnknownBuffer(nowhere));
    step_finds(|e| e.outputs[0].buffer = nowhere, |f| *f == Fault::UnknownBuffer(nowhere));
    step_finds(|e| e.phases[0].push(KernelId(999)), |f| *f == Fault::UnknownKernel(KernelId(999)));
    let field = |e: &mut Entry| {
        let k = kernel(e, |f| matches!(f, Form::Gather { .. }));
        e.kernels[k].form = Form::Gather { field: 99 };
    };
    step_finds(field, |f| *f == Fault::UnknownField(99));
    let damage = |e: &mut Entry| {
        let k = matmul(e);
        if let Form::MatMul { products, .. } = &mut e.kernels[k].form {
            products[0].a = nowhere;
        }
    };
    step_finds(damage, |f| *f == Fault::UnknownBuffer(nowhere));
}

#[test]
fn every_kernel_runs_once() {
    let drop_last = |e: &mut Entry| {
        let last = e.phases.last_mut().and_then(Vec::pop);
        assert!(last.is_some());
    };
    step_finds(drop_last, |f| *f == Fault::Scheduled { times: 0 });
    step_finds(|e| e.phases[1].push(KernelId(0)), |f| *f == Fault::Scheduled { times: 2 });
}

/// The same step in chunks: what is of chunks is damaged.
#[track_caller]
fn chunks_find(damage: impl FnOnce(&mut Schedule), fault: impl Fn(&Fault) -> bool) {
    let steps = model::text(SPEC);
    let step = Step::new("train", &steps.train, steps.batch);
    let mut schedule = plan(&[Step { chunk: 64, ..step }]);
    assert_eq!(verify(&schedule), Ok(()));
    damage(&mut schedule);
    let found = verify(&schedule).expect_err("a damaged schedule");
    assert!(found.iter().any(|v| fault(&v.fault)), "{found:?}");
    assert!(found.iter().all(|v| !v.to_string().is_empty()));
}

#[test]
fn chunks() {
    // One part for all: sums are read as they grow.
    let one_part = |s: &mut Schedule| {
        let e = &mut s.entries[0];
        e.parts = vec![kiln_schedule::Part { from: 0, to: e.phases.len(), per_chunk: true }];
    };
    chunks_find(one_part, |f| matches!(f, Fault::Unfinished(_)));
    chunks_find(one_part, |f| *f == Fault::Parts);
    chunks_find(|s| s.entries[0].parts[1].from += 1, |f| *f == Fault::Parts);
    // A value that a later part reads, in a buffer for one chunk.
    let shrunk = |s: &mut Schedule| {
        let e = &s.entries[0];
        let rows = e.batch;
        let whole = s.buffers.iter_mut().find(|b| b.rows == rows && !b.lasting && !b.chunked);
        let whole = whole.expect("batch norm reads its input in two parts");
        (whole.rows, whole.chunked) = (64, true);
    };
    chunks_find(shrunk, |f| matches!(f, Fault::OtherChunk(_)));
    // Room for one chunk where all rows are written.
    let short = |s: &mut Schedule| {
        let rows = s.entries[0].batch;
        let whole = s.buffers.iter_mut().find(|b| b.rows == rows && !b.lasting && !b.chunked);
        whole.expect("as above").rows = 64;
    };
    chunks_find(short, |f| {
        matches!(f, Fault::Tile(_) | Fault::Store(_) | Fault::Access(..) | Fault::Product { .. })
    });
    // A program on a block that is still being added to.
    let early = |s: &mut Schedule| {
        let e = &mut s.entries[0];
        let adds = kernel(e, |f| matches!(f, Form::Block { sum: Some(_), .. }));
        e.kernels[adds].program.ops.push(Op::Tile);
    };
    chunks_find(early, |f| matches!(f, Fault::Tile(_)));
}

#[test]
fn operations() {
    let forward = |e: &mut Entry| {
        let (k, i) = operation(e, |op| matches!(op, Op::Unary(..)));
        if let Op::Unary(op, _) = e.kernels[k].program.ops[i] {
            e.kernels[k].program.ops[i] = Op::Unary(op, LocalId(i as u32));
        }
    };
    step_finds(forward, |f| matches!(f, Fault::Forward { .. }));
    let stored = |e: &mut Entry| {
        let (k, i) = store(e, |_| true);
        e.kernels[k].program.stores[i].value = LocalId(999);
    };
    step_finds(stored, |f| matches!(f, Fault::Forward { .. }));
    let tile = |e: &mut Entry| {
        let k = kernel(e, |f| matches!(f, Form::Map));
        e.kernels[k].program.ops.push(Op::Tile);
    };
    step_finds(tile, |f| *f == Fault::TileWithoutProduct);
    let random = |e: &mut Entry| {
        let (k, i) = operation(e, |op| matches!(op, Op::Random { .. }));
        if let Op::Random { stream, .. } = &mut e.kernels[k].program.ops[i] {
            *stream = StreamId(99);
        }
    };
    step_finds(random, |f| matches!(f, Fault::Random(_)));
    let part = |e: &mut Entry| {
        let (k, _) = operation(e, |op| matches!(op, Op::ReduceCols(..)));
        // A wide map, say, though it was a kernel of whole rows.
        let wide = (0..e.kernels.len()).find(|&w| w >= k && e.kernels[w].cols > 32 && has_reduction(e, w));
        e.kernels[wide.expect("the softmax of 70 columns")].form = Form::Map;
    };
    step_finds(part, |f| matches!(f, Fault::PartOfRow(_)));
}

fn has_reduction(e: &Entry, k: usize) -> bool {
    e.kernels[k].program.ops.iter().any(|op| matches!(op, Op::ReduceCols(..)))
}

#[test]
fn accesses_and_stores() {
    let element = |e: &mut Entry| {
        let (k, i) = operation(e, |op| matches!(op, Op::Load(_, Access::Row)));
        if let Op::Load(b, _) = e.kernels[k].program.ops[i] {
            e.kernels[k].program.ops[i] = Op::Load(b, Access::Element);
        }
    };
    step_finds(element, |f| matches!(f, Fault::Access(_, Access::Element)));
    let column = |e: &mut Entry| {
        let (k, i) = operation(e, |op| matches!(op, Op::Load(_, Access::Element)));
        if let Op::Load(b, _) = e.kernels[k].program.ops[i] {
            e.kernels[k].program.ops[i] = Op::Load(b, Access::Column);
        }
    };
    step_finds(column, |f| matches!(f, Fault::Access(_, Access::Column)));
    let wide = |e: &mut Entry| {
        let (k, i) = store(e, |t| matches!(t, StoreTarget::Element(_)));
        let b = e.kernels[k].program.stores[i].target.buffer();
        e.kernels[k].program.stores[i].target = StoreTarget::Column(b);
    };
    step_finds(wide, |f| matches!(f, Fault::Store(StoreTarget::Column(_))));
    let sums = |s: &mut Schedule| {
        let (k, i) = store(&s.entries[0], |t| matches!(t, StoreTarget::SumRows(_)));
        let b = s.entries[0].kernels[k].program.stores[i].target.buffer();
        s.buffers[b.index()].rows += 1;
    };
    finds(sums, |f| matches!(f, Fault::Store(StoreTarget::SumRows(_))));
    let partial = |e: &mut Entry| {
        let (k, i) = operation(e, |op| matches!(op, Op::LoadSum { .. }));
        if let Op::LoadSum { rows, .. } = &mut e.kernels[k].program.ops[i] {
            *rows -= 1;
        }
    };
    step_finds(partial, |f| matches!(f, Fault::PartialSums { .. }));
}

#[test]
fn forms() {
    let inner = |e: &mut Entry| {
        let k = matmul(e);
        if let Form::MatMul { products, .. } = &mut e.kernels[k].form {
            products[0].inner = Extent::Fixed(3);
        }
    };
    step_finds(inner, |f| *f == Fault::Product { index: 0 });
    let tile = |e: &mut Entry| {
        let (k, input) = (matmul(e), e.inputs[0].buffer);
        if let Form::MatMul { tile, .. } = &mut e.kernels[k].form {
            *tile = input;
        }
    };
    step_finds(tile, |f| matches!(f, Fault::Tile(_)));
    let turned = |s: &mut Schedule| {
        let t = s.states.iter().find_map(|s| s.transposed).expect("a kernel has a transposed copy");
        s.buffers[t.index()].rows -= 1;
    };
    finds(turned, |f| matches!(f, Fault::Transpose(..)));
    finds(
        |s| {
            let b = s.entries[0].inputs[0].buffer;
            s.buffers[b.index()].cols = 7;
        },
        |f| matches!(f, Fault::Gather(_)),
    );
    let copy = |e: &mut Entry| {
        let k = kernel(e, |f| matches!(f, Form::Copy { .. }));
        if let Form::Copy { parts, .. } = &mut e.kernels[k].form {
            parts.pop();
        }
    };
    step_finds(copy, |f| matches!(f, Fault::Copy(_)));
}

#[test]
fn turns() {
    let turning = |e: &Entry| {
        e.kernels
            .iter()
            .position(|k| k.rows == Extent::Batch && !k.transposes.is_empty())
            .expect("one is read turned")
    };
    let turned = |e: &mut Entry, change: &dyn Fn(&mut Product)| {
        let of = |k: &mut Kernel| {
            if let Form::MatMul { products, .. } = &mut k.form {
                products.iter_mut().filter(|p| p.turned).for_each(change);
            }
        };
        e.kernels.iter_mut().for_each(of);
    };
    turned_finds(
        |e, buffers| {
            let (_, to) = e.kernels[turning(e)].transposes[0];
            buffers[to.index()].cols -= 1;
        },
        |f| matches!(f, Fault::Transpose(..)),
    );
    turned_finds(
        |e, _| {
            let k = turning(e);
            e.kernels[k].transposes.clear();
        },
        |f| matches!(f, Fault::ReadBeforeWritten(_)),
    );
    turned_finds(
        |e, _| {
            let k = turning(e);
            let twice = e.kernels[k].transposes[0];
            e.kernels[k].transposes.push(twice);
        },
        |f| matches!(f, Fault::Transpose(..)),
    );
    turned_finds(
        |e, _| {
            let k = turning(e);
            e.kernels[k].transposes[0].0 = BufferId(9_999);
        },
        |f| *f == Fault::UnknownBuffer(BufferId(9_999)),
    );
    turned_finds(|e, _| turned(e, &|p| p.turned = false), |f| matches!(f, Fault::Product { .. }));
    turned_finds(|e, _| turned(e, &|p| p.inner = Extent::Fixed(3)), |f| matches!(f, Fault::Product { .. }));
    turned_finds(
        |e, _| {
            let is = |k: &Kernel| matches!(&k.form, Form::MatMul { products, .. } if products[0].turned);
            let k = e.kernels.iter().position(is).expect("one is turned");
            let tasks = &mut e.kernels[k].tasks;
            (tasks.row_block, tasks.blocks, tasks.blocks_per_task) = (50, 2, 1);
        },
        |f| matches!(f, Fault::Product { .. }),
    );
}

#[test]
fn grids() {
    step_finds(|e| e.kernels[0].tasks.blocks += 1, |f| *f == Fault::Grid);
    step_finds(|e| e.kernels[0].tasks.row_block = 0, |f| *f == Fault::Grid);
    step_finds(|e| e.kernels[0].tasks.panels_per_task = 1, |f| *f == Fault::Grid);
    step_finds(
        |e| {
            let k = matmul(e);
            e.kernels[k].tasks.panels += 1;
        },
        |f| *f == Fault::Grid,
    );
}

#[test]
fn serial_stretches() {
    let n = good().entries[0].phases.len();
    for serial in [vec![(0, n + 1)], vec![(1, 1)], vec![(0, 2), (1, 3)], vec![(3, 4), (0, 1)]] {
        step_finds(|e| e.serial = serial, |f| *f == Fault::Serial);
    }
}

#[test]
fn phases() {
    step_finds(|e| e.phases.reverse(), |f| matches!(f, Fault::ReadBeforeWritten(_)));
    let together = |e: &mut Entry| e.phases = vec![e.phases.concat()];
    step_finds(together, |f| matches!(f, Fault::Conflict(..)));
    let early = |e: &mut Entry| {
        let last = e.phases.pop().expect("there are phases");
        e.phases.insert(0, last);
    };
    step_finds(early, |f| matches!(f, Fault::LateReader(..)));
    let twice = |e: &mut Entry| {
        let (k, i) = store(e, |t| matches!(t, StoreTarget::Element(_)));
        let again = e.kernels[k].program.stores[i];
        let other = (0..e.kernels.len()).rfind(|&o| o != k && !e.kernels[o].program.ops.is_empty());
        e.kernels[other.expect("another")].program.stores.push(Store { value: LocalId(0), ..again });
    };
    step_finds(twice, |f| matches!(f, Fault::WrittenTwice(..)));
    let nobody = |s: &mut Schedule| {
        s.buffers.push(kiln_schedule::Buffer::new("nobody's", 1, 1, false));
        s.entries[0].outputs[0].buffer = BufferId(s.buffers.len() as u32 - 1);
    };
    finds(nobody, |f| matches!(f, Fault::UnwrittenOutput(_)));
}

#[test]
fn states() {
    let half = |e: &mut Entry| {
        let is = |k: &&mut Kernel| matches!(k.form, Form::Block { .. }) && !k.transposes.is_empty();
        e.kernels.iter_mut().find(is).expect("a kernel has a transposed copy").transposes.clear();
    };
    step_finds(half, |f| matches!(f, Fault::HalfState(_)));
    let operand = |s: &mut Schedule| {
        let e = &mut s.entries[0];
        let state = s.states.iter().find(|s| s.name == "out.kernel").expect("a kernel").plain;
        let (k, _) = store(e, |t| t == StoreTarget::Element(state));
        let (rows, cols) = (e.kernels[k].rows, e.kernels[k].cols);
        assert_eq!((rows, cols), (Extent::Fixed(110), 11));
        if let Form::Block { products, .. } = &mut e.kernels[k].form {
            products.push(Product { a: state, b: state, inner: rows, turned: false });
        }
    };
    finds(operand, |f| matches!(f, Fault::InPlace(_)));
    let constant = |s: &mut Schedule| {
        let iota = s.iota.expect("column numbers");
        let (k, i) = store(&s.entries[0], |t| matches!(t, StoreTarget::Element(_)));
        s.entries[0].kernels[k].program.stores[i].target = StoreTarget::Element(iota);
    };
    finds(constant, |f| matches!(f, Fault::Constant(_)));
    finds(|s| s.states[0].rows += 64, |f| matches!(f, Fault::State(_)));
}

#[test]
fn places() {
    finds(|s| s.buffers[0].offset += 4, |f| matches!(f, Fault::Misaligned(_)));
    finds(|s| s.arena_bytes -= 256, |f| matches!(f, Fault::BeyondArena(_)));
    finds(|s| s.buffers[0].offset = u64::MAX - 127, |f| matches!(f, Fault::BeyondArena(_)));
    finds(|s| s.buffers[1].offset = s.buffers[0].offset, |f| *f == Fault::Overlap(BufferId(0), BufferId(1)));
    let live = |s: &mut Schedule| {
        let (a, b) = (s.entries[0].inputs[0].buffer, s.entries[0].inputs[1].buffer);
        s.buffers[b.index()].offset = s.buffers[a.index()].offset;
    };
    finds(live, |f| matches!(f, Fault::Overlap(..)));
    let state = |s: &mut Schedule| {
        let b = s.entries[0].inputs[0].buffer;
        s.buffers[b.index()].offset = 0;
    };
    finds(state, |f| matches!(f, Fault::Overlap(..)));
}
