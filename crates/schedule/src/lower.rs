//! Lowering: a program for each group of nodes.
//!
//! In: groups, and which values are stored. Out: an entry whose kernels have their forms,
//! programs and tasks; states are not yet overwritten ([`crate::assign`]).
//!
//! A program is written on demand, from what the kernel stores back to what it loads. A
//! value made elsewhere is loaded where it is stored, and computed again where it is not.

use crate::Step;
use crate::buffer::{Buffer, BufferId, PANEL_COLS};
use crate::contract::{self, Contractions, Factor, Orientation};
use crate::fuse::{Fusion, Group, GroupKind};
use crate::keep::Kept;
use crate::kernel::{
    Access, CopyPart, Entry, Field, Form, Kernel, LocalId, Op, Product, Program, Schedule, Store, StoreTarget,
};
use crate::tasks::{self, Inner};
use kiln_graph::{Axis, Extent, Graph, Prim, ScalarId, Shape, StateId, ValueId};
use std::collections::HashMap;

/// What lowering works from.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) step: &'a Step<'a>,
    /// For each state of the graph: its slot in the schedule.
    pub(crate) states: &'a [usize],
    pub(crate) contractions: &'a Contractions,
    /// For each node: it is a sum of products that are taken the other way round.
    pub(crate) turned: &'a [bool],
    pub(crate) fusion: &'a Fusion,
    pub(crate) kept: &'a Kept,
}

/// Which sums of products are taken the other way round: those that may be, where no other step needs a
/// transposed copy of their parameters anyway.
pub(crate) fn turned(
    schedule: &Schedule,
    step: &Step<'_>,
    states: &[usize],
    contractions: &Contractions,
) -> Vec<bool> {
    let plain_only = |f: &Factor| match step.graph.node(f.b).prim {
        Prim::State(id) => schedule.states[states[id.index()]].transposed.is_none(),
        _ => false,
    };
    let turned = |factors: &Vec<Factor>| contract::may_turn(step, factors) && factors.iter().all(plain_only);
    contractions.factors.iter().map(turned).collect()
}

/// Where values ended up.
#[derive(Debug)]
pub(crate) struct Values {
    /// The buffer of each stored node.
    pub(crate) buffer: Vec<Option<BufferId>>,
    /// A transposed copy of it, where a turned product reads one.
    turned: Vec<Option<BufferId>>,
    /// Partial sums of each sum over rows, and how many rows they have.
    partials: Vec<Option<(BufferId, u32)>>,
    /// The kernel of each group.
    pub(crate) kernel: Vec<Option<usize>>,
    /// Which operation of its home's program computes a node.
    pub(crate) local: HashMap<ValueId, LocalId>,
}

/// Lowers all groups.
pub(crate) fn lower(schedule: &mut Schedule, plan: &Plan<'_>) -> (Entry, Values) {
    let mut entry = declare(schedule, plan);
    let values = allocate(schedule, plan, &entry);
    let mut lowering = Lowering { schedule, plan, entry: &mut entry, values };
    for group in 0..plan.fusion.groups.len() {
        lowering.kernel(group);
    }
    let values = lowering.values;
    for output in &plan.step.graph.outputs {
        let shape = plan.step.graph.shape(output.value);
        let buffer = match (values.buffer[output.value.index()], plan.step.graph.node(output.value).prim) {
            (Some(buffer), _) => buffer,
            (None, Prim::State(id)) => schedule.states[plan.states[id.index()]].plain,
            (None, _) => panic!("schedule: output {} has no buffer; see `kiln dump schedule`", output.name),
        };
        entry.outputs.push(Field { name: output.name.clone(), shape, buffer });
    }
    (entry, values)
}

