//! Assignments: who overwrites which state, and who must have read it by then.
//!
//! In: an entry whose kernels compute everything. Out: the same, with states overwritten,
//! and the order in which kernels wait for each other.
//!
//! Every read of a state in a step sees the value from before the step. So the kernel
//! that overwrites a state waits for all its other readers; where one of those waits for
//! that kernel, the new value goes to a buffer first and a last kernel copies it over.

use crate::buffer::{Buffer, BufferId};
use crate::kernel::{
    Access, Entry, Form, Kernel, LocalId, Op, Program, Schedule, StateSlot, Store, StoreTarget,
};
use crate::lower::{Plan, Values};
use crate::phase::Order;
use crate::tasks;
use kiln_graph::{Extent, ValueId};

/// Adds all assignments.
pub(crate) fn assign(schedule: &mut Schedule, entry: &mut Entry, plan: &Plan<'_>, values: &Values) -> Order {
    let states: Vec<BufferId> =
        schedule.states.iter().flat_map(|s| [Some(s.plain), s.transposed]).flatten().collect();
    let mut order = Order::of(entry, |b| states.contains(&b));
    for a in &plan.step.graph.assignments {
        let slot = schedule.states[plan.states[a.state.index()]].clone();
        let home = plan.fusion.home[a.value.index()].and_then(|g| values.kernel[g]);
        let kernel =
            home.unwrap_or_else(|| panic!("schedule: state {} gets a value nobody computes", slot.name));
        let local = values.local.get(&a.value).copied();
        if let Some(local) = local.filter(|_| may_overwrite(entry, &order, kernel, &slot)) {
            overwrite(entry, &mut order, kernel, &slot, local);
        } else {
            let kept = Kept { kernel, local, buffer: values.buffer[a.value.index()], value: a.value };
            copy_over(schedule, entry, &mut order, &kept, &slot);
        }
    }
    order
}

/// A value that its kernel computes.
struct Kept {
    kernel: usize,
    /// `None` for what is copied: that has a buffer.
    local: Option<LocalId>,
    buffer: Option<BufferId>,
    value: ValueId,
}

fn readers<'a>(entry: &'a Entry, slot: &'a StateSlot) -> impl Iterator<Item = usize> + 'a {
    let reads = |k: &Kernel| {
        let reads = k.reads();
        reads.contains(&slot.plain) || slot.transposed.is_some_and(|t| reads.contains(&t))
    };
    (0..entry.kernels.len()).filter(move |&k| reads(&entry.kernels[k]))
}

fn may_overwrite(entry: &Entry, order: &Order, kernel: usize, slot: &StateSlot) -> bool {
    let form = &entry.kernels[kernel].form;
    let can_transpose = slot.transposed.is_none() || matches!(form, Form::Block { .. });
    let is_whole = !matches!(form, Form::MatMul { .. } | Form::Gather { .. } | Form::Copy { .. });
    // Another block's product reads what this block overwrites.
    let is_operand = matches!(form, Form::Block { products, .. } if products.iter().any(|p| p.a == slot.plain || p.b == slot.plain));
    can_transpose
        && is_whole
        && !is_operand
        && readers(entry, slot).all(|r| r == kernel || !order.reaches(kernel, r))
}

fn overwrite(entry: &mut Entry, order: &mut Order, kernel: usize, slot: &StateSlot, value: LocalId) {
    for r in readers(entry, slot).filter(|&r| r != kernel).collect::<Vec<_>>() {
        order.wait(kernel, r);
    }
    let k = &mut entry.kernels[kernel];
    let whole = slot.cols == k.cols;
    let target = if whole { StoreTarget::Element(slot.plain) } else { StoreTarget::Column(slot.plain) };
    k.program.stores.push(Store { target, value });
    k.transposes.extend(slot.transposed.map(|t| (slot.plain, t)));
}

fn copy_over(schedule: &mut Schedule, entry: &mut Entry, order: &mut Order, kept: &Kept, slot: &StateSlot) {
    let from = kept.buffer.unwrap_or_else(|| {
        let buffer = schedule.add(Buffer::new(
            format!("{}.new.{}", slot.name, kept.value),
            slot.rows,
            slot.cols,
            false,
        ));
        let k = &mut entry.kernels[kept.kernel];
        let whole = slot.cols == k.cols;
        let target = if whole { StoreTarget::Element(buffer) } else { StoreTarget::Column(buffer) };
        let value = kept.local.expect("what is not stored is computed");
        k.program.stores.push(Store { target, value });
        buffer
    });
    let last = entry.kernels.len();
    order.add();
    order.wait(last, kept.kernel);
    for r in readers(entry, slot).collect::<Vec<_>>() {
        order.wait(last, r);
    }
    let blocks = slot.rows > 1 || slot.transposed.is_some();
    let transposes = slot.transposed.map(|t| (slot.plain, t)).into_iter().collect();
    let form = if blocks { Form::Block { products: Vec::new(), sum: None } } else { Form::Rows };
    let rows = Extent::Fixed(slot.rows);
    let tasks = tasks::cut(&form, rows, slot.cols, tasks::Inner::default(), entry.batch);
    let store = Store { target: StoreTarget::Element(slot.plain), value: LocalId(0) };
    let program = Program { ops: vec![Op::Load(from, Access::Element)], stores: vec![store] };
    let (name, cols) = (slot.name.clone(), slot.cols);
    entry.kernels.push(Kernel { name, form, rows, cols, program, transposes, tasks });
}
