//! The body of a model: inputs, pipelines and stacks become layers with known extents.
//!
//! In: the statements, the library, the spec's blocks. Out: [`Network`]. A mistake leaves
//! unknown extents behind, which every later layer takes in silence.
//!
//! Not here: losses and metrics ([`super::heads`]), ties ([`super::ties`]).

use super::arguments::bind;
use super::naming::Naming;
use super::scope::{Extents, Flow, Meaning, Scope};
use super::sweep::Choices;
use super::term::{Env, Evaluate, Term, TermArg, TermKind};
use super::ties;
use crate::mistakes::{self, Called, shapes::Step};
use crate::model::{Input, Layer, Stack, Target, TargetKind, Tie, elements};
use crate::registry;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Arg, Expr, Name, Param, Pipeline, StackItem, Stage, Statement};
use kiln_library::{Call, Kind};

/// The largest extent of a value, and the most classes: column numbers stay exact in f32.
pub(crate) const EXTENT_MAX: u32 = 1 << 24;
/// The most parameters: 4 GiB of f32.
const PARAMETERS_MAX: u64 = 1 << 30;
/// How deep blocks may use blocks.
const DEPTH_MAX: usize = 32;
/// The most layers of a model.
const LAYERS_MAX: usize = 10_000;
/// The most inputs of a join.
const JOIN_MAX: usize = 256;

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
    layer: Option<Layer>,
}

/// A model's body, checked.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) scope: Scope,
    pub(crate) inputs: Vec<Input>,
    pub(crate) targets: Vec<Target>,
    pub(crate) made: Vec<Made>,
    pub(crate) stacks: Vec<Stack>,
    parameters: u64,
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
        self.made.iter().find(|m| m.name == name)
    }
}

/// Where a stage stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) env: &'a Env,
    stacks: &'a [String],
    /// Blocks being expanded, the outermost first.
    blocks: &'a [&'a str],
    /// The label of the block's use, which names of layers within begin with.
    prefix: Option<&'a str>,
}

