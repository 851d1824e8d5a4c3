//! Names of one model: what each stands for, where it was defined, and what is defined further down.

use crate::mistakes;
use crate::model::TargetKind;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Expr, ExprKind, Name, StackItem, Stage, Statement};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

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

/// A circle of more statements is told as a value that is used too early.
const CIRCLE_MAX: usize = 1000;

/// What one statement makes, and from what, as written.
#[derive(Debug, Default)]
struct Link {
    made: Vec<Name>,
    from: Vec<Name>,
}

/// All names of one model so far.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) names: Vec<Named>,
    /// Positions in `names`.
    index: BTreeMap<String, usize>,
    /// Statements of the text, those further down included.
    links: Vec<Link>,
    /// The statement that reads a value, by the place where it names it.
    readers: BTreeMap<Span, usize>,
    /// For each name that the text defines: the first statement that does, and where.
    declared: BTreeMap<String, (usize, Span)>,
}

impl Scope {
    pub(crate) fn of(body: &[Statement]) -> Scope {
        let mut scope = Scope::default();
        for statement in body {
            let mut link = Link::default();
            declare(statement, &mut link);
            for name in &link.made {
                scope.declared.entry(name.node.clone()).or_insert((scope.links.len(), name.span));
            }
            scope.readers.extend(link.from.iter().map(|name| (name.span, scope.links.len())));
            scope.links.push(link);
        }
        scope
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Named> {
        self.index.get(name).map(|&i| &self.names[i])
    }

    /// Where the text defines a name, above or below.
    pub(crate) fn declared(&self, name: &str) -> Option<Span> {
        self.declared.get(name).map(|(_, span)| *span)
    }

    /// Adds a name, unless it is there already.
    pub(crate) fn define(&mut self, name: &Name, meaning: Meaning, diagnostics: &mut Diagnostics) {
        match self.find(&name.node) {
            Some(first) => diagnostics.push(mistakes::names::duplicate("name", name, first.span)),
            None => {
                let used = Cell::new(false);
                self.index.insert(name.node.clone(), self.names.len());
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
        if let Some(later) = self.declared(&name.node) {
            return match self.circle(name) {
                Some(way) => mistakes::names::value_cycle(name, later, &way),
                None => mistakes::names::used_before_defined(name, later),
            };
        }
        mistakes::names::unknown_value(name, self.names.iter().map(|n| n.name.as_str()))
    }

    /// The way from what the statement that reads `name` makes, by way of `name`, back to it.
    fn circle(&self, name: &Name) -> Option<Vec<String>> {
        let own = *self.readers.get(&name.span)?;
        // Each statement reached, the one that it was reached from, and the name that led there.
        let mut reached: Vec<(usize, usize, &str)> = vec![(self.declared.get(&name.node)?.0, 0, &name.node)];
        let mut seen = BTreeSet::new();
        let mut next = 0;
        while next < reached.len() && next < CIRCLE_MAX {
            let (at, _, _) = reached[next];
            if at == own {
                return Some(way(&reached, next));
            }
            for from in &self.links[at].from {
                if let Some((maker, _)) = self.declared.get(&from.node)
                    && seen.insert(*maker)
                {
                    reached.push((*maker, next, &from.node));
                }
            }
            next += 1;
        }
        None
    }
}

/// The names that led to the statement at `last`, which is named first as well.
fn way(reached: &[(usize, usize, &str)], last: usize) -> Vec<String> {
    let mut names = vec![reached[last].2.to_owned()];
    let mut at = last;
    while at != 0 {
        at = reached[at].1;
        names.push(reached[at].2.to_owned());
    }
    names.push(reached[last].2.to_owned());
    names.reverse();
    names
}

fn declare(statement: &Statement, link: &mut Link) {
    match statement {
        Statement::Input { name, .. } | Statement::Target { name, .. } => link.made.push(name.clone()),
        Statement::Stack(stack) => declare_stack(stack, link),
        Statement::Pipeline(p) => {
            match &p.source {
                ast::Source::Name(name) => link.from.push(name.clone()),
                ast::Source::Join(stage) => {
                    link.from.extend(stage.args.iter().flatten().filter_map(|a| value(&a.value)));
                    link.made.extend(stage.label.clone());
                }
            }
            link.made.extend(labels(&p.stages));
            link.made.extend(p.binding.clone());
        }
        Statement::Loss { .. } | Statement::Metric { .. } => {}
    }
}

/// Nests as deeply as the parser allows, which is bounded.
fn declare_stack(stack: &ast::Stack, link: &mut Link) {
    link.made.push(stack.name.clone());
    link.from.extend(stack.source.clone());
    for item in &stack.body {
        match item {
            StackItem::Layers(stages) => link.made.extend(labels(stages)),
            StackItem::Stack(inner) => declare_stack(inner, link),
        }
    }
}

fn labels(stages: &[Stage]) -> impl Iterator<Item = Name> {
    stages.iter().filter_map(|s| s.label.clone())
}

/// The value that an argument of a join names.
fn value(e: &Expr) -> Option<Name> {
    match &e.kind {
        ExprKind::Name(name) => Some(Name::new(name.clone(), e.span)),
        _ => None,
    }
}
