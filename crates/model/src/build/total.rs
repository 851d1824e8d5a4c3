//! The total loss: each head's mean loss, weighted, and the penalties.

use super::forward::{Values, target_columns};
use super::state;
use crate::model::{Head, Model, Weight, elements};
use kiln_graph::{Builder, Initial, Shape, StateDecl, StateRole, ValueId};
use kiln_library::{LossInput, registry};

/// Adds the losses and their outputs; gives the total.
pub(super) fn losses(b: &mut Builder, model: &Model, values: &Values) -> ValueId {
    let mut total: Option<ValueId> = None;
    for head in &model.heads {
        b.set_name(&format!("loss {}", head.name));
        let loss = head_loss(b, model, head, values);
        b.output(&format!("loss.{}", head.name), loss);
        let term = weighted(b, head, loss);
        total = Some(total.map_or(term, |t| b.add(t, term)));
    }
    b.set_name("loss");
    for &penalty in &values.penalties {
        total = Some(total.map_or(penalty, |t| b.add(t, penalty)));
    }
    let total = total.unwrap_or_else(|| panic!("model: `{}` has no head", model.name));
    b.output("loss", total);
    total
}

/// Mean over the rows of the batch of the sum over columns.
fn head_loss(b: &mut Builder, model: &Model, head: &Head, values: &Values) -> ValueId {
    let item = registry::find_loss(&head.loss.name)
        .unwrap_or_else(|| panic!("model: loss `{}` of `{}`", head.loss.name, head.name));
    let columns = match model.targets.iter().find(|t| t.name == head.target) {
        Some(target) => target_columns(&target.kind),
        None => model.dims(&head.target).map_or(0, elements) as u32,
    };
    let target = b.input(&head.target, columns);
    let prediction = values.value(&head.layer);
    let loss =
        item.build(b, LossInput { prediction, before: values.before(&head.layer), target }, &head.loss.args);
    let sum = b.sum_all(loss);
    let rows = b.row_count();
    b.div(sum, rows)
}

fn weighted(b: &mut Builder, head: &Head, loss: ValueId) -> ValueId {
    let name = format!("weight.{}", head.name);
    match head.weight {
        Weight::Constant(w) => {
            if w == 1.0 {
                return loss;
            }
            b.scale(loss, w as f32)
        }
        Weight::Ramp { .. } => {
            let weight = b.scalar(&name);
            b.output(&name, weight);
            b.mul(weight, loss)
        }
        Weight::Learned => {
            let s = state(b, log_variance(head));
            let s = b.state(s);
            let negative = b.neg(s);
            let weight = b.exp(negative);
            b.output(&name, weight);
            let scaled = b.mul(weight, loss);
            b.add(scaled, s)
        }
    }
}

/// `s`, the logarithm of the head's variance: 0 at first, which is the weight 1.
fn log_variance(head: &Head) -> StateDecl {
    StateDecl {
        name: format!("{}.log_variance", head.name),
        shape: Shape::SCALAR,
        role: StateRole::Parameter,
        initial: Initial::Constant(0.0),
    }
}
