//! What a layer sees of the model while it is built.

use super::state;
use crate::model::Layer;
use kiln_graph::{Builder, Initial, Shape, StateDecl, StateId, StateRole, ValueId};
use kiln_library::{Call, Fans, LayerContext, registry};

/// One layer being built.
pub(super) struct Context<'a> {
    pub(super) b: &'a mut Builder,
    pub(super) layer: &'a Layer,
    pub(super) training: bool,
    /// Penalties of all layers so far.
    pub(super) penalties: &'a mut Vec<ValueId>,
    /// What the last activation was applied to, its name, and its result.
    pub(super) activated: Option<(ValueId, String, ValueId)>,
}

impl Context<'_> {
    fn state(&mut self, name: &str, shape: Shape, role: StateRole, initial: Initial) -> StateId {
        let name = format!("{}.{name}", self.layer.name);
        state(self.b, StateDecl { name, shape, role, initial })
    }

    /// The value of a state of the layer whose kernel is shared, where it has one.
    fn tied_state(&mut self, name: &str) -> Option<ValueId> {
        let tie = self.layer.tie.as_ref()?;
        let name = format!("{}.{name}", tie.layer);
        let index = self.b.graph().states.iter().position(|s| s.name == name)?;
        Some(self.b.state(StateId(index as u32)))
    }
}

impl LayerContext for Context<'_> {
    fn graph(&mut self) -> &mut Builder {
        self.b
    }

    fn training(&self) -> bool {
        self.training
    }

    fn parameter(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> ValueId {
        let role = if self.layer.trainable { StateRole::Parameter } else { StateRole::Frozen };
        let id = self.state(name, Shape::matrix(rows, cols), role, initial);
        self.b.state(id)
    }

    fn statistic(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> (ValueId, StateId) {
        let id = self.state(name, Shape::matrix(rows, cols), StateRole::Statistic, initial);
        (self.b.state(id), id)
    }

    fn tie(&mut self) -> Option<(ValueId, bool)> {
        let transposed = self.layer.tie.as_ref()?.transposed;
        Some((self.tied_state("kernel")?, transposed))
    }

    fn tied_bias(&mut self) -> Option<ValueId> {
        self.tied_state("bias")
    }

    fn activate(&mut self, call: &Call, x: ValueId) -> ValueId {
        let activation = registry::find_activation(&call.name)
            .unwrap_or_else(|| panic!("model: activation `{}` of `{}`", call.name, self.layer.name));
        let y = activation.build(self.b, x, &call.args);
        self.activated = Some((x, call.name.clone(), y));
        y
    }

    fn initial(&mut self, call: &Call, fans: Fans) -> Initial {
        let initializer = registry::find_initializer(&call.name)
            .unwrap_or_else(|| panic!("model: initializer `{}` of `{}`", call.name, self.layer.name));
        initializer.initial(fans, &call.args)
    }

    fn penalty(&mut self, value: ValueId) {
        self.penalties.push(value);
    }
}
