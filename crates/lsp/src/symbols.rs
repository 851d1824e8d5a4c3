//! Document symbols: the outline of a file.
//!
//! In: a spec and a file of it. Out: its items; in models their inputs, targets, layers and heads; in
//! stacks their layers; in sections their keys.

use crate::describe;
use crate::project::Project;
use kiln_diag::{FileId, Span};
use kiln_dsl::ast::{Entry, Expr, Item, Model, Source, Stack, StackItem, Stage, Statement};

/// What a symbol is, for the picture beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A model.
    Model,
    /// A block.
    Block,
    /// A data set, `train` or `report`.
    Section,
    /// A key.
    Key,
    /// An input or target.
    Field,
    /// A layer.
    Layer,
    /// A stack.
    Stack,
    /// A loss or a metric.
    Head,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// A few words beside it.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name's place, within `span`.
    pub name_span: Span,
    /// What is in it.
    pub children: Vec<Symbol>,
}

/// The outline of a file.
pub fn symbols(project: &Project, file: FileId) -> Vec<Symbol> {
    project.spec(file).items.iter().filter_map(|item| of_item(project, item)).collect()
}

fn leaf(name: &str, detail: String, kind: SymbolKind, span: Span, name_span: Span) -> Symbol {
    Symbol { name: name.to_owned(), detail, kind, span, name_span, children: Vec::new() }
}

fn of_item(project: &Project, item: &Item) -> Option<Symbol> {
    let keys = |entries: &[Entry]| entries.iter().map(|entry| of_entry(project, entry)).collect();
    // The keyword alone, where a section has no name.
    let word = |span: Span, word: &str| Span { end: span.end.min(span.start + word.len() as u32), ..span };
    Some(match item {
        Item::Title(_) | Item::Use(_) => return None,
        Item::Data(data) => Symbol {
            children: keys(&data.entries),
            ..leaf(&data.name.node, "data".into(), SymbolKind::Section, data.span, data.name.span)
        },
        Item::Block(block) => Symbol {
            children: block.body.iter().map(|stage| of_stage(project, stage)).collect(),
            ..leaf(&block.name.node, "block".into(), SymbolKind::Block, block.span, block.name.span)
        },
        Item::Model(model) => Symbol {
            children: of_model(project, model),
            ..leaf(&model.name.node, "model".into(), SymbolKind::Model, model.span, model.name.span)
        },
        Item::Train(train) => Symbol {
            children: keys(&train.entries),
            ..leaf("train", String::new(), SymbolKind::Section, train.span, word(train.span, "train"))
        },
        Item::Report(report) => Symbol {
            children: report.sections.iter().map(|section| of_section(project, section)).collect(),
            ..leaf("report", String::new(), SymbolKind::Section, report.span, word(report.span, "report"))
        },
    })
}

fn of_entry(project: &Project, entry: &Entry) -> Symbol {
    let value = project.snippet(entry.value.span).to_owned();
    let span = entry.key.span.to(entry.value.span);
    leaf(&entry.key.node, value, SymbolKind::Key, span, entry.key.span)
}

fn of_section(project: &Project, section: &Expr) -> Symbol {
    leaf(project.snippet(section.span), String::new(), SymbolKind::Key, section.span, section.span)
}

fn of_model(project: &Project, model: &Model) -> Vec<Symbol> {
    let mut all = Vec::new();
    for statement in &model.body {
        match statement {
            Statement::Input { name, .. } | Statement::Target { name, .. } => {
                let named = describe::named_at(project, name.span);
                let detail = named.map_or(String::new(), describe::named);
                all.push(leaf(&name.node, detail, SymbolKind::Field, name.span, name.span));
            }
            Statement::Stack(stack) => all.push(of_stack(project, stack)),
            Statement::Pipeline(p) => {
                if let Source::Join(stage) = &p.source {
                    all.push(of_stage(project, stage));
                }
                all.extend(p.stages.iter().map(|stage| of_stage(project, stage)));
                if let Some(binding) = &p.binding {
                    let named = describe::named_at(project, binding.span);
                    let detail = named.map_or(String::new(), describe::named);
                    all.push(leaf(&binding.node, detail, SymbolKind::Field, binding.span, binding.span));
                }
            }
            Statement::Loss { head, span, loss, .. } => {
                let name = format!("loss {}", head.node);
                all.push(leaf(
                    &name,
                    project.snippet(loss.span).to_owned(),
                    SymbolKind::Head,
                    *span,
                    head.span,
                ));
            }
            Statement::Metric { head, span, metrics } => {
                let shown: Vec<&str> = metrics.iter().map(|m| project.snippet(m.span)).collect();
                let name = format!("metric {}", head.node);
                all.push(leaf(&name, shown.join(", "), SymbolKind::Head, *span, head.span));
            }
        }
    }
    all
}

fn of_stack(project: &Project, stack: &Stack) -> Symbol {
    let mut children = Vec::new();
    for item in &stack.body {
        match item {
            StackItem::Layers(stages) => children.extend(stages.iter().map(|stage| of_stage(project, stage))),
            StackItem::Stack(inner) => children.push(of_stack(project, inner)),
        }
    }
    Symbol {
        children,
        ..leaf(&stack.name.node, "stack".into(), SymbolKind::Stack, stack.span, stack.name.span)
    }
}

/// A layer under its label, with the call beside it; without one, the call.
fn of_stage(project: &Project, stage: &Stage) -> Symbol {
    let all = project.snippet(stage.span);
    match &stage.label {
        Some(label) => {
            let call = all.split_once(':').map_or(all, |(_, call)| call.trim());
            leaf(&label.node, call.to_owned(), SymbolKind::Layer, stage.span, label.span)
        }
        None => leaf(all, String::new(), SymbolKind::Layer, stage.span, stage.callee.span),
    }
}
