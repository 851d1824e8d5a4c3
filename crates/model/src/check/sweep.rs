//! Sweeps: which values stand for several, and the choices that make up one run.
//!
//! A sweep is known by its place. All sweeps of what a spec trains (its `train`, the data set
//! and the model that it names, the blocks of that model) are collected in the order of the
//! text; a run is one choice for each, and checking a run reads the chosen value in its place.

use crate::load::Items;
use crate::mistakes;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Arg, Expr, ExprKind, StackItem, Stage, Statement};

/// More runs than this are surely a mistake.
pub(crate) const RUNS_MAX: usize = 1024;

/// One swept value.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// The key or argument that it stands for: `batch`, `optimizer.rate`.
    pub(crate) key: String,
    pub(crate) span: Span,
    /// Places of the values.
    pub(crate) values: Vec<Span>,
}

/// The value chosen for each sweep in one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    picks: Vec<(Span, usize)>,
    refused: Vec<Span>,
}

impl Choices {
    pub(crate) fn pick(&self, sweep: Span) -> Option<usize> {
        self.picks.iter().find(|(s, _)| *s == sweep).map(|(_, i)| *i)
    }

    /// A mistake was said about this sweep already.
    pub(crate) fn is_refused(&self, sweep: Span) -> bool {
        self.refused.contains(&sweep)
    }
}

/// The sweeps of a spec.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sweeps {
    pub(crate) axes: Vec<Axis>,
    refused: Vec<Span>,
}

impl Sweeps {
    /// The first value of each sweep.
    pub(crate) fn first(&self) -> Choices {
        let picks = self.axes.iter().map(|axis| (axis.span, 0)).collect();
        Choices { picks, refused: self.refused.clone() }
    }

    /// Every combination, the last axis changing fastest; a single empty one where nothing is swept.
    pub(crate) fn combinations(&self) -> Vec<Choices> {
        let mut all = vec![Choices { picks: Vec::new(), refused: self.refused.clone() }];
        for axis in &self.axes {
            let longer = all.iter().flat_map(|c| {
                (0..axis.values.len()).map(move |i| {
                    let mut c = c.clone();
                    c.picks.push((axis.span, i));
                    c
                })
            });
            all = longer.collect();
        }
        all
    }
}

/// All sweeps of what `items` trains.
pub(crate) fn collect(items: &Items, diagnostics: &mut Diagnostics) -> Sweeps {
    let mut walk = Walk { sweeps: Sweeps::default(), diagnostics };
    if let Some(train) = &items.train {
        walk.entries(&train.entries);
    }
    for data in &items.data {
        walk.entries(&data.entries);
    }
    for model in &items.models {
        walk.model(model);
    }
    for block in &items.blocks {
        walk.stages(&block.body);
        walk.params(&block.params);
    }
    let mut sweeps = walk.sweeps;
    limit(&mut sweeps, diagnostics);
    sweeps
}

fn limit(sweeps: &mut Sweeps, diagnostics: &mut Diagnostics) {
    let mut runs = 1usize;
    for axis in &sweeps.axes {
        runs = runs.saturating_mul(axis.values.len());
        if runs > RUNS_MAX {
            diagnostics.push(mistakes::train::too_many_runs(axis.span, RUNS_MAX));
            sweeps.refused = sweeps.axes.iter().map(|a| a.span).collect();
            sweeps.axes.clear();
            return;
        }
    }
}

struct Walk<'a> {
    sweeps: Sweeps,
    diagnostics: &'a mut Diagnostics,
}

impl Walk<'_> {
    fn entries(&mut self, entries: &[ast::Entry]) {
        for entry in entries {
            self.expr(&entry.key.node, &entry.value);
        }
    }

    fn params(&mut self, params: &[ast::Param]) {
        for param in params {
            if let Some(default) = &param.default {
                self.expr(&param.name.node, default);
            }
        }
    }

    fn model(&mut self, model: &ast::Model) {
        self.params(&model.params);
        for statement in &model.body {
            match statement {
                Statement::Input { .. } | Statement::Target { .. } => {}
                Statement::Stack(stack) => self.stack(stack),
                Statement::Pipeline(p) => {
                    if let ast::Source::Join(stage) = &p.source {
                        self.stages(std::slice::from_ref(stage));
                    }
                    self.stages(&p.stages);
                }
                Statement::Loss { head, loss, weight, .. } => {
                    self.expr(&format!("loss.{}", head.node), loss);
                    if let Some(weight) = weight {
                        self.expr(&format!("weight.{}", head.node), weight);
                    }
                }
                Statement::Metric { .. } => {}
            }
        }
    }

    fn stack(&mut self, stack: &ast::Stack) {
        for item in &stack.body {
            match item {
                StackItem::Layers(stages) => self.stages(stages),
                StackItem::Stack(inner) => self.stack(inner),
            }
        }
    }

    fn stages(&mut self, stages: &[Stage]) {
        for stage in stages {
            let name = stage.label.as_ref().map_or(&stage.callee.node, |l| &l.node);
            self.args(name, stage.args.as_deref().unwrap_or(&[]));
        }
    }

    fn args(&mut self, of: &str, args: &[Arg]) {
        for (i, arg) in args.iter().enumerate() {
            let key = match &arg.name {
                Some(name) => format!("{of}.{}", name.node),
                None if i == 0 => of.to_owned(),
                None => format!("{of}.{i}"),
            };
            self.expr(&key, &arg.value);
        }
    }

    fn expr(&mut self, key: &str, e: &Expr) {
        match &e.kind {
            ExprKind::Sweep(values) => self.axis(key, e.span, values),
            ExprKind::Call(_, args) => self.args(key, args),
            ExprKind::List(items) => items.iter().for_each(|i| self.expr(key, i)),
            ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
                self.expr(key, a);
                self.expr(key, b);
            }
            ExprKind::Negate(x) => self.expr(key, x),
            ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Name(_)
            | ExprKind::Path(..) => {}
        }
    }

    fn axis(&mut self, key: &str, span: Span, values: &[Expr]) {
        if values.is_empty() {
            self.diagnostics.push(mistakes::train::sweep_empty(span));
            self.sweeps.refused.push(span);
            return;
        }
        if let Some(inner) = values.iter().find_map(nested) {
            self.diagnostics.push(mistakes::train::nested_sweep(inner, span));
            self.sweeps.refused.push(span);
            self.sweeps.refused.push(inner);
            return;
        }
        if values.len() == 1 {
            self.diagnostics.push(mistakes::warnings::sweep_of_one(span));
        }
        let values = values.iter().map(|v| v.span).collect();
        self.sweeps.axes.push(Axis { key: key.to_owned(), span, values });
    }
}

/// The first sweep within an expression.
pub(crate) fn nested(e: &Expr) -> Option<Span> {
    match &e.kind {
        ExprKind::Sweep(_) => Some(e.span),
        ExprKind::Call(_, args) => args.iter().find_map(|a| nested(&a.value)),
        ExprKind::List(items) => items.iter().find_map(nested),
        ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
            nested(a).or_else(|| nested(b))
        }
        ExprKind::Negate(x) => nested(x),
        ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Name(_)
        | ExprKind::Path(..) => None,
    }
}
