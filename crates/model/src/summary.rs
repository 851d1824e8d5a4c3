//! The model's table in Keras' layout.
//!
//! In: a [`Model`]. Out: [`Summary`]: rows and totals as data, and as text.
//!
//! Rules of Keras that the table follows:
//! - rows are in order of depth (distance from the outputs), layers of one depth as in the spec;
//! - `Connected to` is shown where the model is no plain chain;
//! - a stack is one row, `(Sequential)`; a model of stacks alone has no row for its input;
//! - a tied layer holds the layer that it is tied to, so its row, and that of the stack around it,
//!   counts that one's parameters too. Totals count every parameter once.
//!
//! Not here: which parameters there are; they are counted in the graph ([`crate::build()`]).

mod table;

use crate::build::build;
use crate::model::{Layer, Model, Weight};
use kiln_graph::{Extent, Graph, StateRole};
use std::collections::{BTreeMap, BTreeSet};

/// The table as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The model's name.
    pub model: String,
    /// Rows from the inputs down.
    pub rows: Vec<Row>,
    /// `Connected to` is shown.
    pub branches: bool,
    /// All parameters, each once.
    pub total: u64,
    /// Those that training changes by gradient.
    pub trainable: u64,
    /// The others.
    pub non_trainable: u64,
    /// What the table alone would not tell: shared kernels, learned weights.
    pub notes: Vec<String>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// `Dense`, `InputLayer`, `Sequential`.
    pub kind: String,
    /// Extents of one sample.
    pub dims: Vec<u32>,
    /// Its parameters.
    pub parameters: u64,
    /// Names of the rows that it reads.
    pub connected_to: Vec<String>,
}

/// The table of a model.
pub fn summary(model: &Model) -> Summary {
    let graph = build(model).evaluate;
    let counts = Counts::of(&graph);
    let units = units(model);
    let branches = !is_chain(&units);
    let only_stacks = units.iter().all(|u| u.is_stack || u.is_input) && units.iter().any(|u| u.is_stack);
    let order = by_depth(&units);
    let shown = order.into_iter().map(|i| &units[i]).filter(|u| !(u.is_input && only_stacks && !branches));
    let rows = shown.map(|u| row(model, u, &units, &counts)).collect();
    let (trainable, non_trainable) = counts.totals();
    let notes = notes(model, &counts);
    Summary {
        model: model.name.clone(),
        rows,
        branches,
        total: trainable + non_trainable,
        trainable,
        non_trainable,
        notes,
    }
}

/// Numbers that each layer holds itself, by its name. A shared kernel counts where it is owned.
pub fn parameters(model: &Model) -> BTreeMap<String, u64> {
    let counts = Counts::of(&build(model).evaluate);
    model.layers.iter().map(|layer| (layer.name.clone(), counts.layer(&layer.name))).collect()
}

/// What one row stands for: an input, a layer outside of stacks, or an outermost stack.
struct Unit {
    name: String,
    is_input: bool,
    is_stack: bool,
    /// Its layers.
    layers: Vec<String>,
    /// The value that it gives.
    output: String,
    /// Indices of the units that it reads.
    reads: Vec<usize>,
}

fn units(model: &Model) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for input in &model.inputs {
        units.push(Unit {
            name: input.table_name.clone(),
            is_input: true,
            is_stack: false,
            layers: Vec::new(),
            output: input.name.clone(),
            reads: Vec::new(),
        });
    }
    for layer in &model.layers {
        let outer = layer.stacks.first();
        let reads: Vec<usize> = layer.inputs.iter().filter_map(|i| unit_of(&units, i)).collect();
        let own = outer.and_then(|s| units.iter().position(|u| u.is_stack && u.name == *s));
        if let Some(at) = own {
            units[at].layers.push(layer.name.clone());
            units[at].output = layer.name.clone();
            units[at].reads.extend(reads.into_iter().filter(|&r| r != at));
        } else {
            units.push(Unit {
                name: outer.unwrap_or(&layer.name).clone(),
                is_input: false,
                is_stack: outer.is_some(),
                layers: vec![layer.name.clone()],
                output: layer.name.clone(),
                reads,
            });
        }
    }
    units
}

/// The unit that makes a value, the last where a stack's inner layer is meant.
fn unit_of(units: &[Unit], value: &str) -> Option<usize> {
    units.iter().position(|u| u.output == value || u.layers.iter().any(|l| l == value))
}

