//! Builds a graph node by node; the vocabulary of every recipe in the library.
//!
//! Shapes are inferred as nodes are added; a shape that cannot be is a bug of the
//! recipe (users' mistakes are found earlier, by the model's checks) and panics.
//! Equal nodes are shared: asking twice for `relu(x)` gives one value, which also
//! keeps the graphs of gradients small.

use crate::graph::{
    Assignment, Graph, InputDecl, InputId, Node, Output, ScalarDecl, ScalarId, StateDecl, StateId, StreamId,
    ValueId,
};
use crate::infer::infer;
use crate::prim::{Axis, BinaryOp, Distribution, Prim, ReduceOp, UnaryOp};
use crate::shape::Shape;
use std::collections::HashMap;

/// Builds a [`Graph`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    graph: Graph,
    /// Nodes made so far, by what they compute. Never iterated.
    known: HashMap<(String, Vec<ValueId>), ValueId>,
    /// The name that new nodes carry.
    name: String,
}

impl Builder {
    /// An empty graph.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Goes on from a graph made earlier (to add gradients, to add updates).
    pub fn from_graph(graph: Graph) -> Builder {
        let mut b = Builder { graph: Graph::default(), known: HashMap::new(), name: String::new() };
        for (i, node) in graph.nodes.iter().enumerate() {
            b.known.entry((format!("{:?}", node.prim), node.args.clone())).or_insert(ValueId(i as u32));
        }
        b.graph = graph;
        b
    }

    /// The graph as built.
    pub fn finish(self) -> Graph {
        self.graph
    }

    /// The graph so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// New nodes carry this name (the spec's word for where they come from); gives back the one before.
    pub fn set_name(&mut self, name: &str) -> String {
        std::mem::replace(&mut self.name, name.to_owned())
    }

    /// Shape of a value.
    pub fn shape(&self, v: ValueId) -> Shape {
        self.graph.shape(v)
    }

    /// Adds a node, or finds the equal one.
    ///
    /// # Panics
    /// Where the shapes do not fit: a bug of the caller.
    pub fn add_node(&mut self, prim: Prim, args: &[ValueId]) -> ValueId {
        let key = (format!("{prim:?}"), args.to_vec());
        if let Some(&v) = self.known.get(&key) {
            return v;
        }
        let shapes: Vec<Shape> = args.iter().map(|&a| self.graph.shape(a)).collect();
        let shape = match infer(&self.graph, &prim, &shapes) {
            Ok(shape) => shape,
            Err(why) => panic!("graph: node v{} ({}): {why}", self.graph.nodes.len(), self.name),
        };
        let id = ValueId(self.graph.nodes.len() as u32);
        self.graph.nodes.push(Node { prim, args: args.to_vec(), shape, name: self.name.clone() });
        self.known.insert(key, id);
        id
    }

    /// The node that computes this, if there is one already.
    pub fn find(&self, prim: Prim, args: &[ValueId]) -> Option<ValueId> {
        self.known.get(&(format!("{prim:?}"), args.to_vec())).copied()
    }

    // ---- sources

    /// The batch field `name` with `cols` columns: `[B, cols]`. Asking again gives the same.
    pub fn input(&mut self, name: &str, cols: u32) -> ValueId {
        let id = match self.graph.inputs.iter().position(|i| i.name == name) {
            Some(i) => InputId(i as u32),
            None => {
                self.graph.inputs.push(InputDecl { name: name.to_owned(), cols });
                InputId(self.graph.inputs.len() as u32 - 1)
            }
        };
        self.add_node(Prim::Input(id), &[])
    }

    /// A new state.
    ///
    /// # Panics
    /// Where a state has this name already.
    pub fn new_state(&mut self, decl: StateDecl) -> StateId {
        assert!(self.graph.states.iter().all(|s| s.name != decl.name), "state {} declared twice", decl.name);
        self.graph.states.push(decl);
        StateId(self.graph.states.len() as u32 - 1)
    }

