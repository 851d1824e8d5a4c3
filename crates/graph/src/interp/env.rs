//! What a step reads, and the matrices that it computes with.

use crate::graph::Graph;

/// `rows × cols` numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// The elements, row by row.
    pub data: Vec<f64>,
}

impl Matrix {
    /// A matrix of these elements.
    ///
    /// # Panics
    /// Where there are not `rows · cols` of them.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Matrix {
        assert_eq!(data.len(), rows * cols, "elements of a {rows} × {cols} matrix");
        Matrix { rows, cols, data }
    }

    /// The element in row `i`, column `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.cols + j]
    }

    /// The only element, where there is one only.
    pub fn number(&self) -> Option<f64> {
        match self.data[..] {
            [x] => Some(x),
            _ => None,
        }
    }

    /// Row `i`, or the only row where there is one: the rows of a stretched operand.
    pub(super) fn row(&self, i: usize) -> &[f64] {
        let i = if self.rows == 1 { 0 } else { i };
        &self.data[i * self.cols..][..self.cols]
    }
}

/// What a step reads besides the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Env {
    /// Rows of the batch, `B`.
    pub rows: usize,
    /// The batch, `B · cols` numbers a field; `InputId` indexes here.
    pub inputs: Vec<Vec<f64>>,
    /// The states before the step; `StateId` indexes here.
    pub states: Vec<Vec<f64>>,
    /// The numbers set before the step; `ScalarId` indexes here.
    pub scalars: Vec<f64>,
    /// The run's seed of random numbers.
    pub seed: u64,
    /// The number of this step, of which each has random numbers of its own.
    pub step: u64,
}

impl Env {
    /// A batch of zeros, scalars of 0, and states as they begin under `seed`.
    pub fn new(graph: &Graph, rows: usize, seed: u64) -> Env {
        let initial = |(i, state): (usize, &crate::graph::StateDecl)| {
            let values =
                state.initial.fill(state.shape.rows_at(rows) as u32, state.shape.cols, seed, i as u32);
            values.into_iter().map(f64::from).collect()
        };
        Env {
            rows,
            inputs: graph.inputs.iter().map(|i| vec![0.0; rows * i.cols as usize]).collect(),
            states: graph.states.iter().enumerate().map(initial).collect(),
            scalars: vec![0.0; graph.scalars.len()],
            seed,
            step: 0,
        }
    }

    /// Sets the batch field `name`; a name that the graph does not read is left out.
    ///
    /// # Panics
    /// Where there are not `B · cols` numbers.
    pub fn set_input(&mut self, graph: &Graph, name: &str, values: &[f32]) {
        if let Some(i) = graph.inputs.iter().position(|d| d.name == name) {
            assert_eq!(values.len(), self.inputs[i].len(), "numbers for the field {name}");
            self.inputs[i] = values.iter().copied().map(f64::from).collect();
        }
    }

    /// Sets the number `name`; a name that the graph does not read is left out.
    pub fn set_scalar(&mut self, graph: &Graph, name: &str, value: f64) {
        if let Some(i) = graph.scalars.iter().position(|d| d.name == name) {
            self.scalars[i] = value;
        }
    }
}
