//! Small random graphs of everything that the planner may meet.

use super::dice::Dice;
use kiln_graph::{
    Builder, Distribution, Extent, Graph, Initial, Shape, StateDecl, StateId, StateRole, ValueId, gradients,
};

/// Widths that matter: one, below a panel, a panel, more than one, more than two.
const WIDTHS: &[u32] = &[1, 5, 32, 40, 70];

/// A graph of `size` random operations; one in three descends along the gradients of all its states.
pub(crate) fn random_graph(seed: u64, size: usize) -> Graph {
    let (dice, descends) = (Dice::new(seed), seed % 3 == 1);
    let mut g = Growing { b: Builder::new(), dice, descends, values: Vec::new(), states: Vec::new() };
    for name in ["x", "y"] {
        let cols = g.dice.of(WIDTHS);
        let v = g.b.input(name, cols);
        g.values.push(v);
    }
    let rate = g.b.scalar("rate");
    let half = g.b.constant(0.5);
    g.values.extend([rate, half]);
    while g.values.len() < size + 4 {
        g.grow();
    }
    if descends {
        g.descend();
    }
    g.finish()
}

struct Growing {
    b: Builder,
    dice: Dice,
    /// Only products whose gradients are products that the planner takes.
    descends: bool,
    values: Vec<ValueId>,
    states: Vec<StateId>,
}

impl Growing {
    /// An earlier value, rather a late one.
    fn any(&mut self) -> ValueId {
        let n = self.values.len();
        let late = self.dice.below(n);
        let v = self.values[late.max(self.dice.below(n))];
        if self.dice.once_in(4) { self.values[self.dice.below(n)] } else { v }
    }

    fn any_where(&mut self, test: impl Fn(Shape) -> bool) -> Option<ValueId> {
        let found: Vec<ValueId> = self.values.iter().copied().filter(|&v| test(self.b.shape(v))).collect();
        (!found.is_empty()).then(|| found[self.dice.below(found.len())])
    }

    fn state(&mut self, rows: u32, cols: u32) -> ValueId {
        let known = self
            .states
            .iter()
            .copied()
            .find(|s| self.b.graph().states[s.index()].shape == Shape::matrix(rows, cols));
        let id = match known {
            Some(id) if self.dice.once_in(2) => id,
            Some(_) | None => {
                let name = format!("s{}", self.states.len());
                let (role, initial) = (StateRole::Parameter, Initial::Uniform { limit: 0.5 });
                let id =
                    self.b.new_state(StateDecl { name, shape: Shape::matrix(rows, cols), role, initial });
                self.states.push(id);
                id
            }
        };
        self.b.state(id)
    }

    fn grow(&mut self) {
        let x = self.any();
        let shape = self.b.shape(x);
        let made = match self.dice.below(16) {
            0 => self.b.relu(x),
            1 => self.b.tanh(x),
            2 => self.b.neg(x),
            3..=6 => {
                let Some(y) = self.any_where(|s| s.stretch(shape).is_some()) else { return };
                match self.dice.below(5) {
                    0 => self.b.add(x, y),
                    1 => self.b.sub(x, y),
                    2 => self.b.max(x, y),
                    3 => self.b.min(x, y),
                    _ => {
                        let (x, y) = (self.b.tanh(x), self.b.tanh(y));
                        self.b.mul(x, y)
                    }
                }
            }
            7 | 8 => self.product(x),
            9 if self.descends => self.b.sigmoid(x),
            9 => match self.any_where(|s| s.rows == shape.rows) {
                Some(y) => self.b.matmul_tn(x, y),
                None => return,
            },
            10 => {
                let sum = self.b.sum_rows(x);
                self.b.scale(sum, 0.1)
            }
            11 => self.b.sum_cols(x),
            12 => self.b.max_cols(x),
            13 => self.columns(x),
            14 => {
                let cols = self.dice.of(WIDTHS);
                let random = self.b.random(Distribution::Uniform, cols);
                let limit = self.b.constant(0.3);
                self.b.greater(random, limit)
            }
            _ => match self.dice.below(3) {
                0 => {
                    let (rows, cols) = (self.dice.of(&[1, 1, 3, 40]), self.dice.of(WIDTHS));
                    self.state(rows, cols)
                }
                1 => self.b.iota(self.dice.of(WIDTHS)),
                _ => self.b.row_count(),
            },
        };
        self.values.push(made);
    }

    fn product(&mut self, x: ValueId) -> ValueId {
        let k = self.b.shape(x).cols;
        let n = self.dice.of(WIDTHS);
        let made = if self.dice.once_in(2) {
            let w = self.state(k, n);
            self.b.matmul(x, w)
        } else if !self.descends && self.dice.once_in(3) {
            let known = self.any_where(|s| s.rows == Extent::Fixed(k));
            let w = known.unwrap_or_else(|| self.state(k, n));
            self.b.matmul(x, w)
        } else {
            let w = self.state(n, k);
            self.b.matmul_nt(x, w)
        };
        if self.dice.once_in(3) { self.b.tanh(made) } else { made }
    }

    fn columns(&mut self, x: ValueId) -> ValueId {
        let shape = self.b.shape(x);
        if shape.cols > 1 && self.dice.once_in(2) {
            let start = self.dice.below(shape.cols as usize) as u32;
            let end = start + 1 + self.dice.below((shape.cols - start) as usize) as u32;
            return self.b.slice(x, start, end);
        }
        match self.any_where(|s| s.rows == shape.rows && s.cols + shape.cols <= 100) {
            Some(y) => self.b.concat(&[x, y]),
            None => self.b.abs(x),
        }
    }

    fn descend(&mut self) {
        let last = self.any();
        let score = self.b.tanh(last);
        let loss = self.b.sum_all(score);
        let rows = self.b.row_count();
        let loss = self.b.div(loss, rows);
        let ids = self.states.clone();
        let wrt: Vec<ValueId> = ids.iter().map(|&s| self.b.state(s)).collect();
        let found = gradients(&mut self.b, loss, &wrt);
        for ((id, old), gradient) in ids.into_iter().zip(wrt).zip(found) {
            let down = self.b.scale(gradient, 0.1);
            let new = self.b.sub(old, down);
            self.b.assign(id, new);
        }
        self.b.output("loss", loss);
    }

    fn finish(mut self) -> Graph {
        let last = self.values[self.values.len() - 1];
        self.b.output("last", last);
        for i in 0..1 + self.dice.below(3) {
            let v = self.any();
            self.b.output(&format!("out{i}"), v);
        }
        for id in self.states.clone() {
            let shape = self.b.graph().states[id.index()].shape;
            if self.descends {
                break;
            }
            let Some(v) = self.any_where(|s| s.stretch(shape) == Some(shape)) else { continue };
            let old = self.b.state(id);
            let new = self.b.max(old, v);
            let new = if self.b.shape(v) == shape && self.dice.once_in(2) { v } else { new };
            self.b.assign(id, new);
        }
        self.b.finish()
    }
}