/// Walks a model's body.
pub(crate) struct Walk<'a> {
    pub(crate) network: Network,
    pub(crate) blocks: &'a [ast::Block],
    pub(crate) choices: &'a Choices,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) body: &'a [Statement],
    naming: Naming,
    /// Blocks with a parameter that was read, by name: the others are warned of.
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

    fn flow(&mut self, name: &Name, env: &Env) -> Flow {
        let params: Vec<&str> = env.names().collect();
        self.network.scope.flow(name, &params, self.diagnostics)
    }

    /// `concat(a, b)`: arguments that name values are its inputs, the others its arguments.
    fn join(&mut self, stage: &Stage, place: Place<'_>) -> Flow {
        let mut flows = Vec::new();
        let mut args = Vec::new();
        for arg in stage.args.as_deref().unwrap_or(&[]) {
            let term = self.evaluate(place.env).term(&arg.value);
            match (&arg.name, &term.kind) {
                (None, TermKind::Name(name)) => {
                    flows.push(self.flow(&Name::new(name.clone(), term.span), place.env))
                }
                (None, TermKind::Poisoned) => {}
                (None, _) => {
                    self.diagnostics.push(mistakes::names::join_argument(term.span, &term.describe()))
                }
                (Some(name), _) => args.push(TermArg { name: Some(name.clone()), value: term }),
            }
        }
        if flows.len() > JOIN_MAX {
            self.diagnostics.push(mistakes::shapes::too_deep(stage.span, "too many inputs", JOIN_MAX));
            flows.truncate(JOIN_MAX);
        }
        if self.blocks.iter().any(|b| b.name.node == stage.callee.node) {
            self.diagnostics.push(mistakes::shapes::input_count(&stage.callee, (1, 1), flows.len()));
            return Flow { value: stage.callee.node.clone(), dims: None };
        }
        self.layer(stage, &flows, &args, place)
    }

    // ---- stages

    /// A layer or a block, applied to `flow`.
    fn stage(&mut self, stage: &Stage, flow: Flow, place: Place<'_>) -> Flow {
        let given: &[Arg] = stage.args.as_deref().unwrap_or(&[]);
        let args = self.evaluate(place.env).args(given);
        match self.blocks.iter().find(|b| b.name.node == stage.callee.node) {
            Some(block) => self.block(block, stage, &args, flow, place),
            None => self.layer(stage, std::slice::from_ref(&flow), &args, place),
        }
    }

    fn block(
        &mut self,
        block: &ast::Block,
        stage: &Stage,
        args: &[TermArg],
        flow: Flow,
        place: Place<'_>,
    ) -> Flow {
        let poisoned = Flow { value: stage.callee.node.clone(), dims: None };
        let name = block.name.node.as_str();
        if place.blocks.contains(&name) {
            self.diagnostics.push(mistakes::names::block_cycle(&stage.callee, block.name.span));
            return poisoned;
        }
        if place.blocks.len() >= DEPTH_MAX {
            self.diagnostics.push(mistakes::shapes::too_deep(
                stage.span,
                "blocks use blocks too deeply",
                DEPTH_MAX,
            ));
            return poisoned;
        }
        if block.body.is_empty() {
            self.diagnostics.push(mistakes::names::empty_stack(block.span, "block"));
            return poisoned;
        }
        let called = Called { text: name, span: stage.callee.span };
        let env = self.bind_params(called, &block.params, args);
        let mut blocks = place.blocks.to_vec();
        blocks.push(name);
        let prefix = stage.label.as_ref().map(|l| l.node.as_str());
        let inside =
            Place { env: &env, stacks: place.stacks, blocks: &blocks, prefix: prefix.or(place.prefix) };
        let mut out = flow;
        for inner in &block.body {
            out = self.stage(inner, out, inside);
        }
        self.unused_params.extend(env.unused().map(|p| (name.to_owned(), p.to_owned())));
        if let Some(label) = &stage.label {
            let meaning = Meaning::Group(out.clone());
            self.network.scope.define(label, meaning, self.diagnostics);
        }
        out
    }

    /// Parameters of a block or a model and their values.
    pub(crate) fn bind_params(&mut self, called: Called<'_>, params: &[Param], given: &[TermArg]) -> Env {
        bind_params(called, params, given, self.choices, self.diagnostics)
    }

    fn layer(&mut self, stage: &Stage, flows: &[Flow], args: &[TermArg], place: Place<'_>) -> Flow {
        let callee = &stage.callee;
        let Some(item) = registry::layer(&callee.node) else {
            let blocks: Vec<&str> = self.blocks.iter().map(|b| b.name.node.as_str()).collect();
            self.diagnostics.push(mistakes::names::unknown_layer(callee, &blocks));
            return self.keep(stage, flows, place, None, None, None);
        };
        let (least, most) = item.inputs();
        let specs = registry::specs(Kind::Layer, item);
        let called = Called { text: &callee.node, span: callee.span };
        let mut bound = bind(called, &specs, args, self.diagnostics);
        if flows.len() < least || flows.len() > most {
            self.diagnostics.push(mistakes::shapes::input_count(callee, (least, most), flows.len()));
            return self.keep(stage, flows, place, Some(item), None, None);
        }
        let tie = match bound.tie.take() {
            Some(term) => match ties::resolve(self, &term, stage) {
                Some(tie) => Some(tie),
                None => return self.keep(stage, flows, place, Some(item), None, None),
            },
            None => None,
        };
        let inputs: Option<Vec<&[u32]>> = flows.iter().map(|f| f.dims.as_deref()).collect();
        let (Some(inputs), true) = (inputs, bound.ok) else {
            return self.keep(stage, flows, place, Some(item), None, None);
        };
        if let Some(tie) = &tie
            && !ties::fits(self, tie, &inputs, &bound.args)
        {
            return self.keep(stage, flows, place, Some(item), None, None);
        }
        let units = tie.as_ref().map(|t| t.kernel[1]);
        let dims = match item.dims(&inputs, &bound.args, units) {
            Ok(dims) => dims,
            Err(why) => {
                let chain = self.chain(&flows[0]);
                self.diagnostics.push(mistakes::shapes::layer(callee, &why, &chain));
                return self.keep(stage, flows, place, Some(item), None, None);
            }
        };
        let kernel = item.kernel(&inputs, &bound.args, units);
        let owned = if tie.is_some() { None } else { kernel };
        if !self.is_small_enough(callee, &dims, owned) {
            return self.keep(stage, flows, place, Some(item), None, None);
        }
        let trainable = !matches!(bound.args.get("trainable"), Some(kiln_library::Value::Bool(false)));
        let shares_bias = matches!(bound.args.get("tie_bias"), Some(kiln_library::Value::Bool(true)));
        let layer = Layer {
            name: String::new(),
            stacks: place.stacks.to_vec(),
            call: Call { name: callee.node.clone(), args: bound.args },
            inputs: flows.iter().map(|f| f.value.clone()).collect(),
            dims,
            tie: tie.map(|t| Tie { bias: shares_bias, ..t.tie }),
            trainable,
        };
        self.keep(stage, flows, place, Some(item), Some(layer), kernel)
    }

    /// Records a layer, whole or mistaken, under its name.
    fn keep(
        &mut self,
        stage: &Stage,
        flows: &[Flow],
        place: Place<'_>,
        item: Option<&'static dyn kiln_library::Layer>,
        layer: Option<Layer>,
        kernel: Option<[u32; 2]>,
    ) -> Flow {
        let kind = item.map_or("Layer", |i| i.keras_name());
        let name = self.name(stage, kind, place);
        if self.network.made.len() == LAYERS_MAX {
            self.diagnostics.push(mistakes::shapes::too_deep(stage.span, "too many layers", LAYERS_MAX));
        }
        let dims = layer.as_ref().map(|l| l.dims.clone());
        let flow = Flow { value: name.clone(), dims: dims.clone() };
        if self.network.made.len() < LAYERS_MAX {
            self.network.made.push(Made {
                name: name.clone(),
                span: stage.label.as_ref().map_or(stage.callee.span, |l| l.span),
                callee: stage.callee.node.clone(),
                inputs: flows.iter().map(|f| f.value.clone()).collect(),
                dims,
                kernel,
                layer: layer.map(|l| Layer { name, ..l }),
            });
        }
        if let (Some(label), true) = (&stage.label, place.blocks.is_empty()) {
            self.network.scope.define(label, Meaning::Layer(flow.clone()), self.diagnostics);
        }
        flow
    }

    fn name(&mut self, stage: &Stage, kind: &str, place: Place<'_>) -> String {
        let network = &self.network;
        let taken = |name: &str| network.scope.is_declared(name) || network.made(name).is_some();
        let Some(label) = &stage.label else { return self.naming.next(kind, taken) };
        if place.blocks.is_empty() {
            self.naming.label(&label.node, kind);
            return label.node.clone();
        }
        // A label within a block is needed once for each use of the block.
        let full = place.prefix.map_or(label.node.clone(), |p| format!("{p}_{}", label.node));
        let numbered = std::iter::once(full.clone()).chain((1u32..).map(|i| format!("{full}_{i}")));
        numbered.take(LAYERS_MAX + 1).find(|n| !taken(n)).unwrap_or(full)
    }

    fn is_small_enough(&mut self, callee: &Name, dims: &[u32], kernel: Option<[u32; 2]>) -> bool {
        if dims.is_empty() || elements(dims) > u64::from(EXTENT_MAX) {
            let found = format!("{} elements", elements(dims));
            let d =
                mistakes::shapes::bad_extent(callee.span, "the size of a layer's output", &found, EXTENT_MAX);
            self.diagnostics.push(d);
            return false;
        }
        let own = kernel.map_or(0, |[i, o]| u64::from(i) * u64::from(o));
        self.network.parameters = self.network.parameters.saturating_add(own);
        if self.network.parameters > PARAMETERS_MAX {
            let d = mistakes::shapes::too_large(callee.span, &callee.node, own, PARAMETERS_MAX);
            self.diagnostics.push(d);
            return false;
        }
        true
    }

    /// The values on the way to `flow`, the nearest last; at most six.
    fn chain(&self, flow: &Flow) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut value = flow.value.clone();
        while steps.len() < 6 {
            if let Some(made) = self.network.made(&value) {
                let Some(dims) = made.dims.clone() else { break };
                steps.push(Step { span: made.span, name: made.name.clone(), dims });
                let Some(first) = made.inputs.first() else { break };
                value = first.clone();
                continue;
            }
            if let Some(input) = self.network.scope.find(&value)
                && let Meaning::Input(Flow { dims: Some(dims), .. }) = &input.meaning
            {
                steps.push(Step { span: input.span, name: value.clone(), dims: dims.clone() });
            }
            break;
        }
        steps.reverse();
        steps
    }
}

