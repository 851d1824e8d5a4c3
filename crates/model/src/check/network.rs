//! The body of a model: inputs, pipelines and stacks become layers with known extents.
//!
//! In: the statements, the library, the spec's blocks. Out: [`Network`]. A mistake leaves
//! unknown extents behind, which every later layer takes in silence.
//!
//! Not here: losses and metrics ([`super::heads`]), ties ([`super::ties`]).

use super::naming::Naming;
use super::scope::{Extents, Flow, Meaning, Scope};
use super::sweep::Choices;
use super::term::{Env, Evaluate, TermKind};
use crate::mistakes;
use crate::model::{Input, Layer, Stack, Target, TargetKind, Tie, elements};
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Expr, Name, Pipeline, StackItem, Statement};
use std::collections::BTreeMap;
use std::ops::Range;

/// The largest extent of a value, and the most classes: column numbers stay exact in f32.
pub(crate) const EXTENT_MAX: u32 = 1 << 24;
/// The most parameters: 4 GiB of f32.
pub(super) const PARAMETERS_MAX: u64 = 1 << 30;
/// How deep blocks may use blocks.
pub(super) const DEPTH_MAX: usize = 32;
/// The most layers of a model.
pub(super) const LAYERS_MAX: usize = 4096;
/// The most inputs of a join.
pub(super) const JOIN_MAX: usize = 256;

/// What a layer was made from.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) callee: String,
    pub(crate) inputs: Vec<String>,
    pub(crate) dims: Extents,
    /// `[inputs, units]` of the kernel that it owns.
    pub(crate) kernel: Option<[u32; 2]>,
    /// The layer itself, where nothing is wrong with it.
    pub(super) layer: Option<Layer>,
}

/// A layer or a block where it was applied to what flows in.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The whole stage.
    pub(crate) stage: Span,
    /// Its layer's or block's name.
    pub(crate) callee: Span,
    /// Extents of what flows in.
    pub(crate) inputs: Vec<Extents>,
    /// Extents of what flows out.
    pub(crate) dims: Extents,
    /// Positions in `made` of its layers; one where it is a layer.
    pub(crate) made: Range<usize>,
    /// It is a block.
    pub(crate) is_block: bool,
    /// It stands in a block.
    pub(crate) in_block: bool,
}

/// A model's body, checked.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) scope: Scope,
    pub(crate) inputs: Vec<Input>,
    pub(crate) targets: Vec<Target>,
    pub(crate) made: Vec<Made>,
    /// Every use of a layer or a block, for editors.
    pub(crate) applied: Vec<Applied>,
    /// Positions in `made` by name.
    by_name: BTreeMap<String, usize>,
    pub(crate) stacks: Vec<Stack>,
    /// Elements of all kernels so far.
    pub(super) parameters: u64,
}

impl Network {
    /// Layers that nothing is wrong with.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        self.made.iter().filter_map(|m| m.layer.clone()).collect()
    }

    /// The tie of a layer, if it has one.
    pub(crate) fn tie_of(&self, name: &str) -> Option<Tie> {
        self.made(name).and_then(|m| m.layer.as_ref()).and_then(|l| l.tie.clone())
    }

    pub(crate) fn made(&self, name: &str) -> Option<&Made> {
        self.by_name.get(name).map(|&i| &self.made[i])
    }

    /// Adds a layer; of two with one name, which is a mistake, the first is found by it.
    pub(super) fn add(&mut self, made: Made) {
        self.by_name.entry(made.name.clone()).or_insert(self.made.len());
        self.made.push(made);
    }
}

/// Where a stage stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) env: &'a Env,
    pub(super) stacks: &'a [String],
    /// Blocks being expanded, the outermost first.
    pub(super) blocks: &'a [&'a str],
    /// The label of the block's use, which names of layers within begin with.
    pub(super) prefix: Option<&'a str>,
}

