//! Runs a schedule as its documentation says, element by element, in double precision.
//!
//! In: a schedule and what a step reads. Out: the outputs and the states after it. The tasks
//! of a phase run in a random order, memory outside of states is NaN before the step, and so
//! are the padding columns: a plan that relies on any of that gives wrong numbers here.

use super::dice::Dice;
use kiln_graph::interp::Env;
use kiln_graph::random::Key;
use kiln_graph::{BinaryOp, Distribution, Extent, Graph, ReduceOp, UnaryOp, math};
use kiln_schedule::{
    Access, BufferId, Entry, Field, Form, Kernel, KernelId, Op, PANEL_COLS, Product, Schedule, StoreTarget,
};

/// Memory, one number for every four bytes.
pub(crate) struct Machine<'a> {
    schedule: &'a Schedule,
    arena: Vec<f64>,
    lasting: usize,
}

/// What a step reads, and in which order its tasks run.
struct Step<'a> {
    entry: &'a Entry,
    env: &'a Env,
    /// The chunk at hand.
    chunk: u32,
}

impl Step<'_> {
    /// The first row of the chunk for a kernel that goes through the batch; else 0.
    fn first(&self, k: &Kernel) -> u32 {
        if k.rows == Extent::Batch { self.chunk * self.entry.chunk } else { 0 }
    }

    /// Rows of the batch in the chunk.
    fn rows(&self) -> u32 {
        (self.env.rows as u32).saturating_sub(self.chunk * self.entry.chunk).min(self.entry.chunk)
    }
}

/// Rows and columns of a block, and its products.
type Square<'a> = ([std::ops::Range<u32>; 2], &'a [Product]);

/// A part of a row of a kernel's space.
struct Row<'a> {
    r: u32,
    cols: std::ops::Range<u32>,
    /// The product's elements.
    tile: &'a [f64],
    k: &'a Kernel,
}