/// Each unit reads the one before it.
fn is_chain(units: &[Unit]) -> bool {
    units.iter().enumerate().all(|(i, u)| match u.reads.as_slice() {
        [] => i == 0 && u.is_input,
        [only] => i == only + 1,
        _ => false,
    })
}

/// Indices from the deepest to the outputs; depth is the longest way to an output.
fn by_depth(units: &[Unit]) -> Vec<usize> {
    let mut depth = vec![0usize; units.len()];
    for (i, unit) in units.iter().enumerate().rev() {
        for &read in &unit.reads {
            depth[read] = depth[read].max(depth[i] + 1);
        }
    }
    // Keras puts the inputs first, whatever their depth.
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|&i| (!units[i].is_input, std::cmp::Reverse(depth[i])));
    order
}

/// Parameters of each layer.
struct Counts {
    /// `(trainable, not)` by the layer that owns them.
    by_layer: BTreeMap<String, (u64, u64)>,
}

impl Counts {
    fn of(graph: &Graph) -> Counts {
        let mut by_layer: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for state in &graph.states {
            let Extent::Fixed(rows) = state.shape.rows else { continue };
            let n = u64::from(rows) * u64::from(state.shape.cols);
            let owner = state.name.rsplit_once('.').map_or(state.name.as_str(), |(layer, _)| layer);
            match state.role {
                // The weight of a loss belongs to no layer.
                StateRole::Parameter if state.name.ends_with(".log_variance") => {}
                StateRole::Parameter => by_layer.entry(owner.to_owned()).or_default().0 += n,
                StateRole::Frozen | StateRole::Statistic => {
                    by_layer.entry(owner.to_owned()).or_default().1 += n
                }
                StateRole::Slot(_) => {}
            }
        }
        Counts { by_layer }
    }

    fn layer(&self, name: &str) -> u64 {
        self.by_layer.get(name).map_or(0, |(t, n)| t + n)
    }

    fn totals(&self) -> (u64, u64) {
        self.by_layer.values().fold((0, 0), |(t, n), (lt, ln)| (t + lt, n + ln))
    }
}

fn row(model: &Model, unit: &Unit, units: &[Unit], counts: &Counts) -> Row {
    let layers = unit.layers.iter().filter_map(|l| model.layer(l));
    // Each layer once, and each layer that one of them is tied to.
    let mut held: BTreeSet<&str> = BTreeSet::new();
    for layer in layers {
        held.insert(&layer.name);
        held.extend(layer.tie.iter().map(|t| t.layer.as_str()));
    }
    let kind = match unit.layers.first().and_then(|l| model.layer(l)) {
        None => "InputLayer",
        Some(_) if unit.is_stack => "Sequential",
        Some(layer) => keras_name(layer),
    };
    Row {
        name: unit.name.clone(),
        kind: kind.to_owned(),
        dims: model.dims(&unit.output).unwrap_or(&[]).to_vec(),
        parameters: held.into_iter().map(|l| counts.layer(l)).sum(),
        connected_to: unit.reads.iter().map(|&r| units[r].name.clone()).collect(),
    }
}

fn keras_name(layer: &Layer) -> &'static str {
    kiln_library::registry::find_layer(&layer.call.name).map_or("Layer", |l| l.keras_name())
}

fn notes(model: &Model, counts: &Counts) -> Vec<String> {
    let mut notes = Vec::new();
    let tied: Vec<&Layer> = model.layers.iter().filter(|l| l.tie.is_some()).collect();
    if !tied.is_empty() {
        let owners: BTreeSet<&str> =
            tied.iter().filter_map(|l| l.tie.as_ref().map(|t| t.layer.as_str())).collect();
        let kernels = match owners.len() {
            1 => "1 kernel is shared".to_owned(),
            n => format!("{n} kernels are shared"),
        };
        let (trainable, other) = counts.totals();
        notes.push(format!(
            "Note: {kernels} by ties and counted once in the total of {}; rows of tied layers include the layers that they share.",
            table::thousands(trainable + other)
        ));
    }
    let learned: Vec<&str> =
        model.heads.iter().filter(|h| h.weight == Weight::Learned).map(|h| h.name.as_str()).collect();
    if !learned.is_empty() {
        notes.push(format!("Note: the weights of {} are learned too, one number each.", learned.join(", ")));
    }
    notes
}
