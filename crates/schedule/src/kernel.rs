//! What a schedule consists of: entries, kernels, programs.

use crate::buffer::{Buffer, BufferId};
use kiln_graph::{BinaryOp, Distribution, Extent, ReduceOp, Shape, StreamId, UnaryOp};

kiln_graph::typed_ids! {
    /// A kernel of an entry. Prints as `k2`.
    KernelId, "k";
    /// An operation of a program. Prints as `%4`.
    LocalId, "%";
}

/// All steps over one arena.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// All buffers; `BufferId` indexes here.
    pub buffers: Vec<Buffer>,
    /// States, in the order in which the steps declare them.
    pub states: Vec<StateSlot>,
    /// `0, 1, 2, …` as f32, as long as the widest matrix: column numbers for masks and one-hots.
    pub iota: Option<BufferId>,
    /// One for each step given to [`crate::plan`].
    pub entries: Vec<Entry>,
    /// Size of the arena.
    pub arena_bytes: u64,
}

/// Where a state lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSlot {
    /// Its name.
    pub name: String,
    /// Rows and columns.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// As declared.
    pub plain: BufferId,
    /// Transposed as well, where some product reads it so; whoever writes one writes both.
    pub transposed: Option<BufferId>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `train`, `evaluate`.
    pub name: String,
    /// Rows of the largest batch.
    pub batch: u32,
    /// Rows that are taken through the step at a time; `batch` where all are.
    pub chunk: u32,
    /// The number of the chunk at hand as a u32, at the first element; where there are several.
    pub chunk_index: Option<BufferId>,
    /// Kernels; `KernelId` indexes here.
    pub kernels: Vec<Kernel>,
    /// Kernels that may run together, phase by phase.
    pub phases: Vec<Vec<KernelId>>,
    /// All phases in order, in ranges that run once or once for each chunk.
    pub parts: Vec<Part>,
    /// Phases that one worker runs as a single task: from, and the one after the last.
    pub serial: Vec<(usize, usize)>,
    /// Batch fields.
    pub inputs: Vec<Field>,
    /// Numbers given before each step, each at the first element of its buffer.
    pub scalars: Vec<Field>,
    /// What can be read afterwards.
    pub outputs: Vec<Field>,
    /// The number of rows of the batch at hand, as f32, at the first element.
    pub row_count: BufferId,
    /// Row `s` holds the key of random stream `s`: two u32 in the first two columns.
    pub keys: Option<BufferId>,
}

/// Phases that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first phase.
    pub from: usize,
    /// The one after the last.
    pub to: usize,
    /// They run for one chunk after the other, all phases for each.
    pub per_chunk: bool,
}

impl Entry {
    /// Which phases are handed out together, in order: single ones, and serial stretches.
    pub fn stretches(&self) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        let mut at = 0;
        for &(from, to) in &self.serial {
            all.extend((at..from).map(|phase| (phase, phase + 1)));
            all.push((from, to));
            at = to;
        }
        all.extend((at..self.phases.len()).map(|phase| (phase, phase + 1)));
        all
    }

    /// Chunks of the largest batch.
    pub fn chunks(&self) -> u32 {
        self.batch.div_ceil(self.chunk)
    }
}

/// A named buffer of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As in the graph.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Where it is.
    pub buffer: BufferId,
}

/// One kernel: a form, and a program for the elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// After the spec's layers.
    pub name: String,
    /// What the loops around the program do.
    pub form: Form,
    /// Rows of its space.
    pub rows: Extent,
    /// Columns of its space.
    pub cols: u32,
    /// What is done with each element.
    pub program: Program,
    /// Which of the stored matrices to copy transposed, block by block, after the program: (from, to). States of
    /// a block that has them both ways, and what turned products read of the batch.
    pub transposes: Vec<(BufferId, BufferId)>,
    /// How it is cut in tasks.
    pub tasks: Tasks,
}

/// The closed set of kernel forms.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Takes the batch's rows from the data set, decoded to f32, into the field's buffer.
    Gather {
        /// Index in [`Entry::inputs`].
        field: u32,
    },
    /// `tile[R, n] = Σ a[R, k] · b[k, n]`, then the program on the tile.
    MatMul {
        /// Summed in this order.
        products: Vec<Product>,
        /// Where the raw product is written before the program reads it; a buffer that the
        /// program overwrites in place, or one of its own.
        tile: BufferId,
    },
    /// `tile[k, n] = Σ aᵀ · b` over the rows of the batch, a block of 32×32 at a time, then the
    /// program on the block (no products: only the program).
    Block {
        /// Summed in this order; none for plain elementwise work on a parameter.
        products: Vec<Product>,
        /// Where the sum grows from chunk to chunk: the tile is a block of it, and the program is another
        /// kernel's. None where one chunk is all.
        sum: Option<BufferId>,
    },
    /// Only the program, panel by panel.
    Map,
    /// Only the program, row by row: it may reduce over columns.
    Rows,
    /// Columns of several matrices side by side.
    Copy {
        /// What goes where.
        parts: Vec<CopyPart>,
        /// The result.
        to: BufferId,
    },
}

/// One matrix product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// First operand, `[R, k]` (for blocks `[B, k]`, read transposed; where turned, `[k, R]`).
    pub a: BufferId,
    /// Second operand, `[k, n]` (for blocks `[B, n]`; where turned, `[n, k]`).
    pub b: BufferId,
    /// The extent that is summed over.
    pub inner: Extent,
    /// The product is taken the other way round, `(b · a)ᵀ`, so that a parameter is read as it is.
    pub turned: bool,
}

