//! Losses and metrics: which values are compared with what, and how much each counts.

use super::arguments::{bind, item};
use super::network::Walk;
use super::scope::{Flow, Meaning};
use super::term::{Env, Term, TermArg, TermKind};
use super::weight;
use crate::mistakes::{self, Called, heads::Made};
use crate::model::{Head, Metric, TargetKind, Weight, elements};
use crate::registry;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{Expr, Name, Statement};
use kiln_library::{Args, Call, Kind, Value};

/// The heads of a model.
pub(crate) struct Heads {
    pub(crate) list: Vec<Head>,
    /// Nothing was wrong with any of them: what is not in the list is not in the spec.
    pub(crate) is_whole: bool,
}

/// Every loss and metric line.
pub(crate) fn run(walk: &mut Walk<'_>, env: &Env, model: &Name) -> Heads {
    let before = walk.diagnostics.errors();
    let body = walk.body;
    let mut heads: Vec<Head> = Vec::new();
    let mut tried: Vec<Name> = Vec::new();
    for statement in body {
        if let Statement::Loss { head, loss, weight, .. } = statement {
            if let Some(first) = tried.iter().find(|t| t.node == head.node) {
                walk.diagnostics.push(mistakes::heads::second_loss(head, first.span));
                continue;
            }
            tried.push(head.clone());
            heads.extend(loss_line(walk, head, loss, weight.as_ref(), env));
        }
    }
    for statement in body {
        if let Statement::Metric { head, metrics, .. } = statement {
            metric_line(walk, head, metrics, env, &mut heads, &tried);
        }
    }
    if tried.is_empty() {
        walk.diagnostics.push(mistakes::heads::no_loss(model));
    }
    let is_whole = heads.len() == tried.len() && walk.diagnostics.errors() == before;
    Heads { list: heads, is_whole }
}

fn flow(walk: &mut Walk<'_>, name: &Name, env: &Env) -> Flow {
    let params: Vec<&str> = env.names().collect();
    walk.network.scope.flow(name, &params, walk.diagnostics)
}

fn loss_line(
    walk: &mut Walk<'_>,
    head: &Name,
    loss: &Expr,
    weight: Option<&Expr>,
    env: &Env,
) -> Option<Head> {
    let flow = flow(walk, head, env);
    let weight = match weight {
        Some(e) => {
            let term = walk.evaluate(env).term(e);
            weight::run(walk, &term)
        }
        None => Some(Weight::Constant(1.0)),
    };
    let term = walk.evaluate(env).term(loss);
    let (call, target) = loss_call(walk, &term)?;
    let dims = flow.dims?;
    let made = walk.network.made(&flow.value).map_or(head.span, |m| m.span);
    let class_weights = argument(&term, "class_weights");
    let way = mistakes::shapes::way(&walk.chain(&flow.value));
    let field = compare(walk, &Made { head, dims: &dims, made, class_weights, way }, &call, &target)?;
    suits(walk, head, &flow.value, &call);
    Some(Head {
        name: head.node.clone(),
        layer: flow.value,
        dims,
        loss: call,
        target: field,
        weight: weight?,
        metrics: Vec::new(),
    })
}

/// Where a call gives an argument by name.
fn argument(term: &Term, name: &str) -> Option<Span> {
    let TermKind::Call(_, args) = &term.kind else { return None };
    args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.node == name)).map(|a| a.value.span)
}

