//! W00xx: legal, but probably not meant.

use kiln_diag::{Code, Diagnostic, Span};

pub(crate) fn unused_layer(span: Span, name: &str) -> Diagnostic {
    Diagnostic::warning(Code::UnusedLayer, format!("the output of `{name}` is never used"))
        .primary(span, "nothing reads this")
        .hint("give it a loss, or leave it out; it is not part of the trained model")
}

pub(crate) fn unused_input(span: Span, name: &str, what: &str) -> Diagnostic {
    Diagnostic::warning(Code::UnusedInput, format!("the {what} `{name}` is never used"))
        .primary(span, "no layer or loss reads this")
}

pub(crate) fn unused_parameter(span: Span, name: &str, of: &str) -> Diagnostic {
    Diagnostic::warning(Code::UnusedParameter, format!("the parameter `{name}` of `{of}` is never used"))
        .primary(span, "setting it changes nothing")
}

pub(crate) fn dropout_last(span: Span, layer: &str, head: Span) -> Diagnostic {
    Diagnostic::warning(Code::DropoutLast, format!("a head ends in `{layer}`"))
        .primary(span, "its output is disturbed at random while training")
        .secondary(head, "and compared here")
        .hint(format!("put `{layer}` before the last layer"))
}

pub(crate) fn high_rate(span: Span, rate: f64) -> Diagnostic {
    Diagnostic::warning(Code::HighRate, format!("a learning rate of {rate}"))
        .primary(span, "rates above 1 rarely train")
        .hint("1e-3 is a usual rate; perhaps a minus sign is missing")
}

pub(crate) fn output_activation(head: Span, loss: &str, made: Span, found: &str, wants: &str) -> Diagnostic {
    Diagnostic::warning(Code::OutputActivation, format!("`{loss}` reads a head that ends in `{found}`"))
        .primary(head, format!("`{loss}` expects `{wants}`"))
        .secondary(made, format!("made with `{found}`"))
        .hint(format!("write `{wants}` as its activation"))
}

pub(crate) fn batch_over_data(span: Span, batch: u32, samples: u64) -> Diagnostic {
    Diagnostic::warning(
        Code::BatchOverData,
        format!("a batch of {batch}, but only {samples} training samples"),
    )
    .primary(span, "every epoch is one step")
    .hint(format!("`batch = {samples}` says the same"))
    .suggest(span, samples.to_string())
}

pub(crate) fn unused_item(span: Span, what: &str, name: &str) -> Diagnostic {
    Diagnostic::warning(Code::UnusedItem, format!("the {what} `{name}` is never used"))
        .primary(span, "never used")
}

pub(crate) fn sweep_of_one(span: Span) -> Diagnostic {
    Diagnostic::warning(Code::SweepOfOne, "a sweep over one value")
        .primary(span, "one value")
        .hint("leave `sweep [ ]` out")
}

pub(crate) fn zero_weight(span: Span) -> Diagnostic {
    Diagnostic::warning(Code::ZeroWeight, "a loss with the weight 0").primary(span, "nothing learns from it")
}

/// A head, what bounds it, and the field that it is compared with.
pub(crate) struct Reach<'a> {
    pub(crate) head: &'a str,
    pub(crate) activation: &'a str,
    pub(crate) bounds: (f64, f64),
    pub(crate) field: &'a str,
}

pub(crate) fn out_of_reach(of: &Reach<'_>, made: Span, field: Span, low: f64, high: f64) -> Diagnostic {
    let Reach { head, activation, bounds: (least, most), field: name } = *of;
    Diagnostic::warning(
        Code::OutOfReach,
        format!("`{head}` gives {least} to {most}, but `{name}` is {low} to {high}"),
    )
    .primary(made, format!("`{activation}` cannot give more"))
    .secondary(field, format!("{low} to {high}"))
    .hint(format!("write `{name} = pixels / 255`, or end the head with `linear`"))
}

pub(crate) fn trivial_metric(span: Span, k: i64, classes: u32) -> Diagnostic {
    Diagnostic::warning(Code::TrivialMetric, format!("`top_k` of {k} among {classes} classes is always 1"))
        .primary(span, "the right class is always among them")
        .hint(format!("count fewer: `top_k({})`", (classes / 2).max(1)))
}