/// A range of columns of a [`Form::Copy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyPart {
    /// From this matrix,
    pub from: BufferId,
    /// from this column on,
    pub from_col: u32,
    /// to this column on,
    pub to_col: u32,
    /// so many columns.
    pub cols: u32,
}

/// How a kernel is cut in tasks: a grid of groups of row blocks by groups of panels. Task `t` is row
/// group `t / panel groups`, panel group `t % panel groups`. Depends on shapes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks {
    /// Rows in one block (the last may have fewer); column sums are kept for each block.
    pub row_block: u32,
    /// Row blocks in all.
    pub blocks: u32,
    /// Row blocks in one task.
    pub blocks_per_task: u32,
    /// Panels in all.
    pub panels: u32,
    /// Panels in one task.
    pub panels_per_task: u32,
}

impl Tasks {
    /// Groups of panels.
    pub fn panel_groups(self) -> u32 {
        self.panels.div_ceil(self.panels_per_task)
    }

    /// Tasks in all.
    pub fn count(self) -> u32 {
        self.blocks.div_ceil(self.blocks_per_task) * self.panel_groups()
    }
}

/// Straight-line code for one element (for [`Form::Rows`] also for one row).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Operations, arguments first; `LocalId` indexes here.
    pub ops: Vec<Op>,
    /// What is written, after all loads.
    pub stores: Vec<Store>,
}

/// One operation on an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// The product's element.
    Tile,
    /// An element of a buffer.
    Load(BufferId, Access),
    /// The sum of the first `rows` rows of a buffer of partial sums, in order.
    LoadSum {
        /// `[rows, n]`
        buffer: BufferId,
        /// How many.
        rows: u32,
        /// Which element of each row.
        access: Access,
    },
    /// A number.
    Constant(f32),
    /// A random number for this element.
    Random {
        /// Whose key (row of [`Entry::keys`]).
        stream: StreamId,
        /// What it looks like.
        distribution: Distribution,
        /// Columns of the random matrix: the element's index is `row · cols + col`.
        cols: u32,
    },
    /// Element by element.
    Unary(UnaryOp, LocalId),
    /// Element by element.
    Binary(BinaryOp, LocalId, LocalId),
    /// `if c ≠ 0 { x } else { y }`
    Select(LocalId, LocalId, LocalId),
    /// Over the columns of the row; only in kernels that see whole rows.
    ReduceCols(ReduceOp, LocalId),
}

/// Which element of a buffer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The one at this row and column.
    Element,
    /// The one at this column of row 0.
    Row,
    /// The one at this row of column 0.
    Column,
    /// The one at row 0, column 0.
    Scalar,
}

/// Something written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// Where to.
    pub target: StoreTarget,
    /// What.
    pub value: LocalId,
}

/// Where a store goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreTarget {
    /// The element at this row and column.
    Element(BufferId),
    /// Column 0 of this row (the value is the same for the whole row).
    Column(BufferId),
    /// Summed over the rows of the task's block, into the row of the buffer that has the block's number.
    SumRows(BufferId),
}

impl StoreTarget {
    /// The buffer that is written.
    pub fn buffer(self) -> BufferId {
        match self {
            StoreTarget::Element(b) | StoreTarget::Column(b) | StoreTarget::SumRows(b) => b,
        }
    }
}

impl Kernel {
    /// Goes through the rows of the batch: once for each chunk.
    pub fn walks_batch(&self) -> bool {
        let sums = match &self.form {
            Form::Block { products, .. } => products.iter().any(|p| p.inner == Extent::Batch),
            Form::Gather { .. } | Form::MatMul { .. } | Form::Map | Form::Rows | Form::Copy { .. } => false,
        };
        sums || self.rows == Extent::Batch
    }

    /// Number of panels of its space.
    pub fn panels(&self) -> u32 {
        self.cols.div_ceil(crate::buffer::PANEL_COLS)
    }

    /// Buffers that it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        let mut reads = Vec::new();
        match &self.form {
            Form::MatMul { products, .. } | Form::Block { products, .. } => {
                reads.extend(products.iter().flat_map(|p| [p.a, p.b]));
            }
            Form::Copy { parts, .. } => reads.extend(parts.iter().map(|p| p.from)),
            Form::Gather { .. } | Form::Map | Form::Rows => {}
        }
        for op in &self.program.ops {
            match op {
                Op::Load(buffer, _) | Op::LoadSum { buffer, .. } => reads.push(*buffer),
                Op::Tile
                | Op::Constant(_)
                | Op::Random { .. }
                | Op::Unary(..)
                | Op::Binary(..)
                | Op::Select(..)
                | Op::ReduceCols(..) => {}
            }
        }
        reads
    }

    /// Buffers that it writes (a gather's field is found through its entry).
    pub fn writes(&self, entry: &Entry) -> Vec<BufferId> {
        let mut writes: Vec<BufferId> = self.program.stores.iter().map(|s| s.target.buffer()).collect();
        match &self.form {
            Form::Gather { field } => writes.push(entry.inputs[*field as usize].buffer),
            Form::MatMul { tile, .. } => writes.push(*tile),
            Form::Block { sum, .. } => writes.extend(sum),
            Form::Copy { to, .. } => writes.push(*to),
            Form::Map | Form::Rows => {}
        }
        writes.extend(self.transposes.iter().map(|t| t.1));
        writes
    }
}
