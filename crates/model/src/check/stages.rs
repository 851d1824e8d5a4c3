//! Stages: layers, blocks and joins, applied to what flows in.
//!
//! In: a stage and the values that it reads. Out: the value that it gives, and a [`Made`] layer,
//! whole or mistaken. A block is copied where it is used, with its parameters in place.

use super::arguments::bind;
use super::network::{
    Applied, DEPTH_MAX, EXTENT_MAX, JOIN_MAX, LAYERS_MAX, Made, PARAMETERS_MAX, Place, Walk,
};
use super::parameters;
use super::scope::{Flow, Meaning};
use super::term::{TermArg, TermKind};
use super::ties;
use crate::mistakes::{self, Called, shapes::Step};
use crate::model::{Layer, Tie, elements};
use crate::registry;
use kiln_dsl::ast::{self, Arg, Name, Stage};
use kiln_library::{Call, Kind, Value};

impl Walk<'_> {
    /// `concat(a, b)`: arguments that name values are its inputs, the others its arguments.
    pub(super) fn join(&mut self, stage: &Stage, place: Place<'_>) -> Flow {
        let mut flows = Vec::new();
        let mut args = Vec::new();
        for arg in stage.args.as_deref().unwrap_or(&[]) {
            let term = self.evaluate(place.env).term(&arg.value);
            match (&arg.name, &term.kind) {
                (None, TermKind::Name(name)) => {
                    flows.push(self.flow(&Name::new(name.clone(), term.span), place.env))
                }
                (None, TermKind::Poisoned) => flows.push(Flow { value: String::new(), dims: None }),
                (None, _) => {
                    self.diagnostics.push(mistakes::names::join_argument(term.span, &term.describe()));
                    flows.push(Flow { value: String::new(), dims: None });
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
    pub(super) fn stage(&mut self, stage: &Stage, flow: Flow, place: Place<'_>) -> Flow {
        // Blocks that double thirty times over must not be walked to their end.
        if self.network.made.len() >= LAYERS_MAX && !self.is_full {
            self.diagnostics.push(mistakes::shapes::too_many_layers(stage.span, LAYERS_MAX));
            self.is_full = true;
        }
        if self.is_full {
            let flow = Flow { value: stage.callee.node.clone(), dims: None };
            if let (Some(label), true) = (&stage.label, place.blocks.is_empty()) {
                self.network.scope.define(label, Meaning::Layer(flow.clone()), self.diagnostics);
            }
            return flow;
        }
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
        let env = parameters::bind(called, &block.params, args, self.choices, self.diagnostics);
        let mut blocks = place.blocks.to_vec();
        blocks.push(name);
        let prefix = stage.label.as_ref().map(|l| l.node.as_str());
        let inside =
            Place { env: &env, stacks: place.stacks, blocks: &blocks, prefix: prefix.or(place.prefix) };
        let begin = self.network.made.len();
        let inputs = vec![flow.dims.clone()];
        let mut out = flow;
        for inner in &block.body {
            out = self.stage(inner, out, inside);
        }
        self.network.applied.push(Applied {
            stage: stage.span,
            callee: stage.callee.span,
            inputs,
            dims: out.dims.clone(),
            made: begin..self.network.made.len(),
            is_block: true,
            in_block: !place.blocks.is_empty(),
        });
        self.unused_params.extend(env.unused().map(|p| (name.to_owned(), p.to_owned())));
        if let Some(label) = &stage.label {
            let meaning = Meaning::Group(out.clone());
            self.network.scope.define(label, meaning, self.diagnostics);
        }
        out
    }

    fn layer(&mut self, stage: &Stage, flows: &[Flow], args: &[TermArg], place: Place<'_>) -> Flow {
        let callee = &stage.callee;
        let Some(item) = registry::layer(&callee.node) else {
            let blocks: Vec<&str> = self.blocks.iter().map(|b| b.name.node.as_str()).collect();
            self.diagnostics.push(mistakes::names::unknown_layer(callee, stage.args.is_none(), &blocks));
            return self.keep(stage, flows, place, "Layer", None);
        };
        let whole = self.resolve(item, stage, flows, args);
        self.keep(stage, flows, place, item.keras_name(), whole)
    }

    /// The layer, without its name and stacks, and the kernel that it reads; `None` where a mistake
    /// was said, or something that flows in is unknown.
    fn resolve(
        &mut self,
        item: &'static dyn kiln_library::Layer,
        stage: &Stage,
        flows: &[Flow],
        args: &[TermArg],
    ) -> Option<(Layer, Option<[u32; 2]>)> {
        let callee = &stage.callee;
        let specs = registry::specs(Kind::Layer, item);
        let called = Called { text: &callee.node, span: callee.span };
        let mut bound = bind(called, &specs, args, self.diagnostics);
        let (least, most) = item.inputs();
        if flows.len() < least || flows.len() > most {
            self.diagnostics.push(mistakes::shapes::input_count(callee, (least, most), flows.len()));
            return None;
        }
        let tie = match bound.tie.take() {
            Some(term) => Some(ties::resolve(self, &term, stage)?),
            None => None,
        };
        let inputs: Vec<&[u32]> = flows.iter().map(|f| f.dims.as_deref()).collect::<Option<_>>()?;
        if !bound.ok {
            return None;
        }
        if let Some(tie) = &tie
            && !ties::fits(self, tie, &inputs, &bound.args, &flows[0].value)
        {
            return None;
        }
        let units = tie.as_ref().map(|t| t.kernel[1]);
        let dims = match item.dims(&inputs, &bound.args, units) {
            Ok(dims) => dims,
            Err(why) => {
                // A join of very many would fill the screen.
                let chains: Vec<Vec<Step>> = flows.iter().take(4).map(|f| self.chain(&f.value)).collect();
                self.diagnostics.push(mistakes::shapes::layer(callee, &why, &chains));
                return None;
            }
        };
        let kernel = item.kernel(&inputs, &bound.args, units);
        let owned = if tie.is_some() { None } else { kernel };
        if !self.is_small_enough(callee, &dims, owned) {
            return None;
        }
        let flag = |name: &str| match bound.args.get(name) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let (trainable, bias) = (flag("trainable") != Some(false), flag("tie_bias") == Some(true));
        let layer = Layer {
            name: String::new(),
            stacks: Vec::new(),
            call: Call { name: callee.node.clone(), args: bound.args },
            inputs: flows.iter().map(|f| f.value.clone()).collect(),
            dims,
            tie: tie.map(|t| Tie { bias, ..t.tie }),
            trainable,
        };
        Some((layer, kernel))
    }

    /// Records a layer, whole or mistaken, under its name.
    fn keep(
        &mut self,
        stage: &Stage,
        flows: &[Flow],
        place: Place<'_>,
        kind: &str,
        whole: Option<(Layer, Option<[u32; 2]>)>,
    ) -> Flow {
        let name = self.name(stage, kind, place);
        let (layer, kernel) = whole.unzip();
        let dims = layer.as_ref().map(|l| l.dims.clone());
        let flow = Flow { value: name.clone(), dims: dims.clone() };
        let at = self.network.made.len();
        self.network.applied.push(Applied {
            stage: stage.span,
            callee: stage.callee.span,
            inputs: flows.iter().map(|f| f.dims.clone()).collect(),
            dims: dims.clone(),
            made: at..at + 1,
            is_block: false,
            in_block: !place.blocks.is_empty(),
        });
        self.network.add(Made {
            name: name.clone(),
            span: stage.label.as_ref().map_or(stage.callee.span, |l| l.span),
            callee: stage.callee.node.clone(),
            inputs: flows.iter().map(|f| f.value.clone()).collect(),
            dims,
            kernel: kernel.flatten(),
            layer: layer.map(|l| Layer { name, stacks: place.stacks.to_vec(), ..l }),
        });
        if let (Some(label), true) = (&stage.label, place.blocks.is_empty()) {
            self.network.scope.define(label, Meaning::Layer(flow.clone()), self.diagnostics);
        }
        flow
    }

    fn name(&mut self, stage: &Stage, kind: &str, place: Place<'_>) -> String {
        let network = &self.network;
        let taken = |name: &str| network.scope.declared(name).is_some() || network.made(name).is_some();
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

    /// The values on the way to `value`, the nearest last; at most six.
    pub(super) fn chain(&self, value: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut value = value.to_owned();
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