/// The loss with its arguments, and the input or target that its first argument names.
fn loss_call(walk: &mut Walk<'_>, term: &Term) -> Option<(Call, Name)> {
    let (name, args) = match &term.kind {
        TermKind::Call(name, args) => (name.clone(), args.clone()),
        TermKind::Name(name) => (Name::new(name.clone(), term.span), Vec::new()),
        // Says that a loss is expected here.
        _ => {
            return item(term, Kind::Loss, walk.diagnostics)
                .map(|c| (c, Name::new(String::new(), term.span)));
        }
    };
    let Some(found) = registry::find(Kind::Loss, &name.node) else {
        walk.diagnostics.push(mistakes::arguments::unknown_item(&name.node, name.span, Kind::Loss));
        return None;
    };
    let first = args.iter().position(|a| a.name.is_none());
    let Some(TermKind::Name(target)) = first.map(|i| &args[i].value.kind) else {
        let span = first.map_or(name.span, |i| args[i].value.span);
        let fields = fields(walk);
        walk.diagnostics.push(mistakes::heads::loss_without_target(&name, span, &fields));
        return None;
    };
    let target = Name::new(target.clone(), first.map_or(name.span, |i| args[i].value.span));
    let rest: Vec<TermArg> =
        args.iter().enumerate().filter(|(i, _)| Some(*i) != first).map(|(_, a)| a.clone()).collect();
    let specs = registry::specs(Kind::Loss, found);
    let bound = bind(Called { text: &name.node, span: name.span }, &specs, &rest, walk.diagnostics);
    bound.ok.then(|| (Call { name: name.node.clone(), args: bound.args }, target))
}

/// Inputs and targets by name: what a loss may compare with.
fn fields(walk: &Walk<'_>) -> Vec<String> {
    let names = walk.network.scope.names.iter();
    let fields = names.filter(|n| matches!(n.meaning, Meaning::Input(_) | Meaning::Target(_)));
    fields.map(|n| n.name.clone()).collect()
}

/// Checks that the head and the target agree in kind and size. Gives the field that is compared with: the
/// target may name an input by its second name (`input_4 = image`).
fn compare(walk: &mut Walk<'_>, made: &Made<'_>, call: &Call, target: &Name) -> Option<String> {
    let dims = made.dims;
    let Some(named) = walk.network.scope.find(&target.node) else {
        let fields = fields(walk);
        let d = mistakes::names::unknown_value(target, fields.iter().map(String::as_str));
        walk.diagnostics.push(d);
        return None;
    };
    named.used.set(true);
    let span = named.span;
    let (field, kind) = match &named.meaning {
        Meaning::Input(Flow { value, dims }) => (value.clone(), dims.clone().map(TargetKind::Values)),
        Meaning::Target(kind) => (target.node.clone(), kind.clone()),
        Meaning::Layer(_) | Meaning::Group(_) => {
            let fields = fields(walk);
            walk.diagnostics.push(mistakes::heads::target_is_layer(target, span, &fields));
            return None;
        }
    };
    let kind = kind?;
    let loss = kiln_library::registry::find_loss(&call.name)?;
    let width = elements(dims);
    match (loss.target(), &kind) {
        (kiln_library::TargetKind::Class, TargetKind::Class(n)) => {
            if dims.len() != 1 || width != u64::from(*n) {
                let d = mistakes::heads::class_count(made, target, span, *n);
                walk.diagnostics.push(d.hint_opt(made.way.clone()));
                return None;
            }
            weights_fit(walk, call, *n, made.class_weights.unwrap_or(target.span))?;
            Some(field)
        }
        (kiln_library::TargetKind::Values, TargetKind::Values(want)) => {
            if width != elements(want) {
                let d = mistakes::heads::target_shape(made, target, span, want);
                walk.diagnostics.push(d.hint_opt(made.way.clone()));
                return None;
            }
            Some(field)
        }
        (wants, has) => {
            walk.diagnostics.push(mistakes::heads::target_kind(&call.name, wants, target, span, has));
            None
        }
    }
}

/// One class weight a class.
fn weights_fit(walk: &mut Walk<'_>, call: &Call, classes: u32, span: Span) -> Option<()> {
    match call.args.get("class_weights") {
        Some(Value::List(weights)) if weights.len() != classes as usize => {
            walk.diagnostics.push(mistakes::heads::class_weights(span, weights.len(), classes));
            None
        }
        _ => Some(()),
    }
}

