//! Fusion: gives each node a kernel.
//!
//! In: a graph and its contractions. Out: groups of nodes in an order in which every
//! group reads only earlier ones; each group becomes one kernel.
//!
//! One rule: a node joins the group of its latest argument when both walk the same
//! rows and columns; otherwise it opens a group. What follows from it:
//! bias, activation, loss gradient and column sums end up in the matmul that makes
//! their argument; an optimizer's update ends up on the tile of the gradient.
//!
//! Two refinements. Cheap elementwise nodes over values that every kernel can read
//! (masks, one-hots, penalties) *float*: each reader computes them again. And work on
//! vectors (one row) may join any later group of the same width, since each group of
//! its own would cost a phase.

use crate::Step;
use crate::buffer::PANEL_COLS;
use crate::contract::{Contractions, Orientation};
use kiln_graph::{Axis, Extent, Graph, Prim, ReduceOp, Shape, UnaryOp, ValueId};
use std::collections::BTreeSet;

/// What kind of kernel a group becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupKind {
    Gather,
    MatMul,
    Block,
    Map,
    Rows,
    Copy,
}

/// Nodes that become one kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) kind: GroupKind,
    pub(crate) rows: Extent,
    pub(crate) cols: u32,
    /// The node that opened the group: its contraction, input or copy, where it has one.
    pub(crate) root: Option<ValueId>,
}

impl Group {
    /// A task of this group sees all columns of its rows, so that it can reduce over them.
    pub(crate) fn sees_rows(&self) -> bool {
        match self.kind {
            GroupKind::Rows => true,
            GroupKind::MatMul | GroupKind::Map => self.cols <= PANEL_COLS,
            GroupKind::Gather | GroupKind::Block | GroupKind::Copy => false,
        }
    }
}

/// Which group computes what.
#[derive(Debug)]
pub(crate) struct Fusion {
    pub(crate) groups: Vec<Group>,
    /// The group that computes the node; `None` for sources and floating nodes.
    pub(crate) home: Vec<Option<usize>>,
    /// For sums over rows: the group that makes the partial sums.
    pub(crate) partial: Vec<Option<usize>>,
    /// The last group that must have run before the node can be had; −1 for none.
    ready: Vec<i64>,
    /// Elementary operations that computing a floating node again costs.
    cost: Vec<u32>,
}

/// More than this many operations are not computed twice.
pub(crate) const CHEAP: u32 = 12;

/// Batches of at most so many rows keep what is made of random numbers.
const KEEP_RANDOM_ROWS: u32 = 512;

const ONE: Extent = Extent::Fixed(1);

/// Groups all nodes.
pub(crate) fn fuse(step: &Step<'_>, contractions: &Contractions) -> Fusion {
    let graph = step.graph;
    let n = graph.nodes.len();
    let mut f = Fusion {
        groups: Vec::new(),
        home: vec![None; n],
        partial: vec![None; n],
        ready: vec![-1; n],
        cost: vec![0; n],
    };
    let early = independent_of_data(graph, contractions);
    let inputs = graph.values().filter(|&v| matches!(graph.node(v).prim, Prim::Input(_)));
    for v in inputs {
        f.open(GroupKind::Gather, graph, v);
    }
    // What needs no data (rates, bias corrections) first: every kernel may then use it.
    for v in graph.values().filter(|v| early[v.index()]) {
        f.visit(graph, contractions, v);
    }
    for v in graph.values().filter(|v| !early[v.index()]) {
        f.visit(graph, contractions, v);
    }
    let read_afterwards = graph.outputs.iter().map(|o| o.value);
    for v in read_afterwards.chain(graph.assignments.iter().map(|a| a.value)) {
        match graph.node(v).prim {
            // Another state's value from before the step.
            Prim::State(_) if f.home[v.index()].is_none() => f.anchor_state(graph, v),
            _ => f.anchor(graph, v),
        }
    }
    if keeps_random(step) {
        f.anchor_random(graph);
    }
    f
}

