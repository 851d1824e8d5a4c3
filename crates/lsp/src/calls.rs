//! What is called at a place, and what arguments it takes.
//!
//! In: a [`Context`] and the spec. Out: [`Called`], and its [`Argument`]s in one form, whether they come
//! from the library, from a block or from the words of the language.

use crate::context::{Body, Context};
use crate::index::{Definition, DefinitionKind};
use crate::project::Project;
use kiln_dsl::ast::Item as AstItem;
use kiln_dsl::ast::Param;
use kiln_dsl::token::Kind as Sign;
use kiln_library::registry as library;
use kiln_library::{ArgKind, ArgSpec, Item, Kind, early_stopping};
use kiln_model::vocabulary::{self as words, Form, Key};

/// What an open bracket belongs to.
#[derive(Clone, Copy)]
pub enum Called<'p> {
    /// An item of the library.
    Item(Kind, &'static dyn Item),
    /// A block or a model of the spec.
    Own(&'p Definition),
    /// A source, a split, a section of the report, a weight.
    Form(&'static Form),
    /// `early_stopping(…)`
    EarlyStopping,
    /// Parameters that are being declared.
    Declared,
    /// `stack name(…)`
    Source,
    /// `class(…)`
    Class,
    /// A layer or block that nobody knows.
    UnknownStage,
    /// Nothing that is known.
    Unknown,
}

/// An argument that may be given.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// As it is written before `=`.
    pub name: String,
    /// What it takes and its range, in words.
    pub takes: String,
    /// The default as it is written; empty where there is none.
    pub default: String,
    /// What it means.
    pub doc: String,
    /// What kind of value it takes, for arguments of the library.
    pub kind: Option<ArgKind>,
    /// It may be given without its name.
    pub positional: bool,
    /// It must be given.
    pub required: bool,
}

/// What the `i`-th open call calls.
pub fn called<'p>(project: &'p Project, context: &Context<'_>, i: usize) -> Called<'p> {
    let call = &context.calls[i];
    if i > 0 {
        return nested(project, context, i);
    }
    let said = context.said();
    let first = context.first_word();
    let is_head = said.get(2) == Some(&call.bracket);
    let form = |list: &'static [Form]| find_form(list, call.callee).map_or(Called::Unknown, Called::Form);
    match (context.body, first) {
        (Body::File, "block" | "model") if is_head => Called::Declared,
        (Body::File, "block") => stage(project, call.callee),
        (Body::Data, "source") => form(words::SOURCES),
        (Body::Data, "split") => form(words::SPLITS),
        (Body::Train, "model") => own(project, call.callee, DefinitionKind::Model).unwrap_or(Called::Unknown),
        (Body::Train, "optimizer") => item(Kind::Optimizer, call.callee),
        (Body::Train, "schedule" | "rate") => item(Kind::Schedule, call.callee),
        (Body::Train, "early_stopping") => Called::EarlyStopping,
        (Body::Report, _) => form(words::SECTIONS),
        (Body::Model, "loss") if after_star(context, call.bracket) => form(words::WEIGHTS),
        (Body::Model, "loss") => item(Kind::Loss, call.callee),
        (Body::Model, "metric") => item(Kind::Metric, call.callee),
        (Body::Model, "target") => Called::Class,
        (Body::Model | Body::Stack, "stack") if is_head => Called::Source,
        (Body::Model | Body::Stack, _) => stage(project, call.callee),
        (Body::File | Body::Data | Body::Train, _) => Called::Unknown,
    }
}

/// An item that is an argument of another: `dense(8, elu(alpha = 0.5))`.
fn nested<'p>(project: &'p Project, context: &Context<'_>, i: usize) -> Called<'p> {
    let outer = &context.calls[i - 1];
    let arguments = arguments(project, called(project, context, i - 1));
    let name = context.calls[i].callee;
    let kinds = candidates(&arguments, outer.argument, &outer.given, outer.unnamed);
    let kinds = kinds.iter().filter_map(|a| match a.kind {
        Some(ArgKind::Item(kind)) => Some(kind),
        _ => None,
    });
    let mut found = kinds.filter_map(|kind| library::find(kind, name).map(|item| Called::Item(kind, item)));
    found.next().unwrap_or(Called::Unknown)
}

/// The arguments that a value at a place may be for: the one that is named, or those that are free.
pub fn candidates<'a>(
    arguments: &'a [Argument],
    named: Option<&str>,
    given: &[&str],
    unnamed: usize,
) -> Vec<&'a Argument> {
    match named {
        Some(name) => arguments.iter().filter(|a| a.name == name).collect(),
        None => {
            let free = arguments.iter().filter(|a| a.positional && !given.contains(&a.name.as_str()));
            free.skip(unnamed).collect()
        }
    }
}

