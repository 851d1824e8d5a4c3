//! Ties: `tie = x` and `tie = x.T` lead to one earlier layer that owns its kernel.
//!
//! A tie to a layer that is itself tied leads to the owner; two transposes cancel.

use super::network::Walk;
use super::scope::Meaning;
use super::term::{Term, TermKind};
use crate::mistakes::shapes::{self as mistakes, TieClash};
use crate::model::Tie;
use kiln_diag::Span;
use kiln_dsl::ast::{self, ExprKind, Name, StackItem, Stage, Statement};
use kiln_library::{Args, Value};

/// A tie, resolved.
pub(super) struct Resolved {
    pub(super) tie: Tie,
    /// `[inputs, units]` as this layer reads the kernel.
    pub(super) kernel: [u32; 2],
    /// As the spec says it.
    written: String,
    span: Span,
    /// Written at `span`, not given to a parameter that stands there.
    is_direct: bool,
    owner_span: Span,
}

/// What `term` ties the layer of `stage` to; `None` where a mistake was said.
pub(super) fn resolve(walk: &mut Walk<'_>, term: &Term, stage: &Stage) -> Option<Resolved> {
    let (name, transposed) = target(walk, term)?;
    let owner = match walk.network.scope.find(&name.node) {
        Some(named) => {
            named.used.set(true);
            match &named.meaning {
                Meaning::Layer(flow) => flow.value.clone(),
                Meaning::Input(_) | Meaning::Target(_) => {
                    let span = named.span;
                    let what = if matches!(named.meaning, Meaning::Input(_)) { "input" } else { "target" };
                    walk.diagnostics.push(mistakes::tie_no_kernel(name.span, &name.node, what, span));
                    return None;
                }
                Meaning::Group(_) => {
                    let found = format!("`{}`, which is a stack or a binding", name.node);
                    walk.diagnostics.push(mistakes::tie_target(name.span, &found));
                    return None;
                }
            }
        }
        None => {
            later_or_unknown(walk, &name, stage);
            return None;
        }
    };
    let made = walk.network.made(&owner)?;
    let (span, callee) = (made.span, made.callee.clone());
    let kernel = match (made.kernel, &made.dims) {
        (Some(kernel), _) => kernel,
        (None, None) => return None,
        (None, Some(_)) => {
            walk.diagnostics.push(mistakes::tie_no_kernel(term.span, &name.node, &callee, span));
            return None;
        }
    };
    // `made.kernel` is as that layer reads it, so a chain of ties resolves one link at a time.
    let link = walk.network.tie_of(&owner);
    let (layer, flipped) = link.map_or((owner.clone(), false), |t| (t.layer, t.transposed));
    let [i, o] = kernel;
    let written = written(&name.node, transposed);
    Some(Resolved {
        tie: Tie { layer, transposed: transposed ^ flipped, bias: false },
        kernel: if transposed { [o, i] } else { [i, o] },
        written,
        span: term.span,
        is_direct: term.span.file == name.span.file && term.span.range().contains(&name.span.range().start),
        owner_span: span,
    })
}

fn written(name: &str, transposed: bool) -> String {
    if transposed { format!("{name}.T") } else { name.to_owned() }
}

/// The name that a tie is given, and whether with `.T`.
fn target(walk: &mut Walk<'_>, term: &Term) -> Option<(Name, bool)> {
    match &term.kind {
        TermKind::Name(name) => Some((Name::new(name.clone(), term.span), false)),
        TermKind::Path(name, part) if part.node == "T" => Some((name.clone(), true)),
        TermKind::Path(_, part) => {
            walk.diagnostics.push(mistakes::tie_part(part.span, &part.node));
            None
        }
        TermKind::Poisoned => None,
        _ => {
            walk.diagnostics.push(mistakes::tie_target(term.span, &term.describe()));
            None
        }
    }
}