/// True where what is made of random numbers for each element is made once, and stored for who needs it later:
/// thirty instructions against a load from L2, where larger batches would not find it. Measured on exp01, which
/// drops forth and back: products that drop going back take 8 to 23 % less time at batch 128, a step 1 % less at 16
/// to 512.
pub(crate) fn keeps_random(step: &Step<'_>) -> bool {
    step.batch <= KEEP_RANDOM_ROWS && step.chunk >= step.batch
}

impl Fusion {
    fn visit(&mut self, graph: &Graph, contractions: &Contractions, v: ValueId) {
        if contractions.absorbed[v.index()] {
            return;
        }
        let node = graph.node(v);
        let factors = &contractions.factors[v.index()];
        if !factors.is_empty() {
            for operand in factors.iter().flat_map(|p| [p.a, p.b]) {
                self.anchor(graph, operand);
            }
            let tn = factors[0].orientation == Orientation::Tn;
            self.open(if tn { GroupKind::Block } else { GroupKind::MatMul }, graph, v);
            return;
        }
        match node.prim {
            Prim::Input(_) => {}
            Prim::State(_) | Prim::Scalar(_) | Prim::Constant(_) | Prim::Iota(_) | Prim::RowCount => {}
            // A column of random numbers is stored: in a wider kernel, every column would draw its own.
            Prim::Random { cols: 1, .. } => self.open(GroupKind::Map, graph, v),
            Prim::Random { .. } => self.cost[v.index()] = 8,
            Prim::Unary(_) | Prim::Binary(_) | Prim::Select => self.elementwise(graph, v),
            Prim::Reduce(_, Axis::Rows) if graph.shape(node.args[0]).rows == ONE => {
                self.elementwise(graph, v)
            }
            Prim::Reduce(_, Axis::Rows) => self.sum_rows(graph, v),
            Prim::Reduce(_, Axis::Cols) if graph.shape(node.args[0]).cols == 1 => self.elementwise(graph, v),
            Prim::Reduce(_, Axis::Cols) => self.reduce_cols(graph, v),
            Prim::Concat | Prim::Slice { .. } => {
                for &arg in &node.args {
                    self.anchor(graph, arg);
                }
                self.open(GroupKind::Copy, graph, v);
            }
            Prim::MatMul { .. } => unreachable!("every product is a contraction or part of one"),
        }
    }

    fn elementwise(&mut self, graph: &Graph, v: ValueId) {
        let shape = graph.shape(v);
        let args = &graph.node(v).args;
        if shape.rows != ONE {
            // A sum over rows is whole only once all blocks have run: a kernel of its own ends it.
            for &sum in args {
                if self.partial[sum.index()].is_some() {
                    self.anchor(graph, sum);
                }
            }
        }
        let ready = args.iter().map(|a| self.ready[a.index()]).max().unwrap_or(-1);
        if let Some(group) = self.group_of_args(graph, v, shape, ready) {
            self.join(v, group);
        } else if shape.rows == ONE {
            self.join_vectors(graph, v, shape, ready);
        } else if self.may_float(graph, v) {
            self.ready[v.index()] = ready;
            self.cost[v.index()] = 1 + args.iter().map(|a| self.cost[a.index()]).sum::<u32>();
        } else {
            self.open(kind_for(shape), graph, v);
        }
    }

    /// The latest group among the arguments', where the node fits in it.
    fn group_of_args(&self, graph: &Graph, v: ValueId, shape: Shape, ready: i64) -> Option<usize> {
        let homes = graph.node(v).args.iter().filter(|a| graph.shape(**a).rows == shape.rows);
        let latest = homes.filter_map(|a| self.home[a.index()]).max()?;
        (latest as i64 >= ready && fits(&self.groups[latest], shape)).then_some(latest)
    }

