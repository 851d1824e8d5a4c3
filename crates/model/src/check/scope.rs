//! Names of one model: what each stands for, where it was defined, and what is defined further down.

use crate::mistakes;
use crate::model::TargetKind;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Name, StackItem, Statement};
use std::cell::Cell;

/// Extents of one sample, unless a mistake has hidden them.
pub(crate) type Extents = Option<Vec<u32>>;

/// A value that flows: a layer or an input by name, and its extents.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) value: String,
    pub(crate) dims: Extents,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// An input.
    Input(Flow),
    /// A layer by its label, or a binding of one.
    Layer(Flow),
    /// A stack, or a pipeline's binding: the output of its last layer.
    Group(Flow),
    /// A target; `None` where its declaration is mistaken.
    Target(Option<TargetKind>),
}

/// A name of the model.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) meaning: Meaning,
    /// Something reads it.
    pub(crate) used: Cell<bool>,
}

/// All names of one model so far.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) names: Vec<Named>,
    /// Names that the text defines, with the place of each definition, those further down included.
    pub(crate) declared: Vec<Name>,
}

impl Scope {
    pub(crate) fn of(body: &[Statement]) -> Scope {
        let mut declared = Vec::new();
        for statement in body {
            declare(statement, &mut declared);
        }
        Scope { names: Vec::new(), declared }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Named> {
        self.names.iter().find(|n| n.name == name)
    }

    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.iter().any(|d| d.node == name)
    }

    /// Adds a name, unless it is there already.
    pub(crate) fn define(&mut self, name: &Name, meaning: Meaning, diagnostics: &mut Diagnostics) {
        match self.find(&name.node) {
            Some(first) => diagnostics.push(mistakes::names::duplicate("name", name, first.span)),
            None => {
                let used = Cell::new(false);
                self.names.push(Named { name: name.node.clone(), span: name.span, meaning, used });
            }
        }
    }

    /// The value that flows from `name`; unknown extents where a mistake was said.
    pub(crate) fn flow(&self, name: &Name, params: &[&str], diagnostics: &mut Diagnostics) -> Flow {
        let poisoned = Flow { value: name.node.clone(), dims: None };
        let Some(named) = self.find(&name.node) else {
            diagnostics.push(self.missing(name, params));
            return poisoned;
        };
        named.used.set(true);
        match &named.meaning {
            Meaning::Input(flow) | Meaning::Layer(flow) | Meaning::Group(flow) => flow.clone(),
            Meaning::Target(_) => {
                diagnostics.push(mistakes::names::target_as_tensor(name, named.span));
                poisoned
            }
        }
    }

    /// Why there is no `name`.
    fn missing(&self, name: &Name, params: &[&str]) -> kiln_diag::Diagnostic {
        if params.contains(&name.node.as_str()) {
            return mistakes::names::parameter_as_tensor(name);
        }
        if let Some(later) = self.declared.iter().find(|d| d.node == name.node) {
            return mistakes::names::used_before_defined(name, later.span);
        }
        mistakes::names::unknown_value(name, self.names.iter().map(|n| n.name.as_str()))
    }
}

fn declare(statement: &Statement, names: &mut Vec<Name>) {
    match statement {
        Statement::Input { name, .. } | Statement::Target { name, .. } => names.push(name.clone()),
        Statement::Stack(stack) => declare_stack(stack, names),
        Statement::Pipeline(p) => {
            if let ast::Source::Join(stage) = &p.source {
                names.extend(stage.label.clone());
            }
            names.extend(p.stages.iter().filter_map(|s| s.label.clone()));
            names.extend(p.binding.clone());
        }
        Statement::Loss { .. } | Statement::Metric { .. } => {}
    }
}

/// Nests as deeply as the parser allows, which is bounded.
fn declare_stack(stack: &ast::Stack, names: &mut Vec<Name>) {
    names.push(stack.name.clone());
    for item in &stack.body {
        match item {
            StackItem::Layers(stages) => names.extend(stages.iter().filter_map(|s| s.label.clone())),
            StackItem::Stack(inner) => declare_stack(inner, names),
        }
    }
}