fn after_star(context: &Context<'_>, bracket: usize) -> bool {
    context.said().iter().any(|&i| i < bracket && context.tokens[i].kind == Sign::Star)
}

fn item(kind: Kind, name: &str) -> Called<'static> {
    library::find(kind, name).map_or(Called::Unknown, |item| Called::Item(kind, item))
}

fn stage<'p>(project: &'p Project, name: &str) -> Called<'p> {
    let layer = || library::find(Kind::Layer, name).map(|item| Called::Item(Kind::Layer, item));
    own(project, name, DefinitionKind::Block).or_else(layer).unwrap_or(Called::UnknownStage)
}

fn own<'p>(project: &'p Project, name: &str, kind: DefinitionKind) -> Option<Called<'p>> {
    project.index.definitions.iter().find(|d| d.kind == kind && d.name == name).map(Called::Own)
}

/// The form of this name.
pub fn find_form(list: &'static [Form], name: &str) -> Option<&'static Form> {
    list.iter().find(|form| form.name == name)
}

/// The arguments of what is called.
pub fn arguments(project: &Project, called: Called<'_>) -> Vec<Argument> {
    match called {
        Called::Item(kind, item) => kiln_model::registry::specs(kind, item).iter().map(of_spec).collect(),
        Called::Own(definition) => params(project, definition).iter().map(|p| of_param(project, p)).collect(),
        Called::Form(form) => form.args.iter().map(of_key).collect(),
        Called::EarlyStopping => early_stopping::ARGS.iter().map(of_spec).collect(),
        Called::Declared | Called::Source | Called::Class | Called::UnknownStage | Called::Unknown => {
            Vec::new()
        }
    }
}

/// The parameters of a block or a model.
pub fn params<'p>(project: &'p Project, definition: &Definition) -> &'p [Param] {
    let items = project.specs.iter().flat_map(|spec| &spec.items);
    let mut found = items.filter_map(|item| match item {
        AstItem::Block(block) if block.name.span == definition.span => Some(block.params.as_slice()),
        AstItem::Model(model) if model.name.span == definition.span => Some(model.params.as_slice()),
        _ => None,
    });
    found.next().unwrap_or(&[])
}

/// An argument of the library, in words.
pub fn of_spec(spec: &ArgSpec) -> Argument {
    Argument {
        name: spec.name.to_owned(),
        takes: takes(spec),
        default: spec.default.unwrap_or("").to_owned(),
        doc: spec.doc.to_owned(),
        kind: Some(spec.kind),
        positional: spec.positional,
        required: spec.default.is_none() && !spec.optional,
    }
}

/// A key of the language.
pub fn of_key(key: &Key) -> Argument {
    Argument {
        name: key.name.to_owned(),
        takes: key.takes.to_owned(),
        default: key.default.to_owned(),
        doc: key.doc.to_owned(),
        kind: None,
        positional: key.name == "head",
        required: key.default.is_empty(),
    }
}

fn of_param(project: &Project, param: &Param) -> Argument {
    let default = param.default.as_ref().map_or("", |e| project.snippet(e.span));
    Argument {
        name: param.name.node.clone(),
        takes: "any value that it is used as".to_owned(),
        default: default.to_owned(),
        doc: "A parameter of this spec.".to_owned(),
        kind: None,
        positional: true,
        required: param.default.is_none(),
    }
}

/// What an argument takes, with its range.
fn takes(spec: &ArgSpec) -> String {
    let what = match spec.kind {
        ArgKind::Float => "a number".to_owned(),
        ArgKind::Int => "a whole number".to_owned(),
        ArgKind::Bool => "`true` or `false`".to_owned(),
        ArgKind::Word(words) => {
            let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
            format!("one of {}", quoted.join(", "))
        }
        ArgKind::Item(kind) => {
            let noun = kiln_model::registry::noun(kind);
            let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("{article} {noun}")
        }
        ArgKind::List => "a list of numbers".to_owned(),
        ArgKind::Tie => "a layer of the model, `x` or `x.T`".to_owned(),
    };
    let low = spec.min.map(|(min, itself)| format!("{} {min}", if itself { "at least" } else { "above" }));
    let high = spec.max.map(|(max, itself)| format!("{} {max}", if itself { "at most" } else { "below" }));
    let range: Vec<String> = low.into_iter().chain(high).collect();
    if range.is_empty() { what } else { format!("{what}, {}", range.join(" and ")) }
}
