//! What is there and not used: warnings, and layers left out of the trained model.

use super::network::Network;
use super::report::Report;
use super::select::{self, Selected};
use super::term::Env;
use crate::load::Items;
use crate::mistakes::warnings;
use crate::model::{Head, Model, Section};
use kiln_diag::Diagnostics;
use kiln_dsl::ast;
use std::collections::BTreeSet;

/// Everything that could use something.
pub(crate) struct Scene<'a> {
    pub(crate) items: &'a Items,
    pub(crate) model: &'a ast::Model,
    pub(crate) env: &'a Env,
    pub(crate) network: &'a Network,
    pub(crate) heads: &'a [Head],
    pub(crate) report: &'a Report,
    /// Blocks and their parameters that were not read.
    pub(crate) unused_params: &'a [(String, String)],
    pub(crate) selected: &'a Selected<'a>,
}

/// Warns of what is never used.
pub(crate) fn run(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    // Mistakes leave things unused that the mended spec will use.
    if diagnostics.has_errors() {
        return;
    }
    layers(scene, diagnostics);
    inputs(scene, diagnostics);
    parameters(scene, diagnostics);
    items(scene, diagnostics);
}

fn layers(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let made = &scene.network.made;
    let mut read: BTreeSet<&str> = made.iter().flat_map(|m| m.inputs.iter().map(String::as_str)).collect();
    read.extend(made.iter().filter_map(|m| m.layer.as_ref()?.tie.as_ref()).map(|t| t.layer.as_str()));
    read.extend(scene.heads.iter().map(|h| h.layer.as_str()));
    read.extend(scene.report.views.iter().map(|v| v.layer.as_str()));
    for layer in made.iter().filter(|m| !read.contains(m.name.as_str())) {
        if !weights_shown(scene.report, &layer.name) {
            diagnostics.push(warnings::unused_layer(layer.span, &layer.name));
        }
    }
}

fn weights_shown(report: &Report, name: &str) -> bool {
    report.sections.iter().any(|s| matches!(s, Section::Weights { layer, .. } if layer == name))
}

fn inputs(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    for input in &scene.network.inputs {
        warn_unless_used(scene, &input.name, "input", diagnostics);
    }
    for target in &scene.network.targets {
        warn_unless_used(scene, &target.name, "target", diagnostics);
    }
}

fn warn_unless_used(scene: &Scene<'_>, name: &str, what: &str, diagnostics: &mut Diagnostics) {
    if let Some(named) = scene.network.scope.find(name).filter(|n| !n.used.get()) {
        diagnostics.push(warnings::unused_input(named.span, name, what));
    }
}

fn parameters(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    for name in scene.env.unused() {
        if let Some(param) = scene.model.params.iter().find(|p| p.name.node == name) {
            diagnostics.push(warnings::unused_parameter(param.name.span, name, &scene.model.name.node));
        }
    }
    for (block, name) in scene.unused_params {
        let block = scene.items.blocks.iter().find(|b| b.name.node == *block);
        let param = block.and_then(|b| b.params.iter().find(|p| p.name.node == *name).map(|p| (b, p)));
        if let Some((block, param)) = param {
            diagnostics.push(warnings::unused_parameter(param.name.span, name, &block.name.node));
        }
    }
}

/// Items of the main file; those of a library file are there to choose from.
fn items(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let main = scene.items.main;
    let mut callees = Vec::new();
    for model in &scene.items.models {
        model.body.iter().for_each(|s| select::statement_callees(s, &mut callees));
    }
    for block in &scene.items.blocks {
        select::stage_callees(&block.body, &mut callees);
    }
    for block in scene.items.blocks.iter().filter(|b| b.span.file == main) {
        if !callees.contains(&block.name.node) {
            diagnostics.push(warnings::unused_item(block.name.span, "block", &block.name.node));
        }
    }
    // Other models and data sets may be chosen by a sweep or by `--set`; what is never named is a leftover.
    let reachable = select::reachable(scene.items);
    let chosen = scene.selected.model.map(|m| &m.name.node);
    for model in scene.items.models.iter().filter(|m| m.span.file == main) {
        let known = reachable.models.iter().any(|m| m.name.node == model.name.node);
        if !known && chosen != Some(&model.name.node) {
            diagnostics.push(warnings::unused_item(model.name.span, "model", &model.name.node));
        }
    }
    for data in scene.items.data.iter().filter(|d| d.span.file == main) {
        if !reachable.data.iter().any(|d| d.name.node == data.name.node) {
            diagnostics.push(warnings::unused_item(data.name.span, "data set", &data.name.node));
        }
    }
}

/// Leaves out the layers that no head, view, tie or weight section needs.
pub(crate) fn prune(model: &mut Model) {
    let mut needed: BTreeSet<String> = model.heads.iter().map(|h| h.layer.clone()).collect();
    needed.extend(model.views.iter().map(|v| v.layer.clone()));
    for section in &model.report {
        if let Section::Weights { layer, .. } = section {
            needed.insert(layer.clone());
        }
    }
    // Layers come after what they read, so one walk from the end finds everything.
    for layer in model.layers.iter().rev() {
        if needed.contains(&layer.name) {
            needed.extend(layer.inputs.iter().cloned());
            needed.extend(layer.tie.iter().map(|t| t.layer.clone()));
        }
    }
    model.layers.retain(|l| needed.contains(&l.name));
    model.stacks.retain(|s| needed.contains(&s.output));
}