/// The entry with the buffers that are filled from outside.
fn declare(schedule: &mut Schedule, plan: &Plan<'_>) -> Entry {
    let Step { name, graph, batch, chunk } = *plan.step;
    let chunk = chunk.min(batch);
    let inputs = graph.inputs.iter().map(|i| {
        let buffer = schedule.add(Buffer::new(i.name.clone(), batch, i.cols, false));
        Field { name: i.name.clone(), shape: Shape::batch(i.cols), buffer }
    });
    let inputs = inputs.collect();
    let scalars = graph.scalars.iter().map(|s| {
        let buffer = schedule.add(Buffer::new(s.name.clone(), 1, 1, false));
        Field { name: s.name.clone(), shape: Shape::SCALAR, buffer }
    });
    let scalars = scalars.collect();
    let row_count = schedule.add(Buffer::new("rows", 1, 1, false));
    let keys = (graph.streams > 0).then(|| schedule.add(Buffer::new("keys", graph.streams, 2, false)));
    let chunk_index = (chunk < batch).then(|| schedule.add(Buffer::new("chunk", 1, 1, false)));
    let (kernels, phases, parts, outputs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let serial = Vec::new();
    let name = name.to_owned();
    Entry {
        name,
        batch,
        chunk,
        chunk_index,
        kernels,
        phases,
        parts,
        serial,
        inputs,
        scalars,
        outputs,
        row_count,
        keys,
    }
}

fn allocate(schedule: &mut Schedule, plan: &Plan<'_>, entry: &Entry) -> Values {
    let graph = plan.step.graph;
    let n = graph.nodes.len();
    let mut values = Values {
        buffer: vec![None; n],
        turned: vec![None; n],
        partials: vec![None; n],
        kernel: vec![None; plan.fusion.groups.len()],
        local: HashMap::new(),
    };
    for v in graph.values() {
        let node = graph.node(v);
        if let Prim::Input(id) = node.prim {
            values.buffer[v.index()] = Some(entry.inputs[id.index()].buffer);
        } else if plan.kept.stored[v.index()] {
            let rows = node.shape.rows_at(entry.batch as usize) as u32;
            let name = format!("{}.{v}", node.name);
            values.buffer[v.index()] = Some(schedule.add(Buffer::new(name, rows, node.shape.cols, false)));
        }
        if let Some(g) = plan.fusion.partial[v.index()] {
            let group = &plan.fusion.groups[g];
            let of_chunk = cut(plan, group, &form_of(group.kind), entry.chunk).blocks;
            let chunks = if group.rows == Extent::Batch { entry.chunks() } else { 1 };
            let blocks = of_chunk * chunks;
            let buffer = Buffer::new(format!("{}.{v}.sums", node.name), blocks, node.shape.cols, false);
            values.partials[v.index()] = Some((schedule.add(buffer), blocks));
        }
    }
    let sums = plan.contractions.factors.iter().zip(plan.turned).filter(|(_, turned)| **turned);
    for a in sums.flat_map(|(factors, _)| factors.iter().map(|f| f.a)) {
        let node = graph.node(a);
        values.turned[a.index()].get_or_insert_with(|| {
            let rows = node.shape.cols.next_multiple_of(PANEL_COLS);
            schedule.add(Buffer::new(format!("{}.{a}.T", node.name), rows, entry.batch, false))
        });
    }
    values
}

/// A form of the kind, to cut tasks by (its buffers do not matter for that).
fn form_of(kind: GroupKind) -> Form {
    match kind {
        GroupKind::Gather => Form::Gather { field: 0 },
        GroupKind::MatMul => Form::MatMul { products: Vec::new(), tile: BufferId(0) },
        GroupKind::Block => Form::Block { products: Vec::new(), sum: None },
        GroupKind::Map => Form::Map,
        GroupKind::Rows => Form::Rows,
        GroupKind::Copy => Form::Copy { parts: Vec::new(), to: BufferId(0) },
    }
}

fn cut(plan: &Plan<'_>, group: &Group, form: &Form, batch: u32) -> crate::kernel::Tasks {
    let graph = plan.step.graph;
    let factors = group.root.map_or(&[][..], |v| &plan.contractions.factors[v.index()]);
    let inner = factors.iter().map(|f| inner_extent(graph, f)).map(|e| match e {
        Extent::Batch => u64::from(batch),
        Extent::Fixed(n) => u64::from(n),
    });
    let turned = group.root.is_some_and(|v| plan.turned[v.index()]);
    tasks::cut(form, group.rows, group.cols, Inner { extent: inner.sum(), turned }, batch)
}

fn inner_extent(graph: &Graph, f: &Factor) -> Extent {
    match f.orientation {
        Orientation::Nn | Orientation::Nt => Extent::Fixed(graph.shape(f.a).cols),
        Orientation::Tn => graph.shape(f.a).rows,
    }
}

struct Lowering<'a, 'p> {
    schedule: &'a mut Schedule,
    plan: &'a Plan<'p>,
    entry: &'a mut Entry,
    values: Values,
}

/// A program being written.
struct Writer {
    group: usize,
    ops: Vec<Op>,
    known: HashMap<ValueId, LocalId>,
    /// Where the group's product is, where another kernel sums it chunk by chunk.
    sum: Option<BufferId>,
}

impl Writer {
    fn push(&mut self, op: Op) -> LocalId {
        // Zero and minus zero are equal, and not the same.
        let same = |o: &Op| match (o, op) {
            (Op::Constant(x), Op::Constant(y)) => x.to_bits() == y.to_bits(),
            _ => *o == op,
        };
        if let Some(i) = self.ops.iter().position(same) {
            return LocalId(i as u32);
        }
        self.ops.push(op);
        LocalId(self.ops.len() as u32 - 1)
    }
}

impl Lowering<'_, '_> {
    fn kernel(&mut self, index: usize) {
        let group = self.plan.fusion.groups[index];
        let sum = self.sum_of_chunks(&group);
        let mut w = Writer { group: index, ops: Vec::new(), known: HashMap::new(), sum };
        let mut stores = self.stores(&mut w, &group);
        let mut form = self.form(&group, &mut stores);
        if sum.is_some() {
            form = Form::Block { products: Vec::new(), sum: None };
        }
        let assigned = self.plan.step.graph.assignments.iter().map(|a| a.value);
        // What is copied has a buffer, and no operation that computes it.
        let elements = group.kind != GroupKind::Copy;
        for v in assigned.filter(|v| elements && self.plan.fusion.home[v.index()] == Some(index)) {
            self.value(&mut w, v);
        }
        let useless = stores.is_empty() && w.ops.is_empty() && matches!(form, Form::Map | Form::Rows);
        let bare = matches!(&form, Form::Block { products, .. } if products.is_empty());
        if useless || (bare && stores.is_empty() && w.ops.is_empty()) {
            return;
        }
        let home = &self.plan.fusion.home;
        self.values.local.extend(w.known.iter().filter(|(v, _)| home[v.index()] == Some(index)));
        self.values.kernel[index] = Some(self.entry.kernels.len());
        let tasks = match sum {
            Some(_) => tasks::cut(&form, group.rows, group.cols, Inner::default(), self.entry.chunk),
            None => cut(self.plan, &group, &form, self.entry.chunk),
        };
        let name = self.name(&group);
        let program = Program { ops: w.ops, stores };
        let (rows, cols, transposes) = (group.rows, group.cols, self.transposes(index));
        let kernel = Kernel { name, form, rows, cols, program, transposes, tasks };
        self.entry.kernels.push(kernel);
    }

    /// What the group makes of the batch and turned products read.
    fn transposes(&self, group: usize) -> Vec<(BufferId, BufferId)> {
        let made = |v: &ValueId| self.plan.fusion.home[v.index()] == Some(group);
        let both = |v: ValueId| Some((self.values.buffer[v.index()]?, self.values.turned[v.index()]?));
        self.plan.step.graph.values().filter(made).filter_map(both).collect()
    }

    fn name(&self, group: &Group) -> String {
        group.root.map_or_else(String::new, |v| self.plan.step.graph.node(v).name.clone())
    }

    /// Where the batch is taken in chunks, a sum of products over it is a kernel of its own that adds to
    /// a buffer; gives that buffer.
    fn sum_of_chunks(&mut self, group: &Group) -> Option<BufferId> {
        let over_batch = |p: &Product| p.inner == Extent::Batch;
        if self.entry.chunks() == 1 || group.kind != GroupKind::Block {
            return None;
        }
        let products = self.products(group);
        if !products.iter().any(over_batch) {
            return None;
        }
        let name = self.name(group);
        let Extent::Fixed(rows) = group.rows else {
            panic!("schedule: {name} has a block of the batch's rows")
        };
        assert!(products.iter().all(over_batch), "schedule: {name} sums over the batch and over a parameter");
        let room = rows.next_multiple_of(crate::buffer::PANEL_COLS);
        let sum = self.schedule.add(Buffer::new(format!("{name}.whole"), room, group.cols, false));
        let form = Form::Block { products, sum: Some(sum) };
        let tasks = cut(self.plan, group, &form, self.entry.chunk);
        let (rows, cols, program, transposes) = (group.rows, group.cols, Program::default(), Vec::new());
        self.entry.kernels.push(Kernel { name, form, rows, cols, program, transposes, tasks });
        Some(sum)
    }

    /// What the kernel stores: kept values, and partial sums.
    fn stores(&mut self, w: &mut Writer, group: &Group) -> Vec<Store> {
        let graph = self.plan.step.graph;
        let mut stores = Vec::new();
        for v in graph.values() {
            let is_root = group.root == Some(v);
            let copies = matches!(group.kind, GroupKind::Gather | GroupKind::Copy);
            if self.plan.fusion.home[v.index()] == Some(w.group)
                && self.plan.kept.stored[v.index()]
                && !(is_root && copies)
            {
                let value = self.value(w, v);
                let to = self.values.buffer[v.index()].expect("stored nodes have buffers");
                let whole = graph.shape(v).cols == group.cols;
                let target = if whole { StoreTarget::Element(to) } else { StoreTarget::Column(to) };
                stores.push(Store { target, value });
            }
            if self.plan.fusion.partial[v.index()] == Some(w.group) {
                let value = self.value(w, graph.node(v).args[0]);
                let (to, _) = self.values.partials[v.index()].expect("sums over rows have partial sums");
                stores.push(Store { target: StoreTarget::SumRows(to), value });
            }
        }
        stores
    }

    fn form(&mut self, group: &Group, stores: &mut Vec<Store>) -> Form {
        match group.kind {
            GroupKind::Map => Form::Map,
            GroupKind::Rows => Form::Rows,
            GroupKind::Gather => match group.root.map(|v| self.plan.step.graph.node(v).prim) {
                Some(Prim::Input(id)) => Form::Gather { field: id.0 },
                other => panic!("schedule: a gather of {other:?}"),
            },
            GroupKind::Block => Form::Block { products: self.products(group), sum: None },
            GroupKind::MatMul => {
                let products = self.products(group);
                Form::MatMul { products, tile: self.tile(group, stores) }
            }
            GroupKind::Copy => self.copy(group),
        }
    }

    fn products(&self, group: &Group) -> Vec<Product> {
        let graph = self.plan.step.graph;
        let factors = group.root.map_or(&[][..], |v| &self.plan.contractions.factors[v.index()]);
        let turned = group.root.is_some_and(|v| self.plan.turned[v.index()]);
        let product = |f: &Factor| Product {
            a: match turned {
                true => self.values.turned[f.a.index()].expect("what a turned product reads is turned"),
                false => self.operand(f.a, false),
            },
            b: self.operand(f.b, f.orientation == Orientation::Nt && !turned),
            inner: inner_extent(graph, f),
            turned,
        };
        factors.iter().map(product).collect()
    }

    fn operand(&self, v: ValueId, transposed: bool) -> BufferId {
        match self.plan.step.graph.node(v).prim {
            Prim::State(id) => self.state(id, transposed),
            _ => {
                assert!(!transposed, "schedule: {v} is read transposed but is no state");
                self.values.buffer[v.index()].expect("operands are stored")
            }
        }
    }

    fn state(&self, id: StateId, transposed: bool) -> BufferId {
        let slot = &self.schedule.states[self.plan.states[id.index()]];
        if transposed { slot.transposed.expect("a transposed copy was declared") } else { slot.plain }
    }

    /// The raw product goes where the program will overwrite it in place, if it stores a matrix.
    fn tile(&mut self, group: &Group, stores: &mut Vec<Store>) -> BufferId {
        let root = group.root.expect("a matmul has a root");
        if let Some(buffer) = self.values.buffer[root.index()] {
            stores.retain(|s| s.target != StoreTarget::Element(buffer));
            return buffer;
        }
        let in_place = stores.iter().find_map(|s| match s.target {
            StoreTarget::Element(b) => Some(b),
            StoreTarget::Column(_) | StoreTarget::SumRows(_) => None,
        });
        in_place.unwrap_or_else(|| {
            let name = format!("{}.tile", self.plan.step.graph.node(root).name);
            let rows = group.rows;
            let rows = Shape { rows, cols: 1 }.rows_at(self.entry.batch as usize) as u32;
            self.schedule.add(Buffer::new(name, rows, group.cols, false))
        })
    }

    fn copy(&self, group: &Group) -> Form {
        let root = group.root.expect("a copy has a root");
        let node = self.plan.step.graph.node(root);
        let to = self.values.buffer[root.index()].expect("copies are stored");
        let mut to_col = 0;
        let part = |&arg: &ValueId| {
            let (from_col, cols) = match node.prim {
                Prim::Slice { start, end } => (start, end - start),
                _ => (0, self.plan.step.graph.shape(arg).cols),
            };
            let part = CopyPart { from: self.operand(arg, false), from_col, to_col, cols };
            to_col += cols;
            part
        };
        Form::Copy { parts: node.args.iter().map(part).collect(), to }
    }

    /// The operation that gives `v` in the program.
    fn value(&mut self, w: &mut Writer, v: ValueId) -> LocalId {
        if let Some(&known) = w.known.get(&v) {
            return known;
        }
        let home = self.plan.fusion.home[v.index()];
        // A floating value that was given a group later on is computed again by earlier readers.
        let elsewhere = home.is_some_and(|g| g < w.group);
        let elsewhere = elsewhere && !self.plan.kept.vectors.computed_again(v, w.group);
        let op = match (elsewhere, self.values.buffer[v.index()]) {
            (true, Some(buffer)) => w.push(Op::Load(buffer, self.access(w, v))),
            (true, None) | (false, _) => self.compute(w, v),
        };
        w.known.insert(v, op);
        op
    }

    fn compute(&mut self, w: &mut Writer, v: ValueId) -> LocalId {
        let node = self.plan.step.graph.node(v).clone();
        if !self.plan.contractions.factors[v.index()].is_empty() {
            assert_eq!(
                self.plan.fusion.home[v.index()],
                Some(w.group),
                "schedule: {v} is a product of another kernel"
            );
            return w.push(match w.sum {
                Some(sum) => Op::Load(sum, Access::Element),
                None => Op::Tile,
            });
        }
        let op = match node.prim {
            Prim::Input(_) => {
                Op::Load(self.values.buffer[v.index()].expect("inputs have buffers"), self.access(w, v))
            }
            Prim::State(id) => Op::Load(self.state(id, false), self.access(w, v)),
            Prim::Scalar(ScalarId(i)) => Op::Load(self.entry.scalars[i as usize].buffer, Access::Scalar),
            Prim::RowCount => Op::Load(self.entry.row_count, Access::Scalar),
            Prim::Iota(1) => Op::Constant(0.0),
            Prim::Iota(_) => Op::Load(self.schedule.iota.expect("declared with the states"), Access::Row),
            Prim::Constant(c) => Op::Constant(c),
            Prim::Random { stream, distribution, cols } => Op::Random { stream, distribution, cols },
            Prim::Unary(op) => Op::Unary(op, self.value(w, node.args[0])),
            Prim::Binary(op) => {
                let x = self.value(w, node.args[0]);
                Op::Binary(op, x, self.value(w, node.args[1]))
            }
            Prim::Select => {
                let c = self.value(w, node.args[0]);
                let x = self.value(w, node.args[1]);
                Op::Select(c, x, self.value(w, node.args[2]))
            }
            Prim::Reduce(op, axis) => match (axis, self.values.partials[v.index()]) {
                (Axis::Rows, Some((buffer, 1))) => Op::Load(buffer, self.access(w, v)),
                (Axis::Rows, Some((buffer, rows))) => Op::LoadSum { buffer, rows, access: self.access(w, v) },
                (Axis::Rows, None) => return self.value(w, node.args[0]),
                (Axis::Cols, _) if self.plan.step.graph.shape(node.args[0]).cols == 1 => {
                    return self.value(w, node.args[0]);
                }
                (Axis::Cols, _) => Op::ReduceCols(op, self.value(w, node.args[0])),
            },
            Prim::MatMul { .. } | Prim::Concat | Prim::Slice { .. } => {
                panic!("schedule: {v} is not made of elements; see `kiln dump schedule`")
            }
        };
        w.push(op)
    }

    fn access(&self, w: &Writer, v: ValueId) -> Access {
        let group = &self.plan.fusion.groups[w.group];
        let shape = self.plan.step.graph.shape(v);
        let (rows, cols) = (shape.rows == group.rows, shape.cols == group.cols);
        match (rows, cols) {
            (true, true) => Access::Element,
            (_, false) if shape.is_scalar() => Access::Scalar,
            (false, true) if shape.is_scalar() => Access::Scalar,
            (true, false) => Access::Column,
            (false, true) => Access::Row,
            (false, false) => panic!("schedule: {v} {shape} does not fit [{},{}]", group.rows, group.cols),
        }
    }
}
