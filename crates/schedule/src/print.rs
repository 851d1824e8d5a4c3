//! A schedule as stable text: `dump schedule`, golden files.
//!
//! In: any sound schedule ([`mod@crate::verify`]). Out: what lasts, what is stored where, then each
//! step phase by phase; the same schedule gives the same text in every run and on every host.
//!
//! ```text
//! k1 matmul h [B,4] = x[B,8] · h.kernel[8,4]  tasks 2×1 of 8 rows × 1 panel
//!     %3 = relu(tile + h.bias[0,:])
//!     %3 -> h.v6[B,4]
//!     Σrows %3 * 0.5 -> h.v8.sums[2,4]
//! ```
//!
//! An operation that is used once is written inside the one that uses it, unless that line
//! would grow too long. `b[0,:]` is the same row for all rows, `b[:,0]` the same column for
//! all columns, `b[0,0]` a number; a plain name is the element at hand.

mod program;

use crate::buffer::{Buffer, BufferId};
use crate::kernel::{Entry, Field, Form, Kernel, KernelId, Product, Schedule};
use crate::memory;
use kiln_graph::{Extent, Shape};
use std::fmt::{self, Write};

/// The text of a schedule.
pub fn print(schedule: &Schedule) -> String {
    schedule.to_string()
}

/// The text of one of its steps.
pub fn print_entry(schedule: &Schedule, entry: &Entry) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = step(schedule, entry, &mut text);
    text
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "arena {} bytes", self.arena_bytes)?;
        if !self.states.is_empty() {
            writeln!(f, "states")?;
        }
        for s in &self.states {
            write!(f, "  {} [{},{}] {}", s.name, s.rows, s.cols, s.plain)?;
            match s.transposed {
                Some(t) => writeln!(f, ", transposed {t}")?,
                None => writeln!(f)?,
            }
        }
        writeln!(f, "lasting buffers")?;
        for (i, buffer) in self.buffers.iter().enumerate().filter(|(_, b)| b.lasting) {
            place(f, BufferId(i as u32), buffer)?;
            writeln!(f)?;
        }
        self.entries.iter().try_for_each(|entry| {
            writeln!(f)?;
            step(self, entry, f)
        })
    }
}

fn place(f: &mut dyn Write, id: BufferId, b: &Buffer) -> fmt::Result {
    write!(f, "  {id} {} [{},{}] at {}, {} bytes", b.name, b.rows, b.cols, b.offset, b.bytes())
}

fn step(schedule: &Schedule, entry: &Entry, f: &mut dyn Write) -> fmt::Result {
    let (phases, kernels) = (entry.phases.len(), entry.kernels.len());
    write!(f, "step {}, batch {}", entry.name, entry.batch)?;
    if entry.chunks() > 1 {
        write!(f, " in {} chunks of {}", entry.chunks(), entry.chunk)?;
    }
    writeln!(f, ": {kernels} kernels in {phases} phases")?;
    fields(f, "inputs", &entry.inputs)?;
    fields(f, "scalars", &entry.scalars)?;
    fields(f, "outputs", &entry.outputs)?;
    writeln!(f, "buffers")?;
    for (id, (first, last)) in memory::lifetimes(schedule, entry) {
        place(f, id, schedule.buffer(id))?;
        writeln!(f, ", phases {first} to {last}")?;
    }
    for (i, phase) in entry.phases.iter().enumerate() {
        let part = entry.parts.iter().find(|part| (part.from..part.to).contains(&i));
        let each = if part.is_some_and(|part| part.per_chunk) { " of each chunk" } else { "" };
        let serial = entry.serial.iter().find(|s| (s.0..s.1).contains(&i));
        let alone = serial.map_or_else(String::new, |s| format!(", {} to {} by one worker", s.0, s.1 - 1));
        writeln!(f, "phase {i}{each}{alone}")?;
        for &id in phase {
            let kernel = &entry.kernels[id.index()];
            write!(f, "  {}", Heading { schedule, entry, id, kernel })?;
            writeln!(f, "  {}", Grid(kernel))?;
            program::write(schedule, kernel, f)?;
        }
    }
    Ok(())
}

