//! The update: gradients of the total, clipping, and the optimizer's step for each parameter.

use super::{RATE, parameters};
use crate::model::Model;
use kiln_graph::{Builder, StateId, ValueId, gradients_where_any};
use kiln_library::{Update, clip, registry};

/// Adds everything after the losses.
pub(super) fn update(b: &mut Builder, model: &Model, total: ValueId) {
    let learned = parameters(b.graph());
    let values: Vec<ValueId> = learned.iter().map(|&s| b.state(s)).collect();
    let found = gradients_where_any(b, total, &values);
    // A layer that only a report looks at has no gradient: it stays as it began.
    let reached = learned.into_iter().zip(found).filter_map(|(s, g)| g.map(|g| (s, g)));
    let (states, mut gradients): (Vec<StateId>, Vec<ValueId>) = reached.unzip();

    b.set_name("clip");
    clip::clip(b, &mut gradients, &model.train.optimizer.args);

    let optimizer = registry::find_optimizer(&model.train.optimizer.name)
        .unwrap_or_else(|| panic!("model: optimizer `{}`", model.train.optimizer.name));
    let rate = b.scalar(RATE);
    for (&parameter, &gradient) in states.iter().zip(&gradients) {
        let name = b.graph().states[parameter.index()].name.clone();
        b.set_name(&format!("update {name}"));
        let is_kernel = name.ends_with(".kernel");
        optimizer.build(b, Update { parameter, gradient, rate, is_kernel }, &model.train.optimizer.args);
    }
    b.set_name("");
}
