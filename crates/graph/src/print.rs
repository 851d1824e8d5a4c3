//! A graph as stable text: `dump graph`, `dump gradients`, golden files.
//!
//! In: any graph, verified or not. Out: its declarations, one line a node, its outputs and
//! assignments; the same graph gives the same text in every run and on every host. Numbers are
//! printed so that they read back exactly.
//!
//! ```text
//! nodes
//!   v12 = mul v3, v7 : [B,512]  // enc1
//! ```

use crate::graph::{Graph, Initial, Node, StateRole, ValueId};
use crate::prim::Prim;
use std::fmt;

/// The text of a graph.
pub fn print(graph: &Graph) -> String {
    graph.to_string()
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        declarations(self, f)?;
        section(f, "nodes", self.nodes.iter().enumerate(), |f, (i, node)| {
            line(self, ValueId(i as u32), node, f)
        })?;
        section(f, "outputs", self.outputs.iter(), |f, o| writeln!(f, "  {} = {}", o.name, o.value))?;
        section(f, "assignments", self.assignments.iter(), |f, a| {
            let name = self.states.get(a.state.index()).map_or("?", |s| &s.name);
            writeln!(f, "  {} {name} := {}", a.state, a.value)
        })
    }
}

fn declarations(graph: &Graph, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    section(f, "inputs", graph.inputs.iter().enumerate(), |f, (i, input)| {
        writeln!(f, "  i{i} {} : [B,{}]", input.name, input.cols)
    })?;
    section(f, "states", graph.states.iter().enumerate(), |f, (i, s)| {
        write!(f, "  s{i} {} : {}  // ", s.name, s.shape)?;
        match s.role {
            StateRole::Parameter => f.write_str("parameter"),
            StateRole::Frozen => f.write_str("frozen"),
            StateRole::Statistic => f.write_str("statistic"),
            StateRole::Slot(of) => write!(f, "slot of {of}"),
        }?;
        writeln!(f, ", {}", s.initial)
    })?;
    section(f, "scalars", graph.scalars.iter().enumerate(), |f, (i, s)| writeln!(f, "  h{i} {}", s.name))
}

/// A heading and its lines; nothing where there are none.
fn section<T>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    items: impl ExactSizeIterator<Item = T>,
    mut item: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    if items.len() > 0 {
        writeln!(f, "{heading}")?;
    }
    for each in items {
        item(f, each)?;
    }
    Ok(())
}

fn line(graph: &Graph, id: ValueId, node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "  {id} = {} : {}", expression(graph, node), node.shape)?;
    if !node.name.is_empty() {
        write!(f, "  // {}", node.name)?;
    }
    writeln!(f)
}

/// What a node computes, in the words of its line: `mul v3, v7`.
pub fn expression(graph: &Graph, node: &Node) -> String {
    let args: Vec<String> = node.args.iter().map(ValueId::to_string).collect();
    let arg = |i: usize| args.get(i).map_or("?", String::as_str);
    let all = args.join(", ");
    match node.prim {
        Prim::Input(id) => format!("input {id} {}", graph.inputs.get(id.index()).map_or("?", |d| &d.name)),
        Prim::State(id) => format!("state {id} {}", graph.states.get(id.index()).map_or("?", |d| &d.name)),
        Prim::Scalar(id) => format!("scalar {id} {}", graph.scalars.get(id.index()).map_or("?", |d| &d.name)),
        Prim::Constant(c) => format!("constant {c:?}"),
        Prim::Iota(n) => format!("iota {n}"),
        Prim::RowCount => "row_count".into(),
        Prim::Random { stream, distribution, .. } => format!("random {stream} {}", distribution.name()),
        Prim::Unary(op) => format!("{} {all}", op.name()),
        Prim::Binary(op) => format!("{} {all}", op.name()),
        Prim::Select => format!("select {all}"),
        Prim::MatMul { transpose_a, transpose_b } => {
            let turned = |t: bool| if t { ".T" } else { "" };
            format!("matmul {}{}, {}{}", arg(0), turned(transpose_a), arg(1), turned(transpose_b))
        }
        Prim::Reduce(op, axis) => format!("{}_{} {all}", op.name(), axis.name()),
        Prim::Concat => format!("concat {all}"),
        Prim::Slice { start, end } => format!("slice {all}, {start}..{end}"),
    }
}

impl fmt::Display for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Initial::Constant(value) => write!(f, "constant({value:?})"),
            Initial::Uniform { limit } => write!(f, "uniform(limit = {limit:?})"),
            Initial::Normal { std } => write!(f, "normal(std = {std:?})"),
            Initial::TruncatedNormal { std } => write!(f, "truncated_normal(std = {std:?})"),
            Initial::Orthogonal { gain } => write!(f, "orthogonal(gain = {gain:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