/// Parameters of a block or a model and their values: given by name, by position, or by default.
pub(crate) fn bind_params(
    called: Called<'_>,
    params: &[Param],
    given: &[TermArg],
    choices: &Choices,
    diagnostics: &mut Diagnostics,
) -> Env {
    let mut slots: Vec<Option<&Term>> = vec![None; params.len()];
    let mut next = 0;
    for arg in given {
        let slot = match &arg.name {
            Some(name) => {
                let found = params.iter().position(|p| p.name.node == name.node);
                if found.is_none() {
                    let names = params.iter().map(|p| p.name.node.as_str());
                    diagnostics.push(mistakes::arguments::unknown(called, name, names));
                    continue;
                }
                found
            }
            None => {
                next += 1;
                (next <= params.len()).then(|| next - 1)
            }
        };
        let Some(i) = slot else {
            diagnostics.push(mistakes::arguments::too_many_params(called, arg.value.span, params.len()));
            continue;
        };
        match slots[i] {
            None => slots[i] = Some(&arg.value),
            Some(first) => {
                let span = arg.name.as_ref().map_or(arg.value.span, |n| n.span);
                diagnostics.push(mistakes::arguments::duplicate(&params[i].name.node, span, first.span));
            }
        }
    }
    let mut env = Env::default();
    let empty = Env::default();
    for (param, slot) in params.iter().zip(slots) {
        let term = match (slot, &param.default) {
            (Some(term), _) => term.clone(),
            (None, Some(default)) => Evaluate { env: &empty, choices, diagnostics }.term(default),
            (None, None) => {
                diagnostics.push(mistakes::arguments::missing_param(called, &param.name));
                Term::poisoned(called.span)
            }
        };
        env.set(&param.name.node, term);
    }
    env
}
