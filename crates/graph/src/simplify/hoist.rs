//! Takes factors that do not vary along the axis out of a sum along that axis.
//!
//! ```text
//! Σ (x · w)  → (Σ x) · w        Σ (x / w) → (Σ x) / w        Σ −x → −Σ x
//! Σ (x ± y)  → Σ x ± Σ y        only where that sums nothing that is not summed anyway
//! ```
//!
//! The factor then multiplies one row instead of the batch, and sums that differ in such factors
//! only become one. It is what leaves two column sums in the gradient of batch norm, `Σ g` and
//! `Σ g · (x − mean)`, both of which can ride along with the kernel that makes `g`.
//!
//! The traps: a product without its factor (`g · x` of `g · (x · w)`) may be a new matrix, so it
//! must replace one that only this sum reads; a bias's gradient sums what the kernel's gradient
//! reads too, and stays as it is. And `Σ (x − y)` of two sums at hand is cheap but may cancel; it
//! is split only where a part has a factor or is itself the same all along the axis (`x − mean`),
//! and where another part's sum exists already.

use super::fold::shared;
use crate::builder::Builder;
use crate::graph::ValueId;
use crate::prim::{Axis, BinaryOp, Prim, ReduceOp, UnaryOp};
use crate::shape::{Extent, Shape};

/// How far down a product or sum is looked into: each level can double the terms.
const DEPTH_MAX: u32 = 6;
const MUL: Prim = Prim::Binary(BinaryOp::Mul);

/// The sum of `x` along `axis` by cheaper means; `None` where there are none. `readers` counts
/// the readers of each value.
pub(super) fn hoist(b: &mut Builder, axis: Axis, x: ValueId, readers: &[u32]) -> Option<ValueId> {
    let mut sum = Sum { axis, extent: extent(axis, b.shape(x)), b };
    let plan = sum.plan(x, DEPTH_MAX);
    if matches!(plan, Plan::Whole(_)) || sum.products_made(&plan) > sum.freed(x, readers, DEPTH_MAX) {
        return None;
    }
    Some(sum.build(&plan))
}

fn extent(axis: Axis, shape: Shape) -> Extent {
    match axis {
        Axis::Rows => shape.rows,
        Axis::Cols => Extent::Fixed(shape.cols),
    }
}

/// How a sum is to be made.
#[derive(Clone, Debug)]
enum Plan {
    /// Summed as it is.
    Whole(Core),
    /// The same all along the axis: times the extent.
    Same(ValueId),
    /// A sum, times and divided by factors.
    Scaled(Box<Plan>, Vec<Factor>),
    /// A sum of sums, or a difference.
    Both(BinaryOp, Box<Plan>, Box<Plan>),
}

#[derive(Clone, Copy, Debug)]
enum Factor {
    Times(ValueId),
    Over(ValueId),
    Minus,
}

/// What is left of a product without its factors.
#[derive(Clone, Debug, PartialEq)]
enum Core {
    /// A value of the graph.
    Value(ValueId),
    /// A product that the graph may not have.
    Product(Box<Core>, Box<Core>),
}

struct Sum<'a> {
    b: &'a mut Builder,
    axis: Axis,
    /// Extent of the axis.
    extent: Extent,
}