    /// The value that a state has before the step.
    pub fn state(&mut self, id: StateId) -> ValueId {
        self.add_node(Prim::State(id), &[])
    }

    /// The number `name` that the runtime gives before each step. Asking again gives the same.
    pub fn scalar(&mut self, name: &str) -> ValueId {
        let id = match self.graph.scalars.iter().position(|s| s.name == name) {
            Some(i) => ScalarId(i as u32),
            None => {
                self.graph.scalars.push(ScalarDecl { name: name.to_owned() });
                ScalarId(self.graph.scalars.len() as u32 - 1)
            }
        };
        self.add_node(Prim::Scalar(id), &[])
    }

    /// A number.
    pub fn constant(&mut self, value: f32) -> ValueId {
        self.add_node(Prim::Constant(value), &[])
    }

    /// `0, 1, …, cols − 1`: `[1, cols]`.
    pub fn iota(&mut self, cols: u32) -> ValueId {
        self.add_node(Prim::Iota(cols), &[])
    }

    /// Rows of this batch, as a number.
    pub fn row_count(&mut self) -> ValueId {
        self.add_node(Prim::RowCount, &[])
    }

    /// Fresh random numbers, `[B, cols]`, from a stream of their own.
    pub fn random(&mut self, distribution: Distribution, cols: u32) -> ValueId {
        let stream = StreamId(self.graph.streams);
        self.graph.streams += 1;
        self.add_node(Prim::Random { stream, distribution, cols }, &[])
    }

    // ---- element by element

    /// `op(x)`
    pub fn unary(&mut self, op: UnaryOp, x: ValueId) -> ValueId {
        self.add_node(Prim::Unary(op), &[x])
    }

    /// `op(x, y)`, stretched.
    pub fn binary(&mut self, op: BinaryOp, x: ValueId, y: ValueId) -> ValueId {
        self.add_node(Prim::Binary(op), &[x, y])
    }

    /// `if c ≠ 0 { x } else { y }`
    pub fn select(&mut self, c: ValueId, x: ValueId, y: ValueId) -> ValueId {
        self.add_node(Prim::Select, &[c, x, y])
    }

    /// `x · factor`
    pub fn scale(&mut self, x: ValueId, factor: f32) -> ValueId {
        let c = self.constant(factor);
        self.mul(x, c)
    }

    /// `x + term`
    pub fn offset(&mut self, x: ValueId, term: f32) -> ValueId {
        let c = self.constant(term);
        self.add(x, c)
    }

    /// `x²`
    pub fn square(&mut self, x: ValueId) -> ValueId {
        self.mul(x, x)
    }

    /// `1` where `label = j`, else `0`: `[B, 1] → [B, classes]`.
    pub fn one_hot(&mut self, label: ValueId, classes: u32) -> ValueId {
        let columns = self.iota(classes);
        self.binary(BinaryOp::Equal, label, columns)
    }

    /// Zeros in the shape of `x`, whatever `x` holds: `x > x` is false for NaN and infinities too,
    /// where `0 · x` and `x − x` are not zero. A number gives the constant 0.
    pub fn zeros_like(&mut self, x: ValueId) -> ValueId {
        if self.shape(x).is_scalar() { self.constant(0.0) } else { self.binary(BinaryOp::Greater, x, x) }
    }

    // ---- matrices, reductions, columns

