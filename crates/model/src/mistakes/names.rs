//! E02xx: names that mean nothing here, or too much.

use super::{Guess, did_you_mean, quoted};
use crate::registry;
use kiln_diag::{Code, Diagnostic, Span};
use kiln_dsl::ast::Name;
use kiln_library::Kind;

pub(crate) fn unknown_value<'a>(name: &Name, names: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::error(Code::UnknownName, format!("the model has no value `{}`", name.node))
        .primary(name.span, "unknown name")
        .guess(&name.node, name.span, names)
}

/// `bare`: it was called without arguments.
pub(crate) fn unknown_layer(name: &Name, bare: bool, blocks: &[&str]) -> Diagnostic {
    if let Some(kind) = registry::kind_of(&name.node) {
        let noun = registry::noun(kind);
        let d =
            Diagnostic::error(Code::WrongItem, format!("`{}` is {}, not a layer", name.node, super::a(noun)))
                .primary(name.span, "expected a layer or a block");
        let layer = format!("activation({})", name.node);
        return match kind {
            Kind::Activation if bare => d.hint(format!("write `{layer}`")).suggest(name.span, layer),
            Kind::Activation => d.hint(format!("write `{layer}`")),
            _ => d,
        };
    }
    let names: Vec<&str> = blocks.iter().copied().chain(registry::names(Kind::Layer)).collect();
    Diagnostic::error(Code::UnknownLayer, format!("there is no layer or block `{}`", name.node))
        .primary(name.span, "unknown layer")
        .guess(&name.node, name.span, names)
}

pub(crate) fn duplicate(what: &str, name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateName, format!("the {what} `{}` is defined twice", name.node))
        .primary(name.span, "again here")
        .secondary(first, "first defined here")
        .hint("give one of them another name")
}

pub(crate) fn used_before_defined(name: &Name, defined: Span) -> Diagnostic {
    let message = format!("`{}` is used above the line that makes it", name.node);
    Diagnostic::error(Code::UsedBeforeDefined, message)
        .primary(name.span, "used here")
        .secondary(defined, "made here")
        .hint("data flows down the page: move the line that makes it above its uses")
}

/// `way` begins and ends with the value that is made from itself.
pub(crate) fn value_cycle(name: &Name, defined: Span, way: &[String]) -> Diagnostic {
    let message = match way {
        [itself, _] => format!("`{itself}` is made from itself"),
        [first, rest @ ..] => {
            format!("`{first}` is made from {}", super::each_quoted(rest).join(", which is made from "))
        }
        [] => String::new(),
    };
    Diagnostic::error(Code::ValueCycle, message)
        .primary(name.span, "used here")
        .secondary(defined, "made here")
        .hint("begin one of the lines with a value that is above it, such as an input")
}

pub(crate) fn unknown_model(name: &Name, names: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownModel, format!("there is no model `{}`", name.node))
        .primary(name.span, "unknown model")
        .guess(&name.node, name.span, names.iter().copied())
}

pub(crate) fn unknown_data(name: &Name, names: &[&str]) -> Diagnostic {
    let none = did_you_mean(&name.node, names.iter().copied()).is_none();
    Diagnostic::error(Code::UnknownData, format!("there is no data set `{}`", name.node))
        .primary(name.span, "unknown data set")
        .hint_opt(none.then(|| "define it with `data`, or `use` the file that does".to_owned()))
        .guess(&name.node, name.span, names.iter().copied())
}

pub(crate) fn no_model(span: Span) -> Diagnostic {
    Diagnostic::error(Code::NoModel, "there is no model to train")
        .primary(span, "no `model` here or in the files that it uses")
        .hint("write `model name { … }`, or `use` a file that has one")
}

pub(crate) fn ambiguous_model(place: Span, models: &[&Name]) -> Diagnostic {
    let names: Vec<&str> = models.iter().map(|m| m.node.as_str()).collect();
    let mut d = Diagnostic::error(Code::AmbiguousModel, format!("which model? There are {}", quoted(&names)))
        .primary(place, "no model is chosen here");
    for model in models {
        d = d.secondary(model.span, "one of them");
    }
    d.hint(format!("write `model = {}` in `train`", names[0]))
}

pub(crate) fn ambiguous_data(place: Span, data: &[&Name]) -> Diagnostic {
    let names: Vec<&str> = data.iter().map(|m| m.node.as_str()).collect();
    Diagnostic::error(Code::AmbiguousData, format!("which data set? There are {}", quoted(&names)))
        .primary(place, "no data set is chosen here")
        .hint(format!("write `data = {}` in `train`", names[0]))
}

pub(crate) fn no_data(place: Span) -> Diagnostic {
    Diagnostic::error(Code::NoData, "there is no data set to train on")
        .primary(place, "no `data` here or in the files that are used")
        .hint("write `use \"lib/letters.model\"` at the top and `data = letters` here")
}

pub(crate) fn block_cycle(name: &Name, defined: Span) -> Diagnostic {
    Diagnostic::error(Code::BlockCycle, format!("the block `{}` contains itself", name.node))
        .primary(name.span, "used again here")
        .secondary(defined, "within this block")
        .hint("write the layers out, or call another block")
}

pub(crate) fn target_as_tensor(name: &Name, declared: Span) -> Diagnostic {
    Diagnostic::error(
        Code::NotATensor,
        format!("`{}` is a target: it does not flow through layers", name.node),
    )
    .primary(name.span, "expected a value that flows")
    .secondary(declared, "declared as a target here")
    .hint(format!(
        "declare it with `input {}: […]` if it feeds layers; losses may name inputs too",
        name.node
    ))
}

pub(crate) fn parameter_as_tensor(name: &Name) -> Diagnostic {
    Diagnostic::error(Code::NotATensor, format!("`{}` is a parameter, not a value that flows", name.node))
        .primary(name.span, "expected an input, a layer, a stack or a binding")
}

pub(crate) fn join_argument(span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(Code::NotATensor, format!("expected the name of a value, found {found}"))
        .primary(span, "expected the name of a value")
        .hint("name the value first: `a = image -> dense(8)`, then `concat(a, b)`")
}

pub(crate) fn empty_stack(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(Code::EmptyStack, format!("this {what} has no layers"))
        .primary(span, "nothing in here")
        .hint(format!("write at least one layer into the {what}, such as `dense(32, relu)`"))
}