impl<'a> Machine<'a> {
    /// Memory with the column numbers, and no states yet.
    pub(crate) fn new(schedule: &'a Schedule) -> Machine<'a> {
        let ends = schedule.buffers.iter().filter(|b| b.lasting).map(|b| b.offset + b.bytes());
        let lasting = ends.max().unwrap_or(0) as usize / 4;
        let mut m = Machine { schedule, arena: vec![f64::NAN; schedule.arena_bytes as usize / 4], lasting };
        if let Some(iota) = schedule.iota {
            (0..schedule.buffer(iota).cols).for_each(|c| m.write(iota, 0, c, f64::from(c)));
        }
        m
    }

    /// Gives the states of a graph.
    pub(crate) fn set_states(&mut self, graph: &Graph, states: &[Vec<f64>]) {
        for (decl, values) in graph.states.iter().zip(states) {
            let slot =
                self.schedule.states.iter().find(|s| s.name == decl.name).expect("states are declared");
            for (i, &x) in values.iter().enumerate() {
                let (r, c) = (i as u32 / slot.cols, i as u32 % slot.cols);
                self.write(slot.plain, r, c, x);
                if let Some(t) = slot.transposed {
                    self.write(t, c, r, x);
                }
            }
        }
    }

    /// A state; its transposed copy must agree.
    pub(crate) fn state(&self, name: &str) -> Vec<f64> {
        let slot = self.schedule.states.iter().find(|s| s.name == name).expect("states are declared");
        let mut values = Vec::new();
        for r in 0..slot.rows {
            for c in 0..slot.cols {
                let x = self.read(slot.plain, r, c);
                if let Some(t) = slot.transposed {
                    assert!(same(x, self.read(t, c, r)), "{name}[{r},{c}] and its transposed copy differ");
                }
                values.push(x);
            }
        }
        values
    }

    /// Runs a step.
    pub(crate) fn run(&mut self, entry: &Entry, env: &Env, dice: &mut Dice) {
        self.arena[self.lasting..].fill(f64::NAN);
        for (field, &x) in entry.scalars.iter().zip(&env.scalars) {
            self.write(field.buffer, 0, 0, x);
        }
        self.write(entry.row_count, 0, 0, env.rows as f64);
        for part in &entry.parts {
            for chunk in 0..if part.per_chunk { entry.chunks() } else { 1 } {
                let step = Step { entry, env, chunk };
                entry.phases[part.from..part.to].iter().for_each(|phase| self.phase(&step, phase, dice));
            }
        }
    }

    fn phase(&mut self, step: &Step<'_>, phase: &[KernelId], dice: &mut Dice) {
        let kernels = phase.iter().map(|k| &step.entry.kernels[k.index()]);
        let mut tasks: Vec<(&Kernel, u32)> =
            kernels.flat_map(|k| (0..k.tasks.count()).map(move |t| (k, t))).collect();
        dice.shuffle(&mut tasks);
        tasks.into_iter().for_each(|(k, t)| self.task(step, k, t));
    }

    /// The rows of an output.
    pub(crate) fn output(&self, field: &Field, rows: usize) -> Vec<f64> {
        let rows = field.shape.rows_at(rows) as u32;
        let cells = (0..rows).flat_map(|r| (0..field.shape.cols).map(move |c| (r, c)));
        cells.map(|(r, c)| self.read(field.buffer, r, c)).collect()
    }

    fn place(&self, b: BufferId, r: u32, c: u32) -> usize {
        let buffer = self.schedule.buffer(b);
        assert!(r < buffer.rows && c < buffer.panels() * PANEL_COLS, "{b} {} has no [{r},{c}]", buffer.name);
        buffer.address(u64::from(r), u64::from(c)) as usize / 4
    }

    fn read(&self, b: BufferId, r: u32, c: u32) -> f64 {
        self.arena[self.place(b, r, c)]
    }

    fn write(&mut self, b: BufferId, r: u32, c: u32, x: f64) {
        let place = self.place(b, r, c);
        self.arena[place] = x;
    }

    fn task(&mut self, step: &Step<'_>, k: &Kernel, task: u32) {
        let t = k.tasks;
        let rows = match k.rows {
            Extent::Batch => step.rows(),
            Extent::Fixed(n) => n,
        };
        let (rg, pg) = (task / t.panel_groups(), task % t.panel_groups());
        let panels = pg * t.panels_per_task..((pg + 1) * t.panels_per_task).min(t.panels);
        let cols = panels.start * PANEL_COLS..(panels.end * PANEL_COLS).min(k.cols);
        for block in rg * t.blocks_per_task..((rg + 1) * t.blocks_per_task).min(t.blocks) {
            let rows = block * t.row_block..((block + 1) * t.row_block).min(rows);
            self.block(step, k, block, [rows.clone(), cols.clone()]);
            self.transposes(k, [rows, cols.clone()]);
        }
    }

    /// The row of a buffer in which a row of the chunk is.
    fn line(&self, first: u32, b: BufferId, r: u32) -> u32 {
        if self.schedule.buffer(b).chunked { r } else { first + r }
    }

    /// What has been stored of a block, transposed.
    fn transposes(&mut self, k: &Kernel, [rows, cols]: [std::ops::Range<u32>; 2]) {
        for (r, c) in rows.flat_map(|r| cols.clone().map(move |c| (r, c))) {
            for &(from, to) in &k.transposes {
                let x = self.read(from, r, c);
                self.write(to, c, r, x);
            }
        }
    }

    fn block(&mut self, step: &Step<'_>, k: &Kernel, block: u32, [rows, cols]: [std::ops::Range<u32>; 2]) {
        let first = step.first(k);
        // Partial sums have a row for each block of each chunk.
        let block = block + if k.rows == Extent::Batch { step.chunk * k.tasks.blocks } else { 0 };
        for store in &k.program.stores {
            if let StoreTarget::SumRows(b) = store.target {
                let narrow = self.schedule.buffer(b).cols < k.cols;
                let cols = if narrow { 0..1 } else { cols.clone() };
                cols.for_each(|c| self.write(b, block, c, 0.0));
            }
        }
        match &k.form {
            Form::Gather { field } => {
                let buffer = step.entry.inputs[*field as usize].buffer;
                let of =
                    |r: u32, c: u32| step.env.inputs[*field as usize][((first + r) * k.cols + c) as usize];
                for (r, c) in rows.clone().flat_map(|r| cols.clone().map(move |c| (r, c))) {
                    self.write(buffer, self.line(first, buffer, r), c, of(r, c));
                }
            }
            Form::Copy { parts, to } => {
                for (part, r) in parts.iter().flat_map(|p| rows.clone().map(move |r| (p, r))) {
                    for j in 0..part.cols {
                        let x = self.read(part.from, self.line(first, part.from, r), part.from_col + j);
                        self.write(*to, self.line(first, *to, r), part.to_col + j, x);
                    }
                }
            }
            Form::MatMul { products, tile } => {
                for (r, c) in rows.clone().flat_map(|r| cols.clone().map(move |c| (r, c))) {
                    let x = products.iter().map(|p| self.product(step, p, (first, r), c, false)).sum();
                    self.write(*tile, self.line(first, *tile, r), c, x);
                }
                rows.for_each(|r| {
                    let line = self.line(first, *tile, r);
                    let tile: Vec<f64> = cols.clone().map(|c| self.read(*tile, line, c)).collect();
                    self.row(step, &Row { r, cols: cols.clone(), tile: &tile, k }, block);
                });
            }
            Form::Block { products, sum: Some(sum), .. } => {
                for (r, c) in rows.flat_map(|r| cols.clone().map(move |c| (r, c))) {
                    let before = if step.chunk > 0 { self.read(*sum, r, c) } else { 0.0 };
                    let more: f64 = products.iter().map(|p| self.product(step, p, (0, r), c, true)).sum();
                    self.write(*sum, r, c, before + more);
                }
            }
            Form::Block { products, sum: None } => {
                // A block at a time: what is overwritten here must not be read for the next block.
                for c0 in cols.clone().step_by(PANEL_COLS as usize) {
                    let some = c0..(c0 + PANEL_COLS).min(cols.end);
                    self.square(step, k, block, ([rows.clone(), some], products));
                }
            }
            Form::Map | Form::Rows => {
                rows.for_each(|r| self.row(step, &Row { r, cols: cols.clone(), tile: &[], k }, block))
            }
        }
    }

    /// A block of rows and of a panel's columns of [`Form::Block`].
    fn square(&mut self, step: &Step<'_>, k: &Kernel, block: u32, ([rows, cols], products): Square<'_>) {
        for r in rows.clone() {
            let sum = |c| products.iter().map(|p| self.product(step, p, (0, r), c, true)).sum();
            let tile: Vec<f64> = cols.clone().map(sum).collect();
            self.row(step, &Row { r, cols: cols.clone(), tile: &tile, k }, block);
        }
    }

    fn product(&self, step: &Step<'_>, p: &Product, (first, r): (u32, u32), c: u32, transposed: bool) -> f64 {
        // Where the sum is over the batch, its rows are those of the chunk.
        let (inner, from) = match p.inner {
            Extent::Batch => (step.rows(), step.chunk * step.entry.chunk),
            Extent::Fixed(n) => (n, 0),
        };
        let a = |i: u32| match (transposed, p.turned) {
            (true, _) => self.read(p.a, self.line(from, p.a, i), r),
            (false, true) => self.read(p.a, i, r),
            (false, false) => self.read(p.a, self.line(first, p.a, r), i),
        };
        let b = |i: u32| match p.turned {
            true => self.read(p.b, c, i),
            false => self.read(p.b, self.line(from, p.b, i), c),
        };
        (0..inner).map(|i| a(i) * b(i)).sum()
    }

    fn row(&mut self, step: &Step<'_>, at: &Row<'_>, block: u32) {
        let Row { r, ref cols, k, .. } = *at;
        let first = step.first(k);
        let mut values: Vec<Vec<f64>> = Vec::new();
        for op in &k.program.ops {
            let value = self.op(step, op, &values, at);
            values.push(value);
        }
        for store in &k.program.stores {
            let value = &values[store.value.index()];
            match store.target {
                StoreTarget::Element(b) => {
                    let r = self.line(first, b, r);
                    cols.clone().zip(value).for_each(|(c, &x)| self.write(b, r, c, x));
                }
                StoreTarget::Column(b) => {
                    assert!(value.iter().all(|&x| same(x, value[0])), "a column that differs along the row");
                    self.write(b, self.line(first, b, r), 0, value[0]);
                }
                StoreTarget::SumRows(b) => {
                    let narrow = self.schedule.buffer(b).cols < k.cols;
                    for (c, &x) in cols.clone().zip(value).take(if narrow { 1 } else { usize::MAX }) {
                        let c = if narrow { 0 } else { c };
                        let sum = self.read(b, block, c);
                        self.write(b, block, c, sum + x);
                    }
                }
            }
        }
    }

    /// What an operation gives in each of the columns.
    fn op(&self, step: &Step<'_>, op: &Op, values: &[Vec<f64>], at: &Row<'_>) -> Vec<f64> {
        let Row { r, ref cols, tile, k } = *at;
        let each = |f: &dyn Fn(usize, u32) -> f64| cols.clone().enumerate().map(|(i, c)| f(i, c)).collect();
        match *op {
            Op::Tile => tile.to_vec(),
            Op::Load(b, access) => each(&|_, c| self.load(b, access, self.line(step.first(k), b, r), c)),
            Op::LoadSum { buffer, rows, access } => each(&|_, c| {
                let access = match access {
                    Access::Element | Access::Row => Access::Element,
                    Access::Column | Access::Scalar => Access::Column,
                };
                (0..rows).map(|i| self.load(buffer, access, i, c)).sum()
            }),
            Op::Constant(x) => each(&|_, _| f64::from(x)),
            Op::Random { stream, distribution, cols } => each(&|_, c| {
                let key = Key::new(step.env.seed, stream.0, step.env.step);
                let index = (step.first(k) + r) * cols + c;
                f64::from(match distribution {
                    Distribution::Uniform => key.uniform(index),
                    Distribution::Normal => key.normal(index),
                })
            }),
            Op::Unary(op, x) => each(&|i, _| unary(op, values[x.index()][i])),
            Op::Binary(op, x, y) => each(&|i, _| binary(op, values[x.index()][i], values[y.index()][i])),
            Op::Select(c, x, y) => each(&|i, _| {
                if values[c.index()][i] != 0.0 { values[x.index()][i] } else { values[y.index()][i] }
            }),
            Op::ReduceCols(op, x) => {
                assert_eq!(*cols, 0..k.cols, "a reduction over a part of the columns");
                let x = values[x.index()].iter();
                let total = match op {
                    ReduceOp::Sum => x.sum(),
                    ReduceOp::Max => x.fold(f64::NEG_INFINITY, |best, &x| if x > best { x } else { best }),
                };
                each(&|_, _| total)
            }
        }
    }

    fn load(&self, b: BufferId, access: Access, r: u32, c: u32) -> f64 {
        match access {
            Access::Element => self.read(b, r, c),
            Access::Row => self.read(b, 0, c),
            Access::Column => self.read(b, r, 0),
            Access::Scalar => self.read(b, 0, 0),
        }
    }
}

fn unary(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Abs => x.abs(),
        UnaryOp::Sign => f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
        UnaryOp::Relu => {
            if x > 0.0 {
                x
            } else {
                0.0
            }
        }
        UnaryOp::Exp => math::exp(x),
        UnaryOp::ExpM1 => math::exp_m1(x),
        UnaryOp::Log => math::log(x),
        UnaryOp::Log1p => math::log1p(x),
        UnaryOp::Sqrt => x.sqrt(),
        UnaryOp::Rsqrt => 1.0 / x.sqrt(),
        UnaryOp::Tanh => math::tanh(x),
        UnaryOp::Sigmoid => math::sigmoid(x),
        UnaryOp::Softplus => math::softplus(x),
        UnaryOp::Erf => math::erf(x),
        UnaryOp::Detach => x,
    }
}

fn binary(op: BinaryOp, x: f64, y: f64) -> f64 {
    match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::Div => x / y,
        BinaryOp::Max => {
            if x > y {
                x
            } else {
                y
            }
        }
        BinaryOp::Min => {
            if x < y {
                x
            } else {
                y
            }
        }
        BinaryOp::Greater => f64::from(u8::from(x > y)),
        BinaryOp::Equal => f64::from(u8::from(x == y)),
    }
}

/// Equal but for the order of sums; NaN equals NaN.
pub(crate) fn same(x: f64, y: f64) -> bool {
    x == y
        || (x.is_nan() && y.is_nan())
        || (x.is_finite() && (x - y).abs() <= 1e-7 * (1.0 + x.abs().max(y.abs())))
}
