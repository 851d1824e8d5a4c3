//! Forward: every layer's value, from the inputs down.

use super::context::Context;
use crate::model::{Model, TargetKind, elements};
use kiln_graph::{Builder, ValueId};
use kiln_library::{Flow, registry};

/// The values of one build.
pub(super) struct Values {
    /// Inputs and layers by name, in order.
    values: Vec<Value>,
    /// Penalties on parameters, `[1, 1]` each.
    pub(super) penalties: Vec<ValueId>,
}

/// One input or layer.
struct Value {
    name: String,
    flow: Flow,
    /// What its last activation was applied to, and that activation's name.
    before: Option<(ValueId, String)>,
}

impl Values {
    fn get(&self, name: &str) -> &Value {
        let found = self.values.iter().find(|v| v.name == name);
        found.unwrap_or_else(|| panic!("model: value `{name}` is read before it is made"))
    }

    pub(super) fn value(&self, name: &str) -> ValueId {
        self.get(name).flow.value
    }

    pub(super) fn before(&self, name: &str) -> Option<(ValueId, &str)> {
        self.get(name).before.as_ref().map(|(v, n)| (*v, n.as_str()))
    }
}

/// Columns of a value of these extents. Checked models stay far below `u32::MAX`.
pub(super) fn columns(dims: &[u32]) -> u32 {
    elements(dims) as u32
}

/// Columns of a target: a class is one index.
pub(super) fn target_columns(kind: &TargetKind) -> u32 {
    match kind {
        TargetKind::Class(_) => 1,
        TargetKind::Values(dims) => columns(dims),
    }
}

/// Builds all layers.
pub(super) fn forward(b: &mut Builder, model: &Model, training: bool) -> Values {
    let mut values = Values { values: Vec::new(), penalties: Vec::new() };
    for input in &model.inputs {
        b.set_name(&input.name);
        let value = b.input(&input.name, columns(&input.dims));
        let flow = Flow { value, dims: input.dims.clone() };
        values.values.push(Value { name: input.name.clone(), flow, before: None });
    }
    for layer in &model.layers {
        b.set_name(&layer.name);
        let item = registry::find_layer(&layer.call.name)
            .unwrap_or_else(|| panic!("model: layer `{}` of `{}`", layer.call.name, layer.name));
        let inputs: Vec<Flow> = layer.inputs.iter().map(|i| values.get(i).flow.clone()).collect();
        // A frozen batch norm keeps its statistics too, as in Keras.
        let training = training && (layer.trainable || layer.call.name != "batch_norm");
        let mut cx = Context { b, layer, training, penalties: &mut values.penalties, activated: None };
        let value = item.build(&mut cx, &inputs, &layer.call.args);
        let before = cx.activated.filter(|(_, _, y)| *y == value).map(|(x, name, _)| (x, name));
        let flow = Flow { value, dims: layer.dims.clone() };
        values.values.push(Value { name: layer.name.clone(), flow, before });
    }
    values
}

/// `head.<name>` of every head, and of every view where asked for.
pub(super) fn outputs(b: &mut Builder, model: &Model, values: &Values, views: bool) {
    for head in &model.heads {
        b.output(&format!("head.{}", head.name), values.value(&head.layer));
    }
    for view in model.views.iter().filter(|_| views) {
        b.output(&format!("head.{}", view.name), values.value(&view.layer));
    }
}