fn fields(f: &mut dyn Write, heading: &str, fields: &[Field]) -> fmt::Result {
    if fields.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = fields.iter().map(|i| format!("{} {} {}", i.name, i.shape, i.buffer)).collect();
    writeln!(f, "{heading} {}", list.join(", "))
}

/// `k1 matmul h [B,4] = x[B,8] · h.kernel[8,4]`
struct Heading<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    id: KernelId,
    kernel: &'a Kernel,
}

impl fmt::Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kernel, space) = (self.kernel, space(self.kernel));
        let name = |b: BufferId| &self.schedule.buffer(b).name;
        let form = match kernel.form {
            Form::Gather { .. } => "gather",
            Form::MatMul { .. } => "matmul",
            Form::Block { .. } => "block",
            Form::Map => "map",
            Form::Rows => "rows",
            Form::Copy { .. } => "copy",
        };
        write!(f, "{} {form} ", self.id)?;
        if !kernel.name.is_empty() {
            write!(f, "{} ", kernel.name)?;
        }
        write!(f, "{space}")?;
        match &kernel.form {
            Form::Gather { field } => write!(f, " -> {}", name(self.entry.inputs[*field as usize].buffer)),
            Form::MatMul { products, tile } => {
                self.products(f, products, false)?;
                write!(f, " in {}", name(*tile))
            }
            Form::Block { products, sum } => {
                self.products(f, products, true)?;
                sum.iter().try_for_each(|sum| write!(f, " added to {}", name(*sum)))
            }
            Form::Copy { parts, to } => {
                let part = |p: &crate::kernel::CopyPart| {
                    format!("{}[:,{}..{}]", name(p.from), p.from_col, p.from_col + p.cols)
                };
                let parts: Vec<String> = parts.iter().map(part).collect();
                write!(f, " = {} -> {}", parts.join(" | "), name(*to))
            }
            Form::Map | Form::Rows => Ok(()),
        }?;
        kernel.transposes.iter().try_for_each(|(from, to)| write!(f, ", {} -> {}", name(*from), name(*to)))
    }
}

impl Heading<'_> {
    /// ` = a[B,8] · b[8,4] + …`; for blocks the first operand is read transposed, and where the product is
    /// turned, all of it is: ` = (b[4,8] · a[8,B]).T`.
    fn products(&self, f: &mut fmt::Formatter<'_>, products: &[Product], of_block: bool) -> fmt::Result {
        let cols = |rows| match rows {
            Extent::Batch => self.entry.batch,
            Extent::Fixed(n) => n,
        };
        for (i, p) in products.iter().enumerate() {
            let (a, b) = (&self.schedule.buffer(p.a).name, &self.schedule.buffer(p.b).name);
            let right = Shape { rows: p.inner, cols: self.kernel.cols };
            write!(f, " {} ", if i == 0 { "=" } else { "+" })?;
            if of_block {
                let left = Shape { rows: p.inner, cols: cols(self.kernel.rows) };
                write!(f, "({a}{left}).T · {b}{right}")?;
            } else if p.turned {
                let (inner, cols, rows) = (cols(p.inner), self.kernel.cols, cols(self.kernel.rows));
                write!(f, "({b}[{cols},{inner}] · {a}[{inner},{rows}]).T")?;
            } else {
                let left = Shape { rows: self.kernel.rows, cols: cols(p.inner) };
                write!(f, "{a}{left} · {b}{right}")?;
            }
        }
        Ok(())
    }
}

fn space(kernel: &Kernel) -> Shape {
    Shape { rows: kernel.rows, cols: kernel.cols }
}

/// `tasks 8×2 of 1×64 rows × 4 panels`
struct Grid<'a>(&'a Kernel);

impl fmt::Display for Grid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0.tasks;
        let (down, across) =
            (t.blocks.div_ceil(t.blocks_per_task.max(1)), t.panels.div_ceil(t.panels_per_task.max(1)));
        write!(f, "tasks {down}×{across} of ")?;
        if t.blocks_per_task > 1 {
            write!(f, "{}×", t.blocks_per_task)?;
        }
        let plural = if t.panels_per_task == 1 { "" } else { "s" };
        write!(f, "{} rows × {} panel{plural}", t.row_block, t.panels_per_task)
    }
}