    /// Work on vectors joins the last group of its width that comes late enough.
    fn join_vectors(&mut self, graph: &Graph, v: ValueId, shape: Shape, ready: i64) {
        let sibling = self
            .groups
            .iter()
            .rposition(|g| g.kind == GroupKind::Rows && g.rows == ONE && g.cols == shape.cols);
        match sibling {
            Some(group) if group as i64 > ready => self.join(v, group),
            Some(_) | None => self.open(GroupKind::Rows, graph, v),
        }
    }

    /// True where each reader may compute the node again: every argument of its own size is a
    /// source, an input or floating itself, and the whole is cheap.
    fn may_float(&self, graph: &Graph, v: ValueId) -> bool {
        let node = graph.node(v);
        let rows = node.shape.rows;
        let cost: u32 = 1 + node.args.iter().map(|a| self.cost[a.index()]).sum::<u32>();
        is_cheap(&node.prim)
            && cost <= CHEAP
            && node.args.iter().all(|a| {
                let of_size = graph.shape(*a).rows == rows;
                !of_size || self.home[a.index()].is_none_or(|g| self.groups[g].kind == GroupKind::Gather)
            })
    }

    fn sum_rows(&mut self, graph: &Graph, v: ValueId) {
        let arg = graph.node(v).args[0];
        assert!(
            matches!(graph.node(v).prim, Prim::Reduce(ReduceOp::Sum, _)),
            "schedule: {v} is a maximum over rows"
        );
        if !self.home[arg.index()].is_some_and(|g| can_sum(&self.groups[g])) {
            self.anchor_sum(graph, arg, v);
        } else {
            self.partial[v.index()] = self.home[arg.index()];
        }
        self.ready[v.index()] = self.partial[v.index()].map_or(-1, |g| g as i64);
    }

    /// Opens a group for the partial sums of a value that no group computes.
    fn anchor_sum(&mut self, graph: &Graph, arg: ValueId, v: ValueId) {
        let shape = graph.shape(arg);
        let group = Group { kind: kind_for(shape), rows: shape.rows, cols: shape.cols, root: None };
        self.groups.push(group);
        self.partial[v.index()] = Some(self.groups.len() - 1);
        if self.home[arg.index()].is_none() && !is_source(&graph.node(arg).prim) {
            self.join(arg, self.groups.len() - 1);
        }
    }

    fn reduce_cols(&mut self, graph: &Graph, v: ValueId) {
        let arg = graph.node(v).args[0];
        let shape = graph.shape(arg);
        match self.home[arg.index()] {
            Some(g) if self.groups[g].sees_rows() && self.groups[g].cols == shape.cols => self.join(v, g),
            Some(_) | None => {
                let ready = self.ready[arg.index()];
                let sibling = self
                    .groups
                    .iter()
                    .rposition(|g| g.sees_rows() && g.rows == shape.rows && g.cols == shape.cols);
                match sibling {
                    Some(g) if g as i64 > ready => self.join(v, g),
                    Some(_) | None => {
                        let kind = GroupKind::Rows;
                        self.groups.push(Group { kind, rows: shape.rows, cols: shape.cols, root: None });
                        self.join(v, self.groups.len() - 1);
                    }
                }
            }
        }
    }

    /// Gives a floating value (or a sum that so far is only partial) a group, so that it can be stored.
    fn anchor(&mut self, graph: &Graph, v: ValueId) {
        if self.home[v.index()].is_some() || matches!(graph.node(v).prim, Prim::State(_)) {
            return;
        }
        let shape = graph.shape(v);
        if shape.rows == ONE {
            self.join_vectors(graph, v, shape, self.ready[v.index()]);
        } else {
            self.open(kind_for(shape), graph, v);
        }
    }