/// Walks a model's body.
pub(crate) struct Walk<'a> {
    pub(crate) network: Network,
    pub(crate) blocks: &'a [ast::Block],
    pub(crate) choices: &'a Choices,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) body: &'a [Statement],
    pub(super) naming: Naming,
    /// The bound on layers is reached, and said; nothing is walked further.
    pub(super) is_full: bool,
    /// Blocks and their parameters that a use of the block did not read.
    pub(crate) unused_params: Vec<(String, String)>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(
        body: &'a [Statement],
        blocks: &'a [ast::Block],
        choices: &'a Choices,
        diagnostics: &'a mut Diagnostics,
    ) -> Walk<'a> {
        let network = Network { scope: Scope::of(body), ..Network::default() };
        Walk {
            network,
            blocks,
            choices,
            diagnostics,
            body,
            naming: Naming::default(),
            is_full: false,
            unused_params: Vec::new(),
        }
    }

    /// All statements but losses and metrics.
    pub(crate) fn run(&mut self, env: &Env) {
        let body = self.body;
        let place = Place { env, stacks: &[], blocks: &[], prefix: None };
        for statement in body {
            match statement {
                Statement::Input { name, shape } => self.input(name, &shape.node, shape.span, env),
                Statement::Target { name, kind } => self.target(name, kind, env),
                Statement::Stack(stack) => self.top_stack(stack, place),
                Statement::Pipeline(p) => self.pipeline(p, place),
                Statement::Loss { .. } | Statement::Metric { .. } => {}
            }
        }
    }

    pub(crate) fn evaluate<'b>(&'b mut self, env: &'b Env) -> Evaluate<'b> {
        Evaluate { env, choices: self.choices, diagnostics: self.diagnostics }
    }

    // ---- inputs and targets

    fn input(&mut self, name: &Name, shape: &[Expr], span: Span, env: &Env) {
        let dims = self.extents(shape, span, env);
        let flow = Flow { value: name.node.clone(), dims: dims.clone() };
        self.network.scope.define(name, Meaning::Input(flow), self.diagnostics);
        if let Some(dims) = dims {
            let (name, table_name) = (name.node.clone(), name.node.clone());
            self.network.inputs.push(Input { name, table_name, dims });
        }
    }

    fn target(&mut self, name: &Name, kind: &ast::TargetKind, env: &Env) {
        let kind = match kind {
            ast::TargetKind::Class(n) => self.extent(n, "the number of classes", env).map(TargetKind::Class),
            ast::TargetKind::Values(shape) => {
                self.extents(&shape.node, shape.span, env).map(TargetKind::Values)
            }
        };
        self.network.scope.define(name, Meaning::Target(kind.clone()), self.diagnostics);
        if let Some(kind) = kind {
            self.network.targets.push(Target { name: name.node.clone(), kind });
        }
    }

    fn extents(&mut self, shape: &[Expr], span: Span, env: &Env) -> Extents {
        if shape.is_empty() || shape.len() > 8 {
            self.diagnostics.push(mistakes::shapes::no_extents(span));
            return None;
        }
        let dims: Vec<Option<u32>> = shape.iter().map(|e| self.extent(e, "an extent", env)).collect();
        let dims: Vec<u32> = dims.into_iter().collect::<Option<_>>()?;
        if elements(&dims) > u64::from(EXTENT_MAX) {
            let found = format!("{} elements", elements(&dims));
            self.diagnostics.push(mistakes::shapes::bad_extent(
                span,
                "the size of a sample",
                &found,
                EXTENT_MAX,
            ));
            return None;
        }
        Some(dims)
    }

    fn extent(&mut self, e: &Expr, what: &str, env: &Env) -> Option<u32> {
        if let Some(sweep) = super::sweep::nested(e) {
            self.diagnostics.push(mistakes::train::sweep_not_here(sweep));
            return None;
        }
        let term = self.evaluate(env).term(e);
        match term.kind {
            TermKind::Poisoned => None,
            TermKind::Number { value, .. }
                if value.fract() == 0.0 && (1.0..=f64::from(EXTENT_MAX)).contains(&value) =>
            {
                Some(value as u32)
            }
            TermKind::Number { value, .. } => {
                self.diagnostics.push(mistakes::shapes::bad_extent(
                    e.span,
                    what,
                    &value.to_string(),
                    EXTENT_MAX,
                ));
                None
            }
            _ => {
                let found = term.describe();
                self.diagnostics.push(mistakes::shapes::bad_extent(e.span, what, &found, EXTENT_MAX));
                None
            }
        }
    }

    // ---- pipelines and stacks

    fn pipeline(&mut self, p: &Pipeline, place: Place<'_>) {
        let mut flow = match &p.source {
            ast::Source::Name(name) => self.flow(name, place.env),
            ast::Source::Join(stage) => self.join(stage, place),
        };
        for stage in &p.stages {
            flow = self.stage(stage, flow, place);
        }
        let Some(binding) = &p.binding else { return };
        let alone = p.stages.is_empty();
        if alone && let Some(input) = self.network.inputs.iter_mut().find(|i| i.name == flow.value) {
            input.table_name = binding.node.clone();
        }
        let meaning = match &p.source {
            ast::Source::Name(name) if alone => self.alias(name, flow),
            ast::Source::Name(_) | ast::Source::Join(_) => Meaning::Group(flow),
        };
        // `encoder = … -> encoder: dense(64)` says one thing twice, which is no clash.
        let same = p.stages.last().and_then(|s| s.label.as_ref()).is_some_and(|l| l.node == binding.node);
        if !same {
            self.network.scope.define(binding, meaning, self.diagnostics);
        }
    }

    /// A second name for a value means what the first means.
    fn alias(&self, name: &Name, flow: Flow) -> Meaning {
        match self.network.scope.find(&name.node).map(|n| &n.meaning) {
            Some(Meaning::Layer(_)) => Meaning::Layer(flow),
            Some(Meaning::Input(_)) => Meaning::Input(flow),
            Some(Meaning::Group(_) | Meaning::Target(_)) | None => Meaning::Group(flow),
        }
    }

    fn top_stack(&mut self, stack: &ast::Stack, place: Place<'_>) {
        let flow = match &stack.source {
            Some(name) => self.flow(name, place.env),
            None => {
                self.diagnostics.push(mistakes::shapes::stack_without_source(&stack.name));
                Flow { value: String::new(), dims: None }
            }
        };
        self.stack(stack, flow, place);
    }

    fn stack(&mut self, stack: &ast::Stack, mut flow: Flow, place: Place<'_>) -> Flow {
        let input = flow.value.clone();
        let mut stacks = place.stacks.to_vec();
        stacks.push(stack.name.node.clone());
        if stack.body.is_empty() {
            self.diagnostics.push(mistakes::names::empty_stack(stack.span, "stack"));
            flow.dims = None;
        }
        let index = self.network.stacks.len();
        let name = stack.name.node.clone();
        self.network.stacks.push(Stack { name, stacks: place.stacks.to_vec(), input, output: String::new() });
        for item in &stack.body {
            let place = Place { stacks: &stacks, ..place };
            match item {
                StackItem::Layers(stages) => {
                    for stage in stages {
                        flow = self.stage(stage, flow, place);
                    }
                }
                StackItem::Stack(inner) => {
                    if let Some(source) = &inner.source {
                        flow = self.flow(source, place.env);
                    }
                    flow = self.stack(inner, flow, place);
                }
            }
        }
        self.network.stacks[index].output = flow.value.clone();
        self.network.scope.define(&stack.name, Meaning::Group(flow.clone()), self.diagnostics);
        flow
    }

    pub(super) fn flow(&mut self, name: &Name, env: &Env) -> Flow {
        let params: Vec<&str> = env.names().collect();
        self.network.scope.flow(name, &params, self.diagnostics)
    }
}
