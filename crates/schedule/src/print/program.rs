//! A program as text: expressions, and what is stored.

use crate::buffer::BufferId;
use crate::kernel::{Access, Kernel, LocalId, Op, Program, Schedule, StoreTarget};
use kiln_graph::{BinaryOp, Shape, UnaryOp};
use std::fmt::{self, Write};

/// An expression longer than this gets a line of its own.
const LONG: usize = 72;

/// One line for each operation that is used more than once, and for each store.
pub(super) fn write(schedule: &Schedule, kernel: &Kernel, f: &mut dyn Write) -> fmt::Result {
    let program = &kernel.program;
    let uses = count_uses(program);
    let mut texts: Vec<Text> = Vec::with_capacity(program.ops.len());
    for (i, op) in program.ops.iter().enumerate() {
        let text = expression(schedule, op, &texts);
        let simple = matches!(op, Op::Tile | Op::Load(..) | Op::Constant(_));
        if simple || (uses[i] == 1 && text.text.chars().count() <= LONG) {
            texts.push(text);
        } else {
            let id = LocalId(i as u32);
            writeln!(f, "    {id} = {}", text.text)?;
            texts.push(Text::whole(id.to_string()));
        }
    }
    for store in &program.stores {
        let value = &texts[store.value.index()].text;
        let buffer = schedule.buffer(store.target.buffer());
        let space = match store.target {
            StoreTarget::Element(_) => Shape { rows: kernel.rows, cols: kernel.cols },
            StoreTarget::Column(_) => Shape { rows: kernel.rows, cols: 1 },
            StoreTarget::SumRows(_) => Shape::matrix(buffer.rows, buffer.cols),
        };
        let how = if matches!(store.target, StoreTarget::SumRows(_)) { "Σrows " } else { "" };
        writeln!(f, "    {how}{value} -> {}{space}", buffer.name)?;
    }
    Ok(())
}

fn count_uses(program: &Program) -> Vec<u32> {
    let mut uses = vec![0; program.ops.len()];
    let mut count = |x: LocalId| uses[x.index()] += 1;
    for op in &program.ops {
        match *op {
            Op::Unary(_, x) | Op::ReduceCols(_, x) => count(x),
            Op::Binary(_, x, y) => [x, y].into_iter().for_each(&mut count),
            Op::Select(c, x, y) => [c, x, y].into_iter().for_each(&mut count),
            Op::Tile | Op::Load(..) | Op::LoadSum { .. } | Op::Constant(_) | Op::Random { .. } => {}
        }
    }
    program.stores.iter().for_each(|s| count(s.value));
    uses
}

/// An expression, and how tightly its outermost operator binds.
struct Text {
    text: String,
    binds: u8,
}

const WHOLE: u8 = 3;

impl Text {
    fn whole(text: String) -> Text {
        Text { text, binds: WHOLE }
    }

    /// In parentheses where it binds more loosely than `at_least`.
    fn inside(&self, at_least: u8) -> String {
        if self.binds >= at_least { self.text.clone() } else { format!("({})", self.text) }
    }
}

fn expression(schedule: &Schedule, op: &Op, texts: &[Text]) -> Text {
    let text = |x: LocalId| &texts[x.index()];
    let call = |name: &str, args: &[LocalId]| {
        let args: Vec<&str> = args.iter().map(|&x| text(x).text.as_str()).collect();
        Text::whole(format!("{name}({})", args.join(", ")))
    };
    match *op {
        Op::Tile => Text::whole("tile".to_owned()),
        Op::Load(b, access) => Text::whole(load(schedule, b, access)),
        Op::LoadSum { buffer, rows, access } => {
            Text::whole(format!("Σ{rows} {}", load(schedule, buffer, access)))
        }
        Op::Constant(c) => Text::whole(format!("{c:?}")),
        Op::Random { stream, distribution, .. } => Text::whole(format!("{}({stream})", distribution.name())),
        Op::Unary(UnaryOp::Neg, x) => Text { text: format!("-{}", text(x).inside(WHOLE)), binds: 2 },
        Op::Unary(op, x) => call(op.name(), &[x]),
        Op::Binary(op, x, y) => match infix(op) {
            Some((sign, binds)) => {
                let (x, y) = (text(x).inside(binds), text(y).inside(binds + 1));
                Text { text: format!("{x} {sign} {y}"), binds }
            }
            None => call(op.name(), &[x, y]),
        },
        Op::Select(c, x, y) => call("select", &[c, x, y]),
        Op::ReduceCols(op, x) => call(&format!("{}_cols", op.name()), &[x]),
    }
}

/// The sign of an operation, and how tightly it binds.
fn infix(op: BinaryOp) -> Option<(&'static str, u8)> {
    match op {
        BinaryOp::Add => Some(("+", 1)),
        BinaryOp::Sub => Some(("-", 1)),
        BinaryOp::Mul => Some(("*", 2)),
        BinaryOp::Div => Some(("/", 2)),
        BinaryOp::Greater => Some((">", 0)),
        BinaryOp::Equal => Some(("=", 0)),
        BinaryOp::Max | BinaryOp::Min => None,
    }
}

fn load(schedule: &Schedule, b: BufferId, access: Access) -> String {
    let name = &schedule.buffer(b).name;
    match access {
        Access::Element => name.clone(),
        Access::Row => format!("{name}[0,:]"),
        Access::Column => format!("{name}[:,0]"),
        Access::Scalar => format!("{name}[0,0]"),
    }
}
