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
//! The trap is the second line: `Σ (x − y)` of two sums at hand is cheap but may cancel. It is
//! split only where a part has a factor or is itself the same all along the axis (`x − mean`),
//! and where another part's sum exists already.

use super::fold::shared;
use crate::builder::Builder;
use crate::graph::ValueId;
use crate::prim::{Axis, BinaryOp, Prim, ReduceOp, UnaryOp};
use crate::shape::{Extent, Shape};

/// How far down a product or sum is looked into: each level can double the terms.
const DEPTH_MAX: u32 = 6;

/// The sum of `x` along `axis` by cheaper means; `None` where there are none.
pub(super) fn hoist(b: &mut Builder, axis: Axis, x: ValueId) -> Option<ValueId> {
    let mut sum = Sum { axis, extent: extent(axis, b.shape(x)), b };
    match sum.plan(x, DEPTH_MAX) {
        Plan::Whole(_) => None,
        plan => Some(sum.build(&plan)),
    }
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
    Whole(ValueId),
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

struct Sum<'a> {
    b: &'a mut Builder,
    axis: Axis,
    /// Extent of the axis.
    extent: Extent,
}

impl Sum<'_> {
    fn plan(&mut self, x: ValueId, depth: u32) -> Plan {
        if self.is_same(x) {
            return Plan::Same(x);
        }
        if self.is_summed(x) || depth == 0 {
            return Plan::Whole(x);
        }
        let mut factors = Vec::new();
        let core = self.strip(x, depth, &mut factors);
        if !factors.is_empty() {
            return Plan::Scaled(Box::new(self.plan(core, depth - 1)), factors);
        }
        self.split(x, depth).unwrap_or(Plan::Whole(x))
    }

    /// `x` without the factors that do not vary along the axis, which are added to `factors`,
    /// innermost first.
    fn strip(&mut self, x: ValueId, depth: u32, factors: &mut Vec<Factor>) -> ValueId {
        let node = self.b.graph().node(x).clone();
        if depth == 0 {
            return x;
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
        if node.prim == Prim::Binary(BinaryOp::Mul) {
            return self.strip_product(x, [node.args[0], node.args[1]], depth, factors);
        }
        x
    }

    fn strip_product(
        &mut self,
        product: ValueId,
        [x, y]: [ValueId; 2],
        depth: u32,
        factors: &mut Vec<Factor>,
    ) -> ValueId {
        for (core, factor) in [(x, y), (y, x)] {
            if self.is_same(factor) {
                let core = self.strip(core, depth - 1, factors);
                factors.push(Factor::Times(factor));
                return core;
            }
        }
        let cores = [self.strip(x, depth - 1, factors), self.strip(y, depth - 1, factors)];
        // An untouched product keeps its association.
        if cores == [x, y] { product } else { shared(self.b, Prim::Binary(BinaryOp::Mul), &cores) }
    }

    fn split(&mut self, x: ValueId, depth: u32) -> Option<Plan> {
        let node = self.b.graph().node(x).clone();
        let Prim::Binary(op @ (BinaryOp::Add | BinaryOp::Sub)) = node.prim else { return None };
        let parts = [self.plan(node.args[0], depth - 1), self.plan(node.args[1], depth - 1)];
        let eased = parts.iter().any(|p| matches!(p, Plan::Same(_) | Plan::Scaled(..)));
        let mut summed = Vec::new();
        parts.iter().for_each(|p| wholes(p, &mut summed));
        let at_hand = summed.iter().filter(|&&v| self.is_summed(v)).count();
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

    fn build(&mut self, plan: &Plan) -> ValueId {
        match plan {
            Plan::Whole(x) => self.b.add_node(Prim::Reduce(ReduceOp::Sum, self.axis), &[*x]),
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
}

/// What a plan sums, each once.
fn wholes(plan: &Plan, found: &mut Vec<ValueId>) {
    match plan {
        Plan::Same(_) => {}
        Plan::Whole(x) if found.contains(x) => {}
        Plan::Whole(x) => found.push(*x),
        Plan::Scaled(core, _) => wholes(core, found),
        Plan::Both(_, left, right) => {
            wholes(left, found);
            wholes(right, found);
        }
    }
}
