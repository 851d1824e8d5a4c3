//! Things in words: layers, names, arguments, as Markdown.
//!
//! In: what is known of a thing. Out: a few lines for a hover or beside a completion.

use crate::calls::Argument;
use crate::index::{Definition, DefinitionKind};
use crate::project::Project;
use kiln_diag::Span;
use kiln_model::check::{Applied, Inspected, Meaning, Named};
use kiln_model::model::TargetKind;

/// `[28, 28]`; `[?]` where a mistake hides the extents.
pub fn extents(dims: Option<&[u32]>) -> String {
    dims.map_or("[?]".to_owned(), |dims| format!("{dims:?}"))
}

/// `1,150,235`
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// What flows into a layer or block and out of it.
pub fn flow(applied: &Applied) -> String {
    let inputs: Vec<String> = applied.inputs.iter().map(|dims| extents(dims.as_deref())).collect();
    format!("{} → {}", inputs.join(" + "), extents(applied.dims.as_deref()))
}

/// Shape, parameters, share and operations of the use of a layer or block.
pub fn applied(applied: &Applied, model: &Inspected) -> String {
    let mut lines = vec![format!("`{}`", flow(applied))];
    if applied.is_block {
        lines.push(format!("{} layers, of which the last is `{}`", applied.layers, applied.name));
    }
    if let Some(tie) = &applied.tie {
        let transposed = if tie.transposed { ", transposed" } else { "" };
        lines.push(format!("shares the kernel of `{}`{transposed}", tie.layer));
    }
    match applied.parameters {
        Some(0) => lines.push("no parameters of its own".to_owned()),
        Some(own) => {
            let share = 100.0 * own as f64 / model.parameters.max(1) as f64;
            let all = thousands(model.parameters);
            lines.push(format!("{} parameters, {share:.1}% of the model's {all}", thousands(own)));
        }
        None => lines.push("parameters: hidden by a mistake".to_owned()),
    }
    if let Some(operations) = applied.operations {
        lines.push(format!("{} FLOPs per sample, forward", thousands(operations)));
    }
    lines.join("  \n")
}

/// What a name of a model stands for, with its shape.
pub fn named(named: &Named) -> String {
    match &named.meaning {
        Meaning::Input(dims) => format!("input, `{}`", extents(dims.as_deref())),
        Meaning::Target(Some(TargetKind::Class(n))) => format!("target, one of {n} classes"),
        Meaning::Target(Some(TargetKind::Values(dims))) => format!("target, `{dims:?}`"),
        Meaning::Target(None) => "target".to_owned(),
        Meaning::Layer(dims) => format!("layer, gives `{}`", extents(dims.as_deref())),
        Meaning::Group(dims) if named.value.is_empty() => format!("gives `{}`", extents(dims.as_deref())),
        Meaning::Group(dims) => {
            format!("the output of `{}`, `{}`", named.value, extents(dims.as_deref()))
        }
    }
}

/// The extents behind a name, where it has some.
pub fn dims(named: &Named) -> Option<&[u32]> {
    match &named.meaning {
        Meaning::Input(dims) | Meaning::Layer(dims) | Meaning::Group(dims) => dims.as_deref(),
        Meaning::Target(_) => None,
    }
}

/// What the checker knows of a name, by the place where it is given.
pub fn named_at(project: &Project, span: Span) -> Option<&Named> {
    project.inspected.iter().flat_map(|m| &m.names).find(|n| n.name.span == span)
}

/// A definition of the spec: what it is, where it stands, what is known of it.
pub fn definition(project: &Project, definition: &Definition) -> String {
    let within = if definition.within.is_empty() {
        let file = project.path(definition.span.file).rsplit('/').next().unwrap_or_default();
        format!(" in `{file}`")
    } else {
        format!(" of `{}`", definition.within)
    };
    let mut text = format!("**{}** — {}{within}", definition.name, definition.kind.noun());
    if let Some(named) = named_at(project, definition.span) {
        text.push_str(&format!("  \n{}", self::named(named)));
    }
    if let Some(line) = first_line(project, definition) {
        text.push_str(&format!("\n\n```model\n{line}\n```"));
    }
    text
}

/// The line of the text that a definition stands in.
fn first_line<'p>(project: &'p Project, definition: &Definition) -> Option<&'p str> {
    let text = project.text(definition.span.file);
    let start = text[..definition.span.start as usize].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].lines().next()?.trim();
    (!line.is_empty()).then_some(line)
}

/// An argument or key: what it means, what it takes, its default.
pub fn argument(argument: &Argument) -> String {
    let mut text = format!("**{}**", argument.name);
    if !argument.doc.is_empty() {
        text.push_str(&format!(" — {}", argument.doc));
    }
    text.push_str(&format!("  \nTakes {}.", argument.takes));
    match (argument.default.as_str(), argument.required) {
        ("", true) => text.push_str("  \nRequired."),
        ("", false) => text.push_str("  \nMay be left out."),
        (default, _) => text.push_str(&format!("  \nDefault: `{default}`.")),
    }
    text
}

/// Arguments as a list.
pub fn arguments(all: &[Argument]) -> String {
    let mut text = String::new();
    for argument in all {
        let default = match (argument.default.as_str(), argument.required) {
            ("", true) => " (required)".to_owned(),
            ("", false) => " (optional)".to_owned(),
            (default, _) => format!(" = {default}"),
        };
        text.push_str(&format!("- `{}{default}` {}\n", argument.name, argument.doc));
    }
    text
}

/// A value that flows through layers.
pub fn is_value(kind: DefinitionKind) -> bool {
    match kind {
        DefinitionKind::Input | DefinitionKind::Layer | DefinitionKind::Stack | DefinitionKind::Binding => {
            true
        }
        DefinitionKind::Data
        | DefinitionKind::Field
        | DefinitionKind::Block
        | DefinitionKind::Model
        | DefinitionKind::Parameter
        | DefinitionKind::Target => false,
    }
}