    /// Gives floating values that are made of random numbers, and that several groups read, the first of them.
    fn anchor_random(&mut self, graph: &Graph) {
        let mut random = vec![false; graph.nodes.len()];
        let mut readers: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.nodes.len()];
        for v in graph.values() {
            let args = &graph.node(v).args;
            let drawn = matches!(graph.node(v).prim, Prim::Random { .. });
            random[v.index()] =
                drawn || (self.home[v.index()].is_none() && args.iter().any(|a| random[a.index()]));
            for a in args {
                readers[a.index()].extend(self.home[v.index()]);
            }
        }
        for v in graph.values().filter(|v| random[v.index()] && !is_source(&graph.node(*v).prim)) {
            let first = readers[v.index()].first().filter(|&&g| fits(&self.groups[g], graph.shape(v)));
            if let (2.., Some(&group)) = (readers[v.index()].len(), first) {
                self.join(v, group);
            }
        }
    }

    /// Gives a state's value from before the step a group that can store it.
    fn anchor_state(&mut self, graph: &Graph, v: ValueId) {
        let shape = graph.shape(v);
        if shape.rows == ONE {
            self.join_vectors(graph, v, shape, -1);
        } else {
            self.open(kind_for(shape), graph, v);
        }
    }

    fn join(&mut self, v: ValueId, group: usize) {
        self.home[v.index()] = Some(group);
        self.ready[v.index()] = group as i64;
        self.cost[v.index()] = 0;
    }

    fn open(&mut self, kind: GroupKind, graph: &Graph, v: ValueId) {
        let shape = graph.shape(v);
        self.groups.push(Group { kind, rows: shape.rows, cols: shape.cols, root: Some(v) });
        self.join(v, self.groups.len() - 1);
    }
}

/// The kind of a group that only works on elements.
fn kind_for(shape: Shape) -> GroupKind {
    match shape.rows {
        Extent::Batch => GroupKind::Map,
        Extent::Fixed(1) => GroupKind::Rows,
        Extent::Fixed(_) => GroupKind::Block,
    }
}

fn fits(group: &Group, shape: Shape) -> bool {
    let works_on_elements = !matches!(group.kind, GroupKind::Gather | GroupKind::Copy);
    let width = group.cols == shape.cols || (shape.cols == 1 && group.sees_rows());
    works_on_elements && group.rows == shape.rows && width
}

fn can_sum(group: &Group) -> bool {
    !matches!(group.kind, GroupKind::Gather | GroupKind::Copy)
}

/// Read by any kernel without being computed first.
pub(crate) fn is_source(prim: &Prim) -> bool {
    match prim {
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Random { .. } => true,
        Prim::Unary(_)
        | Prim::Binary(_)
        | Prim::Select
        | Prim::MatMul { .. }
        | Prim::Reduce(..)
        | Prim::Concat
        | Prim::Slice { .. } => false,
    }
}

/// A handful of instructions.
pub(crate) fn is_cheap(prim: &Prim) -> bool {
    match prim {
        Prim::Unary(op) => match op {
            UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Relu | UnaryOp::Detach => true,
            UnaryOp::Exp
            | UnaryOp::ExpM1
            | UnaryOp::Log
            | UnaryOp::Log1p
            | UnaryOp::Sqrt
            | UnaryOp::Rsqrt
            | UnaryOp::Tanh
            | UnaryOp::Sigmoid
            | UnaryOp::Softplus
            | UnaryOp::Erf => false,
        },
        Prim::Binary(_) | Prim::Select => true,
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Random { .. }
        | Prim::MatMul { .. }
        | Prim::Reduce(..)
        | Prim::Concat
        | Prim::Slice { .. } => false,
    }
}

/// Vectors that depend on states and given numbers only.
fn independent_of_data(graph: &Graph, contractions: &Contractions) -> Vec<bool> {
    let mut early = vec![false; graph.nodes.len()];
    let mut free = vec![false; graph.nodes.len()];
    for v in graph.values() {
        let node = graph.node(v);
        let of_args = node.args.iter().all(|a| free[a.index()]);
        let source = is_source(&node.prim) && node.shape.rows == ONE;
        let is_product = !contractions.factors[v.index()].is_empty() || contractions.absorbed[v.index()];
        free[v.index()] =
            node.shape.rows == ONE && of_args && (source || !is_source(&node.prim)) && !is_product;
        early[v.index()] = free[v.index()];
    }
    early
}