impl Sum<'_> {
    fn plan(&self, x: ValueId, depth: u32) -> Plan {
        if self.is_same(x) {
            return Plan::Same(x);
        }
        if self.is_summed(x) || depth == 0 {
            return Plan::Whole(Core::Value(x));
        }
        let mut factors = Vec::new();
        let core = self.strip(x, depth, &mut factors);
        if !factors.is_empty() {
            let plan = match self.known(&core) {
                Some(core) => self.plan(core, depth - 1),
                None => Plan::Whole(core),
            };
            return Plan::Scaled(Box::new(plan), factors);
        }
        self.split(x, depth).unwrap_or(Plan::Whole(Core::Value(x)))
    }

    /// `x` without the factors that do not vary along the axis, which are added to `factors`,
    /// innermost first.
    fn strip(&self, x: ValueId, depth: u32, factors: &mut Vec<Factor>) -> Core {
        let node = self.b.graph().node(x);
        if depth == 0 {
            return Core::Value(x);
        }
        if node.prim == Prim::Unary(UnaryOp::Neg) {
            let core = self.strip(node.args[0], depth - 1, factors);
            factors.push(Factor::Minus);
            return core;
        }
        if node.prim == Prim::Binary(BinaryOp::Div) && self.is_same(node.args[1]) {
            let core = self.strip(node.args[0], depth - 1, factors);
            factors.push(Factor::Over(node.args[1]));
            return core;
        }
        if node.prim == MUL {
            return self.strip_product(x, [node.args[0], node.args[1]], depth, factors);
        }
        Core::Value(x)
    }

    fn strip_product(
        &self,
        product: ValueId,
        [x, y]: [ValueId; 2],
        depth: u32,
        factors: &mut Vec<Factor>,
    ) -> Core {
        for (core, factor) in [(x, y), (y, x)] {
            if self.is_same(factor) {
                let core = self.strip(core, depth - 1, factors);
                factors.push(Factor::Times(factor));
                return core;
            }
        }
        let before = factors.len();
        let cores = [self.strip(x, depth - 1, factors), self.strip(y, depth - 1, factors)];
        // An untouched product keeps its association.
        if factors.len() == before {
            return Core::Value(product);
        }
        let [left, right] = cores.map(Box::new);
        Core::Product(left, right)
    }

    fn split(&self, x: ValueId, depth: u32) -> Option<Plan> {
        let node = self.b.graph().node(x);
        let Prim::Binary(op @ (BinaryOp::Add | BinaryOp::Sub)) = node.prim else { return None };
        let parts = [self.plan(node.args[0], depth - 1), self.plan(node.args[1], depth - 1)];
        let eased = parts.iter().any(|p| matches!(p, Plan::Same(_) | Plan::Scaled(..)));
        let mut summed = Vec::new();
        parts.iter().for_each(|p| wholes(p, &mut summed));
        let is_at_hand = |core: &&&Core| self.known(core).is_some_and(|v| self.is_summed(v));
        let at_hand = summed.iter().filter(is_at_hand).count();
        let new = summed.len() - at_hand;
        let [left, right] = parts.map(Box::new);
        (eased && (new == 0 || new == 1 && at_hand > 0)).then_some(Plan::Both(op, left, right))
    }

    /// Along the axis all elements of `x` are one.
    fn is_same(&self, x: ValueId) -> bool {
        extent(self.axis, self.b.shape(x)) == Extent::Fixed(1)
    }

    fn is_summed(&self, x: ValueId) -> bool {
        self.b.find(Prim::Reduce(ReduceOp::Sum, self.axis), &[x]).is_some()
    }

    /// The value of a core that the graph has.
    fn known(&self, core: &Core) -> Option<ValueId> {
        match core {
            Core::Value(x) => Some(*x),
            Core::Product(left, right) => {
                let (x, y) = (self.known(left)?, self.known(right)?);
                self.b.find(MUL, &[x, y]).or_else(|| self.b.find(MUL, &[y, x]))
            }
        }
    }

    /// Matrices that the plan adds to the graph.
    fn products_made(&self, plan: &Plan) -> usize {
        let mut summed = Vec::new();
        wholes(plan, &mut summed);
        summed.into_iter().map(|core| self.products(core)).sum()
    }

    fn products(&self, core: &Core) -> usize {
        match core {
            Core::Product(left, right) if self.known(core).is_none() => {
                1 + self.products(left) + self.products(right)
            }
            Core::Value(_) | Core::Product(..) => 0,
        }
    }

    /// Matrices that nobody reads any more when `x` is not summed.
    fn freed(&self, x: ValueId, readers: &[u32], depth: u32) -> usize {
        let node = self.b.graph().node(x);
        let folds = matches!(node.prim, Prim::Unary(_) | Prim::Binary(_));
        let stays = self.is_same(x) || readers.get(x.index()).is_some_and(|&n| n > 1);
        if depth == 0 || !folds || stays {
            return 0;
        }
        1 + node.args.iter().map(|&a| self.freed(a, readers, depth - 1)).sum::<usize>()
    }

    fn build(&mut self, plan: &Plan) -> ValueId {
        match plan {
            Plan::Whole(core) => {
                let x = self.make(core);
                self.b.add_node(Prim::Reduce(ReduceOp::Sum, self.axis), &[x])
            }
            Plan::Same(x) => {
                let n = match self.extent {
                    Extent::Batch => self.b.row_count(),
                    Extent::Fixed(n) => self.b.constant(n as f32),
                };
                self.b.mul(*x, n)
            }
            Plan::Scaled(core, factors) => {
                let sum = self.build(core);
                factors.iter().fold(sum, |sum, factor| match *factor {
                    Factor::Times(w) => self.b.mul(sum, w),
                    Factor::Over(w) => self.b.div(sum, w),
                    Factor::Minus => self.b.neg(sum),
                })
            }
            Plan::Both(op, left, right) => {
                let (left, right) = (self.build(left), self.build(right));
                self.b.binary(*op, left, right)
            }
        }
    }

    fn make(&mut self, core: &Core) -> ValueId {
        match core {
            Core::Value(x) => *x,
            Core::Product(left, right) => {
                let (x, y) = (self.make(left), self.make(right));
                shared(self.b, MUL, &[x, y])
            }
        }
    }
}

/// What a plan sums, each once.
fn wholes<'p>(plan: &'p Plan, found: &mut Vec<&'p Core>) {
    match plan {
        Plan::Same(_) => {}
        Plan::Whole(x) if found.contains(&x) => {}
        Plan::Whole(x) => found.push(x),
        Plan::Scaled(core, _) => wholes(core, found),
        Plan::Both(_, left, right) => {
            wholes(left, found);
            wholes(right, found);
        }
    }
}