/// Warns of a head whose last activation does not suit its loss, or which ends in dropout.
fn suits(walk: &mut Walk<'_>, head: &Name, value: &str, call: &Call) {
    let layers = walk.network.layers();
    let Some(layer) = layers.iter().find(|l| l.name == value) else { return };
    if layer.call.name == "dropout" || layer.call.name == "gaussian_noise" {
        let made = walk.network.made(value).map_or(head.span, |m| m.span);
        walk.diagnostics.push(mistakes::warnings::dropout_last(made, &layer.call.name, head.span));
    }
    let wants = match call.name.as_str() {
        "cross_entropy" => "softmax",
        "binary_cross_entropy" => "sigmoid",
        _ => return,
    };
    let Some(activation) = layer.call.args.item_opt("activation") else { return };
    if activation.name != wants {
        let made = walk.network.made(value).map_or(head.span, |m| m.span);
        walk.diagnostics.push(mistakes::warnings::output_activation(
            head.span,
            &call.name,
            made,
            &activation.name,
            wants,
        ));
    }
}

fn metric_line(
    walk: &mut Walk<'_>,
    head: &Name,
    metrics: &[Expr],
    env: &Env,
    heads: &mut [Head],
    tried: &[Name],
) {
    let index = heads.iter().position(|h| h.name == head.node);
    if index.is_none() && !tried.iter().any(|t| t.node == head.node) {
        // A misspelt head says so; a real one has no loss.
        if flow(walk, head, env).dims.is_some() {
            let names: Vec<&str> = tried.iter().map(|t| t.node.as_str()).collect();
            walk.diagnostics.push(mistakes::heads::head_without_loss(head, &names));
        }
    }
    for e in metrics {
        let term = walk.evaluate(env).term(e);
        let Some(call) = item(&term, Kind::Metric, walk.diagnostics) else { continue };
        let Some(checked) = index.map(|i| &mut heads[i]) else { continue };
        let wants = kiln_library::registry::find_metric(&call.name).map(|m| m.target());
        let target = walk.network.targets.iter().find(|t| t.name == checked.target);
        let classes = target.and_then(|t| match t.kind {
            TargetKind::Class(n) => Some(n),
            TargetKind::Values(_) => None,
        });
        let is_class = classes.is_some();
        let fits = match wants {
            Some(kiln_library::TargetKind::Class) => is_class,
            Some(kiln_library::TargetKind::Values) => !is_class,
            None => true,
        };
        if !fits {
            let d = mistakes::heads::metric_kind(&call.name, term.span, head, &checked.target, is_class);
            walk.diagnostics.push(d);
            continue;
        }
        trivial(walk.diagnostics, &call, term.span, classes);
        let name = metric_name(&call);
        if checked.metrics.iter().any(|m| m.name == name) {
            walk.diagnostics.push(mistakes::heads::duplicate_metric(term.span, &name));
            continue;
        }
        checked.metrics.push(Metric { name, call });
    }
}

/// Warns of a metric that no head can miss.
fn trivial(diagnostics: &mut Diagnostics, call: &Call, span: Span, classes: Option<u32>) {
    let k = (call.name == "top_k").then(|| call.args.int("k"));
    if let (Some(k), Some(classes)) = (k, classes)
        && k >= i64::from(classes)
    {
        diagnostics.push(mistakes::warnings::trivial_metric(span, k, classes));
    }
}

/// `accuracy`, `f1_macro`, `top_k_5`: the metric and its arguments.
fn metric_name(call: &Call) -> String {
    let mut name = call.name.clone();
    for (_, value) in Args::iter(&call.args) {
        match value {
            Value::Word(word) => name.push_str(&format!("_{word}")),
            Value::Int(n) => name.push_str(&format!("_{n}")),
            Value::Float(x) => name.push_str(&format!("_{x}")),
            Value::Bool(_) | Value::Item(_) | Value::List(_) => {}
        }
    }
    name
}
