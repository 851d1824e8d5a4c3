//! Which model and which data set a spec trains.

use super::section::Lines;
use super::term::{TermArg, TermKind};
use crate::load::Items;
use crate::mistakes;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{self, Arg, Expr, ExprKind, Name, StackItem, Stage, Statement};

/// The items that one run is made from.
pub(crate) struct Selected<'a> {
    pub(crate) model: Option<&'a ast::Model>,
    /// Where the model is called.
    pub(crate) model_span: Span,
    /// What its parameters are given.
    pub(crate) model_args: Vec<TermArg>,
    pub(crate) data: Option<&'a ast::Data>,
}

/// Follows `model = …` and `data = …` of `train`, or takes the only ones there are.
pub(crate) fn run<'a>(items: &'a Items, lines: &Lines, diagnostics: &mut Diagnostics) -> Selected<'a> {
    let (model, model_span, model_args) = model(items, lines, diagnostics);
    Selected { model, model_span, model_args, data: data(items, lines, diagnostics) }
}

fn model<'a>(
    items: &'a Items,
    lines: &Lines,
    diagnostics: &mut Diagnostics,
) -> (Option<&'a ast::Model>, Span, Vec<TermArg>) {
    let nothing = (None, lines.span, Vec::new());
    let Some(term) = lines.get("model") else {
        return match candidates(items).as_slice() {
            [] => {
                diagnostics.push(mistakes::names::no_model(items.main_start()));
                nothing
            }
            [only] => (Some(only), only.name.span, Vec::new()),
            several => {
                let names: Vec<&Name> = several.iter().map(|m| &m.name).collect();
                diagnostics.push(mistakes::names::ambiguous_model(lines.span, &names));
                nothing
            }
        };
    };
    let (name, args) = match &term.kind {
        TermKind::Name(name) => (Name::new(name.clone(), term.span), Vec::new()),
        TermKind::Call(name, args) => (name.clone(), args.clone()),
        TermKind::Poisoned => return nothing,
        _ => {
            diagnostics.push(mistakes::train::bad_value("model", term, "the name of a model"));
            return nothing;
        }
    };
    match items.models.iter().find(|m| m.name.node == name.node) {
        Some(model) => (Some(model), name.span, args),
        None => {
            let names: Vec<&str> = items.models.iter().map(|m| m.name.node.as_str()).collect();
            diagnostics.push(mistakes::names::unknown_model(&name, &names));
            nothing
        }
    }
}

/// Models that may be meant where none is named: those of the main file, else all.
fn candidates(items: &Items) -> Vec<&ast::Model> {
    let main: Vec<&ast::Model> = items.models.iter().filter(|m| m.name.span.file == items.main).collect();
    if main.is_empty() { items.models.iter().collect() } else { main }
}

fn data<'a>(items: &'a Items, lines: &Lines, diagnostics: &mut Diagnostics) -> Option<&'a ast::Data> {
    let Some(term) = lines.get("data") else {
        match items.data.as_slice() {
            [] if items.train.is_some() => diagnostics.push(mistakes::names::no_data(lines.span)),
            [] => {}
            [only] => return Some(only),
            several => {
                let names: Vec<&Name> = several.iter().map(|d| &d.name).collect();
                diagnostics.push(mistakes::names::ambiguous_data(lines.span, &names));
            }
        }
        return None;
    };
    match &term.kind {
        TermKind::Name(name) => {
            let found = items.data.iter().find(|d| d.name.node == *name);
            if found.is_none() {
                let names: Vec<&str> = items.data.iter().map(|d| d.name.node.as_str()).collect();
                let name = Name::new(name.clone(), term.span);
                diagnostics.push(mistakes::names::unknown_data(&name, &names));
            }
            found
        }
        TermKind::Poisoned => None,
        _ => {
            diagnostics.push(mistakes::train::bad_value("data", term, "the name of a data set"));
            None
        }
    }
}

/// The items that `train` can lead to, whatever its sweeps choose: only their sweeps make runs.
pub(crate) fn reachable(items: &Items) -> Items {
    let mut names = Vec::new();
    for entry in items.train.iter().flat_map(|t| &t.entries) {
        if matches!(entry.key.node.as_str(), "model" | "data") {
            words(&entry.value, &mut names);
        }
    }
    let has = |key: &str| items.train.iter().flat_map(|t| &t.entries).any(|e| e.key.node == key);
    let models: Vec<&ast::Model> = if has("model") {
        items.models.iter().filter(|m| names.contains(&m.name.node)).collect()
    } else {
        candidates(items)
    };
    let data = items.data.iter().filter(|d| !has("data") || names.contains(&d.name.node));
    let mut callees = Vec::new();
    models.iter().for_each(|m| m.body.iter().for_each(|s| statement_callees(s, &mut callees)));
    let mut blocks: Vec<&ast::Block> = Vec::new();
    let mut next = 0;
    // Blocks that blocks use, each once.
    while next < callees.len() {
        let block = items.blocks.iter().find(|b| b.name.node == callees[next]);
        if let Some(block) = block.filter(|b| !blocks.iter().any(|c| c.name.node == b.name.node)) {
            blocks.push(block);
            stage_callees(&block.body, &mut callees);
        }
        next += 1;
    }
    blocks.sort_by_key(|b| b.span);
    Items {
        main: items.main,
        train: items.train.clone(),
        data: data.cloned().collect(),
        models: models.into_iter().cloned().collect(),
        blocks: blocks.into_iter().cloned().collect(),
        ..Items::default()
    }
}

/// Every name in an expression.
fn words(e: &Expr, names: &mut Vec<String>) {
    match &e.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Path(name, _) => names.push(name.node.clone()),
        ExprKind::Call(name, args) => {
            names.push(name.node.clone());
            args.iter().for_each(|a: &Arg| words(&a.value, names));
        }
        ExprKind::List(items) | ExprKind::Sweep(items) => items.iter().for_each(|i| words(i, names)),
        ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
            words(a, names);
            words(b, names);
        }
        ExprKind::Negate(x) => words(x, names),
        ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Bool(_) => {}
    }
}

/// Every layer and block that a statement calls.
pub(crate) fn statement_callees(statement: &Statement, callees: &mut Vec<String>) {
    match statement {
        Statement::Stack(stack) => stack_callees(stack, callees),
        Statement::Pipeline(p) => {
            if let ast::Source::Join(stage) = &p.source {
                callees.push(stage.callee.node.clone());
            }
            stage_callees(&p.stages, callees);
        }
        Statement::Input { .. }
        | Statement::Target { .. }
        | Statement::Loss { .. }
        | Statement::Metric { .. } => {}
    }
}

fn stack_callees(stack: &ast::Stack, callees: &mut Vec<String>) {
    for item in &stack.body {
        match item {
            StackItem::Layers(stages) => stage_callees(stages, callees),
            StackItem::Stack(inner) => stack_callees(inner, callees),
        }
    }
}

pub(crate) fn stage_callees(stages: &[Stage], callees: &mut Vec<String>) {
    callees.extend(stages.iter().map(|s| s.callee.node.clone()));
}