/// Says why there is no layer `name` above the tie.
fn later_or_unknown(walk: &mut Walk<'_>, name: &Name, stage: &Stage) {
    let Some(later) = walk.network.scope.declared(&name.node) else {
        let names = walk.network.scope.names.iter();
        let layers = names.filter(|n| matches!(n.meaning, Meaning::Layer(_))).map(|n| n.name.as_str());
        let d = crate::mistakes::names::unknown_value(name, layers);
        walk.diagnostics.push(d);
        return;
    };
    let links = links(walk.body);
    let mut way = vec![stage.label.as_ref().map_or("this layer", |l| l.node.as_str()).to_owned()];
    let mut at = name.node.clone();
    while way.len() <= links.len() + 1 {
        way.push(at.clone());
        match links.iter().find(|(from, _)| *from == at) {
            Some((_, to)) if way.contains(to) => {
                way.push(to.clone());
                let d = mistakes::tie_cycle(name.span, &way, later);
                walk.diagnostics.push(d);
                return;
            }
            Some((_, to)) => at = to.clone(),
            None => break,
        }
    }
    let own = stage.label.as_ref().is_some_and(|l| l.node == name.node);
    let d = if own {
        mistakes::tie_cycle(name.span, &way, later)
    } else {
        mistakes::tie_later(name.span, &name.node, later)
    };
    walk.diagnostics.push(d);
}

/// Every labelled layer that is tied, and the name that it is tied to, as written.
fn links(body: &[Statement]) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for statement in body {
        match statement {
            Statement::Stack(stack) => stack_links(stack, &mut links),
            Statement::Pipeline(p) => stage_links(&p.stages, &mut links),
            Statement::Input { .. }
            | Statement::Target { .. }
            | Statement::Loss { .. }
            | Statement::Metric { .. } => {}
        }
    }
    links
}

fn stack_links(stack: &ast::Stack, links: &mut Vec<(String, String)>) {
    for item in &stack.body {
        match item {
            StackItem::Layers(stages) => stage_links(stages, links),
            StackItem::Stack(inner) => stack_links(inner, links),
        }
    }
}

fn stage_links(stages: &[Stage], links: &mut Vec<(String, String)>) {
    for stage in stages {
        let Some(label) = &stage.label else { continue };
        for arg in stage.args.as_deref().unwrap_or(&[]) {
            if arg.name.as_ref().is_none_or(|n| n.node != "tie") {
                continue;
            }
            match &arg.value.kind {
                ExprKind::Name(to) => links.push((label.node.clone(), to.clone())),
                ExprKind::Path(to, _) => links.push((label.node.clone(), to.node.clone())),
                _ => {}
            }
        }
    }
}

/// True where no bias is to be shared, or the owner has one of this width.
fn bias_fits(walk: &mut Walk<'_>, tie: &Resolved, args: &Args) -> bool {
    if args.get("tie_bias") != Some(&Value::Bool(true)) {
        return true;
    }
    let owner = walk.network.layers().into_iter().find(|l| l.name == tie.tie.layer);
    let Some(owner) = owner else { return true };
    let why = if owner.call.args.get("use_bias") == Some(&Value::Bool(false)) {
        "it has none".to_owned()
    } else if owner.dims != [tie.kernel[1]] {
        format!("it has {} values, and this layer {} units", owner.dims[0], tie.kernel[1])
    } else {
        return true;
    };
    walk.diagnostics.push(mistakes::tie_bias(tie.span, &owner.name, tie.owner_span, &why));
    false
}

/// True where what flows in, and the units written beside the tie, agree with the kernel.
pub(super) fn fits(walk: &mut Walk<'_>, tie: &Resolved, inputs: &[&[u32]], args: &Args, from: &str) -> bool {
    // Several extents are the layer's own mistake to tell.
    let Some([incoming]) = inputs.first() else { return true };
    let units = match args.get("units") {
        Some(Value::Int(units)) => u32::try_from(*units).ok(),
        _ => None,
    };
    let units = units.filter(|u| *u != tie.kernel[1]);
    if tie.kernel[0] == *incoming && units.is_none() {
        return bias_fits(walk, tie, args);
    }
    let clash = TieClash {
        tie: tie.span,
        written: tie.written.clone(),
        owner: tie.written.trim_end_matches(".T"),
        owner_span: tie.owner_span,
        kernel: tie.kernel,
        incoming: *incoming,
        units: if tie.kernel[0] == *incoming { units } else { None },
        transposed: tie.written.ends_with(".T"),
        way: mistakes::way(&walk.chain(from)),
        is_direct: tie.is_direct,
    };
    walk.diagnostics.push(mistakes::tie(&clash));
    false
}