    /// `a · b`
    pub fn matmul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.add_node(Prim::MatMul { transpose_a: false, transpose_b: false }, &[a, b])
    }

    /// `a · bᵀ`
    pub fn matmul_nt(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.add_node(Prim::MatMul { transpose_a: false, transpose_b: true }, &[a, b])
    }

    /// `aᵀ · b`
    pub fn matmul_tn(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.add_node(Prim::MatMul { transpose_a: true, transpose_b: false }, &[a, b])
    }

    /// Sum over rows: `[R, n] → [1, n]`.
    pub fn sum_rows(&mut self, x: ValueId) -> ValueId {
        self.add_node(Prim::Reduce(ReduceOp::Sum, Axis::Rows), &[x])
    }

    /// Sum over columns: `[R, n] → [R, 1]`.
    pub fn sum_cols(&mut self, x: ValueId) -> ValueId {
        self.add_node(Prim::Reduce(ReduceOp::Sum, Axis::Cols), &[x])
    }

    /// Sum of all elements: `[1, 1]`. Rows first: a matrix's column sums ride along with
    /// the kernel that makes it, and what is left is one short vector.
    pub fn sum_all(&mut self, x: ValueId) -> ValueId {
        let sums = self.sum_rows(x);
        self.sum_cols(sums)
    }

    /// Maximum over columns: `[R, n] → [R, 1]`.
    pub fn max_cols(&mut self, x: ValueId) -> ValueId {
        self.add_node(Prim::Reduce(ReduceOp::Max, Axis::Cols), &[x])
    }

    /// Columns side by side.
    pub fn concat(&mut self, parts: &[ValueId]) -> ValueId {
        self.add_node(Prim::Concat, parts)
    }

    /// Columns `start .. end`.
    pub fn slice(&mut self, x: ValueId, start: u32, end: u32) -> ValueId {
        self.add_node(Prim::Slice { start, end }, &[x])
    }

    // ---- results

    /// Makes `value` readable after the step under `name`.
    ///
    /// # Panics
    /// Where an output has this name already.
    pub fn output(&mut self, name: &str, value: ValueId) {
        assert!(self.graph.output(name).is_none(), "output {name} declared twice");
        self.graph.outputs.push(Output { name: name.to_owned(), value });
    }

    /// At the end of the step `state` becomes `value`.
    ///
    /// # Panics
    /// Where the state is assigned already, or the shapes differ.
    pub fn assign(&mut self, state: StateId, value: ValueId) {
        let decl = &self.graph.states[state.index()];
        assert!(
            self.graph.assignments.iter().all(|a| a.state != state),
            "state {} assigned twice",
            decl.name
        );
        assert_eq!(decl.shape, self.graph.shape(value), "assignment to {}", decl.name);
        self.graph.assignments.push(Assignment { state, value });
    }
}

macro_rules! named {
    ($($(#[$doc:meta])* $method:ident => $op:ident;)*) => {
        /// One method for each operation on elements.
        impl Builder {
            $($(#[$doc])* pub fn $method(&mut self, x: ValueId) -> ValueId { self.unary(UnaryOp::$op, x) })*
        }
    };
    (binary $($(#[$doc:meta])* $method:ident => $op:ident;)*) => {
        /// One method for each operation on pairs of elements.
        impl Builder {
            $($(#[$doc])* pub fn $method(&mut self, x: ValueId, y: ValueId) -> ValueId {
                self.binary(BinaryOp::$op, x, y)
            })*
        }
    };
}

named! {
    /// `−x`
    neg => Neg;
    /// `|x|`
    abs => Abs;
    /// `−1`, `0`, `1`
    sign => Sign;
    /// `max(x, 0)`
    relu => Relu;
    /// `e^x`
    exp => Exp;
    /// `e^x − 1`
    exp_m1 => ExpM1;
    /// `ln x`
    log => Log;
    /// `ln(1 + x)`
    log1p => Log1p;
    /// `√x`
    sqrt => Sqrt;
    /// `1/√x`
    rsqrt => Rsqrt;
    /// `tanh x`
    tanh => Tanh;
    /// `1/(1 + e^−x)`
    sigmoid => Sigmoid;
    /// `ln(1 + e^x)`
    softplus => Softplus;
    /// error function
    erf => Erf;
    /// `x`, without gradient
    detach => Detach;
}

named! { binary
    /// `x + y`
    add => Add;
    /// `x − y`
    sub => Sub;
    /// `x · y`
    mul => Mul;
    /// `x / y`
    div => Div;
    /// the larger
    max => Max;
    /// the smaller
    min => Min;
    /// `1` where `x > y`
    greater => Greater;
    /// `1` where `x = y`
    equal => Equal;
}
