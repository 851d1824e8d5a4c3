//! The syntax tree as indented text, for `dump ast` and golden files.
//!
//! One line for each item, statement, layer and setting; values are written with every
//! bracket that the tree implies. Places are left out: a blank line more changes no dump.

use std::fmt::{self, Display, Formatter};

use crate::ast::{
    Arg, Entry, Expr, ExprKind, Item, Model, Operator, Param, Pipeline, Source, Spec, Stack, StackItem,
    Stage, Statement, TargetKind,
};

/// The tree of a spec; ends with a newline unless it is empty.
pub fn dump(spec: &Spec) -> String {
    let mut out = Outline::default();
    if let Some(version) = &spec.version {
        out.line(format_args!("kiln {}", version.node));
    }
    for item in &spec.items {
        out.item(item);
    }
    out.text
}

#[derive(Default)]
struct Outline {
    text: String,
    depth: usize,
}

impl Outline {
    fn line(&mut self, content: fmt::Arguments<'_>) {
        self.text.push_str(&"  ".repeat(self.depth));
        self.text.push_str(&content.to_string());
        self.text.push('\n');
    }

    fn inside(&mut self, body: impl FnOnce(&mut Outline)) {
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Title(text) => self.line(format_args!("title {:?}", text.node)),
            Item::Use(path) => self.line(format_args!("use {:?}", path.node)),
            Item::Data(data) => {
                self.line(format_args!("data {}", data.name.node));
                self.inside(|out| out.entries(&data.entries));
            }
            Item::Block(block) => {
                self.line(format_args!("block {}", block.name.node));
                self.inside(|out| {
                    out.params(&block.params);
                    out.stages(&block.body);
                });
            }
            Item::Model(model) => self.model(model),
            Item::Train(section) => {
                self.line(format_args!("train"));
                self.inside(|out| out.entries(&section.entries));
            }
            Item::Report(report) => {
                self.line(format_args!("report"));
                self.inside(|out| {
                    for section in &report.sections {
                        out.line(format_args!("section {}", Value(section)));
                    }
                });
            }
        }
    }

    fn model(&mut self, model: &Model) {
        self.line(format_args!("model {}", model.name.node));
        self.inside(|out| {
            out.params(&model.params);
            for statement in &model.body {
                out.statement(statement);
            }
        });
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Input { name, shape } => {
                self.line(format_args!("input {} {}", name.node, List(&shape.node)));
            }
            Statement::Target { name, kind: TargetKind::Class(classes) } => {
                self.line(format_args!("target {} class {}", name.node, Value(classes)));
            }
            Statement::Target { name, kind: TargetKind::Values(shape) } => {
                self.line(format_args!("target {} {}", name.node, List(&shape.node)));
            }
            Statement::Stack(stack) => self.stack(stack),
            Statement::Pipeline(pipeline) => self.pipeline(pipeline),
            Statement::Loss { head, loss, weight, .. } => {
                self.line(format_args!("loss {} {}", head.node, Value(loss)));
                if let Some(weight) = weight {
                    self.inside(|out| out.line(format_args!("weight {}", Value(weight))));
                }
            }
            Statement::Metric { head, metrics, .. } => {
                self.line(format_args!("metric {}", head.node));
                self.inside(|out| {
                    for metric in metrics {
                        out.line(format_args!("{}", Value(metric)));
                    }
                });
            }
        }
    }

    fn stack(&mut self, stack: &Stack) {
        match &stack.source {
            Some(source) => self.line(format_args!("stack {} from {}", stack.name.node, source.node)),
            None => self.line(format_args!("stack {}", stack.name.node)),
        }
        self.inside(|out| {
            for item in &stack.body {
                match item {
                    StackItem::Layers(stages) => {
                        out.line(format_args!("layers"));
                        out.inside(|out| out.stages(stages));
                    }
                    StackItem::Stack(stack) => out.stack(stack),
                }
            }
        });
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        match &pipeline.binding {
            Some(name) => self.line(format_args!("pipeline {} =", name.node)),
            None => self.line(format_args!("pipeline")),
        }
        self.inside(|out| {
            match &pipeline.source {
                Source::Name(name) => out.line(format_args!("from {}", name.node)),
                Source::Join(stage) => out.line(format_args!("join {}", Layer(stage))),
            }
            out.stages(&pipeline.stages);
        });
    }

    fn stages(&mut self, stages: &[Stage]) {
        for stage in stages {
            self.line(format_args!("-> {}", Layer(stage)));
        }
    }

    fn params(&mut self, params: &[Param]) {
        for param in params {
            match &param.default {
                Some(value) => self.line(format_args!("param {} = {}", param.name.node, Value(value))),
                None => self.line(format_args!("param {}", param.name.node)),
            }
        }
    }

    fn entries(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.line(format_args!("{} = {}", entry.key.node, Value(&entry.value)));
        }
    }
}

struct Layer<'a>(&'a Stage);

impl Display for Layer<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(label) = &self.0.label {
            write!(f, "{}: ", label.node)?;
        }
        f.write_str(&self.0.callee.node)?;
        match &self.0.args {
            Some(args) => write!(f, "({})", Args(args)),
            None => Ok(()),
        }
    }
}

struct Args<'a>(&'a [Arg]);

impl Display for Args<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            if let Some(name) = &arg.name {
                write!(f, "{} = ", name.node)?;
            }
            write!(f, "{}", Value(&arg.value))?;
        }
        Ok(())
    }
}

struct List<'a>(&'a [Expr]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, value) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            write!(f, "{}", Value(value))?;
        }
        f.write_str("]")
    }
}

struct Value<'a>(&'a Expr);

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ExprKind::Number(number) => f.write_str(&number.text),
            ExprKind::Text(text) => write!(f, "{text:?}"),
            ExprKind::Bool(value) => write!(f, "{value}"),
            ExprKind::Name(name) => f.write_str(name),
            ExprKind::Path(base, part) => write!(f, "{}.{}", base.node, part.node),
            ExprKind::Call(name, args) => write!(f, "{}({})", name.node, Args(args)),
            ExprKind::List(values) => write!(f, "{}", List(values)),
            ExprKind::Range(low, high) => write!(f, "({}..{})", Value(low), Value(high)),
            ExprKind::Ramp(from, to) => write!(f, "({} -> {})", Value(from), Value(to)),
            ExprKind::Sweep(values) => write!(f, "sweep {}", List(values)),
            ExprKind::Binary(a, operator, b) => {
                let sign = match operator {
                    Operator::Add => '+',
                    Operator::Sub => '-',
                    Operator::Mul => '*',
                    Operator::Div => '/',
                };
                write!(f, "({} {sign} {})", Value(a), Value(b))
            }
            ExprKind::Negate(value) => write!(f, "-{}", Value(value)),
        }
    }
}
