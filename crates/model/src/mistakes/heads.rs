//! E05xx: losses, targets, weights, metrics.

use super::{a, extents, quoted, there_is};
use crate::check::term::{Term, TermKind};
use crate::model::TargetKind;
use kiln_diag::{Code, Diagnostic, Span, suggest};
use kiln_dsl::ast::Name;

pub(crate) fn no_loss(model: &Name) -> Diagnostic {
    Diagnostic::error(Code::NoLoss, format!("the model `{}` has no loss", model.node))
        .primary(model.span, "nothing to learn here")
        .hint("write a line such as `loss classifier: cross_entropy(label)`")
}

pub(crate) fn second_loss(head: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code::SecondLoss, format!("`{}` has two losses", head.node))
        .primary(head.span, "again here")
        .secondary(first, "its first loss")
        .hint(format!("give the value a second name, `also = {}`, and write the loss for that", head.node))
}

pub(crate) fn loss_without_target(loss: &Name, span: Span, fields: &[String]) -> Diagnostic {
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let example = fields.last().copied().unwrap_or("target");
    Diagnostic::error(Code::LossWithoutTarget, format!("`{}` does not say what it compares with", loss.node))
        .primary(span, "expected the name of an input or a target")
        .hint(format!("write `{}({example})`; {}", loss.node, there_is(&fields)))
}

pub(crate) fn target_is_layer(target: &Name, defined: Span, fields: &[String]) -> Diagnostic {
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let message = format!("`{}` is made by the model, so a loss cannot compare with it", target.node);
    Diagnostic::error(Code::LossTargetKind, message)
        .primary(target.span, "expected an input or a target")
        .secondary(defined, "made here")
        .hint(there_is(&fields))
}

/// A head and the layer that it is.
pub(crate) struct Made<'a> {
    pub(crate) head: &'a Name,
    pub(crate) dims: &'a [u32],
    /// Where its layer is made.
    pub(crate) made: Span,
    /// Where its loss is given class weights.
    pub(crate) class_weights: Option<Span>,
    /// The values that led there, as a hint.
    pub(crate) way: Option<String>,
}

pub(crate) fn class_count(h: &Made<'_>, target: &Name, declared: Span, classes: u32) -> Diagnostic {
    let Made { head, dims, made, .. } = *h;
    let message =
        format!("`{}` gives {}, but `{}` has {classes} classes", head.node, extents(dims), target.node);
    Diagnostic::error(Code::LossTargetShape, message)
        .primary(head.span, "compared here")
        .secondary(made, format!("gives {}", extents(dims)))
        .secondary(declared, format!("declared with {classes} classes"))
        .hint(format!("end the head with `dense({classes}, softmax)`"))
}

pub(crate) fn target_shape(h: &Made<'_>, target: &Name, declared: Span, want: &[u32]) -> Diagnostic {
    let Made { head, dims, made, .. } = *h;
    let message =
        format!("`{}` gives {}, but `{}` has {}", head.node, extents(dims), target.node, extents(want));
    Diagnostic::error(Code::LossTargetShape, message)
        .primary(head.span, "compared here")
        .secondary(made, format!("gives {}", extents(dims)))
        .secondary(declared, format!("declared as {}", extents(want)))
        .hint(format!("end the head with `dense({})`", want.iter().map(|&d| u64::from(d)).product::<u64>()))
}

pub(crate) fn target_kind(
    loss: &str,
    wants: kiln_library::TargetKind,
    target: &Name,
    declared: Span,
    has: &TargetKind,
) -> Diagnostic {
    let (want, alternative) = match wants {
        kiln_library::TargetKind::Class => ("class labels", "`mse` or `binary_cross_entropy`"),
        kiln_library::TargetKind::Values => {
            ("numbers", "a head that ends in `softmax`, and `cross_entropy`,")
        }
    };
    let found = match has {
        TargetKind::Class(n) => format!("a label of one of {n} classes"),
        TargetKind::Values(dims) => format!("numbers, {}", extents(dims)),
    };
    Diagnostic::error(
        Code::LossTargetKind,
        format!("`{loss}` compares with {want}, but `{}` is {found}", target.node),
    )
    .primary(target.span, format!("expected {want}"))
    .secondary(declared, "declared here")
    .hint(format!("use {alternative} for `{}`", target.node))
}

pub(crate) fn class_weights(span: Span, found: usize, classes: u32) -> Diagnostic {
    Diagnostic::error(Code::LossTargetShape, format!("{found} class weights for {classes} classes"))
        .primary(span, format!("{found} weights"))
        .hint(format!("write {classes} numbers, one for each class in order"))
}

pub(crate) fn bad_weight(term: &Term) -> Diagnostic {
    let d = Diagnostic::error(Code::BadWeight, format!("a loss's weight cannot be {}", term.describe()))
        .primary(term.span, "expected a number from 0 up, `ramp(…)` or `learned`");
    let (word, span) = match &term.kind {
        TermKind::Name(name) => (name.as_str(), term.span),
        TermKind::Call(name, _) => (name.node.as_str(), name.span),
        _ => ("", term.span),
    };
    match suggest(word, ["learned", "ramp"]) {
        Some(near) => d.hint(format!("did you mean `{near}`?")).suggest(span, near),
        None => d.hint("write `* 0.5`, `* ramp(0.1 -> 1.0, epochs = 10)` or `* learned`"),
    }
}

pub(crate) fn incomplete_ramp(ramp: Span, missing: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingArgument, format!("`ramp` needs `{missing}`"))
        .primary(ramp, format!("`{missing}` is missing"))
        .hint("write `ramp(0.1 -> 1.0, epochs = 10)`: from, to, and how long it takes")
}

pub(crate) fn head_without_loss(head: &Name, heads: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::HeadWithoutLoss, format!("`{}` has no loss to share its target with", head.node))
        .primary(head.span, "nothing to compare with")
        .hint_opt((!heads.is_empty()).then(|| format!("there is a loss of {}", quoted(heads))))
}

pub(crate) fn metric_kind(metric: &str, span: Span, head: &Name, target: &str, is_class: bool) -> Diagnostic {
    let (needs, has) = if is_class { ("numbers", "class labels") } else { ("class labels", "numbers") };
    let hint = if is_class { "`accuracy`, `f1(macro)`" } else { "`mse`, `mae`" };
    Diagnostic::error(Code::MetricTargetKind, format!("`{metric}` does not apply to `{}`", head.node))
        .primary(span, format!("{} of {needs}", a("metric")))
        .secondary(head.span, format!("is compared with `{target}`, which is {has}"))
        .hint(format!("such a head has {hint}"))
}

pub(crate) fn duplicate_metric(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(Code::DuplicateMetric, format!("the metric `{name}` is listed twice"))
        .primary(span, "again here")
        .hint("leave one of them out")
}
