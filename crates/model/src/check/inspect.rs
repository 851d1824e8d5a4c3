//! What editors show of a model: shapes and cost of every layer, the meaning of every name.
//!
//! In: a spec as read, with mistakes or without. Out: [`Inspected`], one for each model that it
//! defines: the trained one with the arguments that it is given, the others with their defaults, both
//! with the first value of each sweep. What a mistake hides is `None`; the mistakes themselves are said
//! by [`super::check()`].

use super::network::Walk;
use super::scope;
use super::section::Lines;
use super::{head_span, parameters, select, sweep};
use crate::build::{Cost, costs};
use crate::load::Loaded;
use crate::mistakes::Called;
use crate::model::{TargetKind, Tie};
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Name};

/// A model, as far as it can be understood.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// Its name where it is defined.
    pub name: Name,
    /// `train` trains it.
    pub is_trained: bool,
    /// Every use of a layer or a block, in the order of the data; once for each use of the block around it.
    pub applied: Vec<Applied>,
    /// Every name that was given to a value.
    pub names: Vec<Named>,
    /// Parameters of all layers that are understood.
    pub parameters: u64,
}

/// A layer or a block where it is applied to what flows in.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The whole stage.
    pub stage: Span,
    /// The layer's or block's name in it.
    pub callee: Span,
    /// The layer's name in the model's table; of a block's use, that of its last layer.
    pub name: String,
    /// Extents of what flows in.
    pub inputs: Vec<Option<Vec<u32>>>,
    /// Extents of what flows out.
    pub dims: Option<Vec<u32>>,
    /// Parameters that it owns; `None` where a mistake hides them.
    pub parameters: Option<u64>,
    /// Operations of one sample, forward.
    pub operations: Option<u64>,
    /// The kernel that it shares.
    pub tie: Option<Tie>,
    /// Layers of which it is made; 1 where it is a layer.
    pub layers: usize,
    /// It is the use of a block.
    pub is_block: bool,
    /// It stands in a block, and may be applied several times.
    pub in_block: bool,
}

/// A name of a model.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name, where it is given.
    pub name: Name,
    /// What it stands for.
    pub meaning: Meaning,
    /// The layer or input that it is, by its name in the table; empty for a target.
    pub value: String,
    /// It is a layer that has a kernel to share.
    pub has_kernel: bool,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// An input of these extents.
    Input(Option<Vec<u32>>),
    /// A target.
    Target(Option<TargetKind>),
    /// A layer, which gives these extents.
    Layer(Option<Vec<u32>>),
    /// A stack or a binding, and the extents of its last layer.
    Group(Option<Vec<u32>>),
}

/// Looks at every model of a spec.
pub fn inspect(loaded: &Loaded) -> Vec<Inspected> {
    let items = &loaded.items;
    let mut said = Diagnostics::new();
    // The first run stands for all of them.
    let sweeps = sweep::collect(items, &mut said);
    let choices = sweeps.first();
    let empty = ast::Section { entries: Vec::new(), span: items.main_start() };
    let section = items.train.as_ref().unwrap_or(&empty);
    let lines = Lines::new("train", head_span(section), &section.entries, &choices, &mut said);
    let selected = select::run(items, &lines, &mut said);
    let mut all = Vec::new();
    for model in &items.models {
        let is_trained = selected.model.is_some_and(|m| std::ptr::eq(m, model));
        let given = if is_trained { selected.model_args.as_slice() } else { &[] };
        let called = Called { text: &model.name.node, span: model.name.span };
        let env = parameters::bind(called, &model.params, given, &choices, &mut said);
        let mut walk = Walk::new(&model.body, &items.blocks, &choices, &mut said);
        walk.run(&env);
        all.push(inspected(model.name.clone(), is_trained, &walk));
    }
    all
}

fn inspected(name: Name, is_trained: bool, walk: &Walk<'_>) -> Inspected {
    let network = &walk.network;
    let costs = costs(&network.inputs, &network.layers());
    let cost = |name: &str| costs.get(name).copied();
    let applied = network.applied.iter().map(|a| {
        let made = &network.made[a.made.clone()];
        // A block costs what its layers cost; one that is not understood hides the sum.
        let sum: Option<Vec<Cost>> = made.iter().map(|m| cost(&m.name)).collect();
        Applied {
            stage: a.stage,
            callee: a.callee,
            name: made.last().map_or(String::new(), |m| m.name.clone()),
            inputs: a.inputs.clone(),
            dims: a.dims.clone(),
            parameters: sum.as_ref().map(|s| s.iter().map(|c| c.parameters).sum()),
            operations: sum.as_ref().map(|s| s.iter().map(|c| c.operations).sum()),
            tie: made.first().filter(|_| !a.is_block).and_then(|m| network.tie_of(&m.name)),
            layers: made.len(),
            is_block: a.is_block,
            in_block: a.in_block,
        }
    });
    let names = network.scope.names.iter().map(|n| named(n, walk));
    let parameters = costs.values().map(|c| c.parameters).sum();
    Inspected { name, is_trained, applied: applied.collect(), names: names.collect(), parameters }
}

fn named(named: &scope::Named, walk: &Walk<'_>) -> Named {
    let (meaning, value) = match &named.meaning {
        scope::Meaning::Input(flow) => (Meaning::Input(flow.dims.clone()), flow.value.clone()),
        scope::Meaning::Layer(flow) => (Meaning::Layer(flow.dims.clone()), flow.value.clone()),
        scope::Meaning::Group(flow) => (Meaning::Group(flow.dims.clone()), flow.value.clone()),
        scope::Meaning::Target(kind) => (Meaning::Target(kind.clone()), String::new()),
    };
    let is_layer = matches!(meaning, Meaning::Layer(_));
    let has_kernel = is_layer && walk.network.made(&value).is_some_and(|made| made.kernel.is_some());
    Named { name: Name::new(named.name.clone(), named.span), meaning, value, has_kernel }
}
