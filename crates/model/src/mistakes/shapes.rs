//! E03xx: extents that do not fit, ties that cannot be.

use super::extents;
use kiln_diag::{Code, Diagnostic, Span};
use kiln_dsl::ast::Name;

/// A value on the way to a layer: where it was made, its name, its extents.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) span: Span,
    pub(crate) name: String,
    pub(crate) dims: Vec<u32>,
}

/// The values on the way somewhere with their extents, where there are several.
pub(crate) fn way(chain: &[Step]) -> Option<String> {
    let steps: Vec<String> = chain.iter().map(|s| format!("{} {}", s.name, extents(&s.dims))).collect();
    (steps.len() > 1).then(|| format!("on the way here: {}", steps.join(" -> ")))
}

/// `chains`: the way of each value that flows in.
pub(crate) fn layer(callee: &Name, why: &str, chains: &[Vec<Step>]) -> Diagnostic {
    let sentence = why.starts_with(|c: char| c.is_ascii_lowercase());
    let colon = if sentence { "" } else { ":" };
    let label = if why.starts_with("needs") { "not complete" } else { "does not fit what flows in" };
    let mut d = Diagnostic::error(Code::LayerShape, format!("`{}`{colon} {why}", callee.node))
        .primary(callee.span, label);
    for chain in chains {
        if let Some(last) = chain.last() {
            d = d.secondary(last.span, format!("`{}` gives {}", last.name, extents(&last.dims)));
        }
    }
    for chain in chains {
        d = d.hint_opt(way(chain));
    }
    d
}

pub(crate) fn bad_extent(span: Span, what: &str, found: &str, max: u32) -> Diagnostic {
    Diagnostic::error(Code::BadExtent, format!("{what} is a whole number from 1 to {max}, found {found}"))
        .primary(span, "expected a whole number from 1 up")
}

pub(crate) fn no_extents(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadExtent, "a shape has from 1 to 8 extents")
        .primary(span, "expected extents")
        .hint("write `[784]` for a vector, `[28, 28]` for an image")
}

/// What a tie needed and what it found.
pub(crate) struct TieClash<'a> {
    pub(crate) tie: Span,
    /// `code.T`
    pub(crate) written: String,
    pub(crate) owner: &'a str,
    pub(crate) owner_span: Span,
    /// `[inputs, units]` as read through the tie.
    pub(crate) kernel: [u32; 2],
    pub(crate) incoming: u32,
    /// Units written beside the tie, where they differ.
    pub(crate) units: Option<u32>,
    pub(crate) transposed: bool,
    /// The values that led here, as a hint.
    pub(crate) way: Option<String>,
    /// The tie is written where it is, not given to a parameter.
    pub(crate) is_direct: bool,
}

pub(crate) fn tie(c: &TieClash<'_>) -> Diagnostic {
    let [inputs, outputs] = c.kernel;
    let message = match c.units {
        Some(units) => format!("`tie = {}` gives {outputs} units, but {units} are asked for", c.written),
        None => format!("`tie = {}` takes {inputs} inputs, found {}", c.written, c.incoming),
    };
    let turned = if c.transposed { c.owner.to_owned() } else { format!("{}.T", c.owner) };
    let turns = c.units.is_none() && outputs == c.incoming;
    let hint = if c.units.is_some() {
        "leave the number of units out: the tie gives it".to_owned()
    } else if turns {
        format!("`tie = {turned}` takes {outputs} inputs and gives {inputs}")
    } else {
        "tie to the layer whose place this one mirrors".to_owned()
    };
    let d = Diagnostic::error(Code::TieShape, message)
        .primary(c.tie, format!("shares a kernel of [{inputs}, {outputs}]"))
        .secondary(c.owner_span, format!("`{}` owns it", c.owner))
        .hint(hint)
        .hint_opt(c.way.clone());
    if turns && c.is_direct { d.suggest(c.tie, turned) } else { d }
}

pub(crate) fn tie_cycle(span: Span, names: &[String], first: Span) -> Diagnostic {
    Diagnostic::error(Code::TieCycle, format!("these ties lead in a circle: {}", names.join(" -> ")))
        .primary(span, "tied here")
        .secondary(first, "which is tied in turn")
        .hint("one of the layers must own the kernel: give it `units` in place of `tie`")
}

pub(crate) fn tie_later(span: Span, name: &str, defined: Span) -> Diagnostic {
    Diagnostic::error(Code::UsedBeforeDefined, format!("`{name}` comes after the layer that is tied to it"))
        .primary(span, "tied here")
        .secondary(defined, "made here")
        .hint(format!("give this layer the kernel, and tie `{name}` to it"))
}

pub(crate) fn tie_no_kernel(span: Span, name: &str, callee: &str, defined: Span) -> Diagnostic {
    Diagnostic::error(Code::TieNoKernel, format!("`{name}` has no kernel to share"))
        .primary(span, "tied here")
        .secondary(defined, format!("`{name}` is {}", super::a(callee)))
        .hint("tie to a `dense` layer")
}

pub(crate) fn tie_target(span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(Code::TieTarget, format!("`tie` takes a layer, found {found}"))
        .primary(span, "expected the label of a layer, as it is or with `.T`")
        .hint("write `tie = code.T` to share the kernel of `code` transposed")
}

pub(crate) fn tie_part(span: Span, part: &str) -> Diagnostic {
    Diagnostic::error(Code::TieTarget, format!("a layer has no `.{part}`"))
        .primary(span, "expected `.T`")
        .hint("write `x.T` for the transpose, or `x`")
        .suggest(span, "T")
}

pub(crate) fn input_count(callee: &Name, takes: (usize, usize), found: usize) -> Diagnostic {
    let (least, most) = takes;
    let want = match (least, most) {
        (1, 1) => "one input".to_owned(),
        (least, most) if least == most => format!("{least} inputs"),
        (least, _) => format!("at least {least} inputs"),
    };
    let hint = if least > 1 {
        format!("begin a pipeline with it: `{}(a, b) -> …`", callee.node)
    } else {
        format!("put it after an arrow: `x -> {}(…)`", callee.node)
    };
    Diagnostic::error(Code::InputCount, format!("`{}` takes {want}, found {found}", callee.node))
        .primary(callee.span, format!("{found} given"))
        .hint(hint)
}

pub(crate) fn too_deep(span: Span, what: &str, max: usize) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("{what} (the bound is {max})"))
        .primary(span, "not followed further")
}

pub(crate) fn too_large(span: Span, name: &str, parameters: u64, max: u64) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, format!("`{name}` would have {parameters} parameters"))
        .primary(span, format!("the bound is {max}"))
        .hint("check the number of units, and what flows in")
}

pub(crate) fn stack_without_source(name: &Name) -> Diagnostic {
    Diagnostic::error(Code::InputCount, format!("the stack `{}` has no input", name.node))
        .primary(name.span, "nothing flows in here")
        .hint(format!("write `stack {}(x) {{ … }}` with the value that flows in", name.node))
}

pub(crate) fn tie_bias(span: Span, owner: &str, owner_span: Span, why: &str) -> Diagnostic {
    Diagnostic::error(Code::TieShape, format!("the bias of `{owner}` cannot be shared: {why}"))
        .primary(span, "asks for the bias too")
        .secondary(owner_span, format!("`{owner}` is here"))
        .hint("leave `tie_bias` out: the layer then has a bias of its own")
}

pub(crate) fn too_many_layers(span: Span, max: usize) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("the model has more than {max} layers"))
        .primary(span, "not followed further")
        .hint("blocks that use each other twice double with every step")
}
