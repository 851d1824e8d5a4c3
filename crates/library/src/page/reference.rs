//! The reference: a Markdown page for each kind, and an index.
//!
//! In: the registry. Out: names of files and their text, the same for the same registry.
//!
//! Examples are a line or three, so each page begins with one whole spec, its *frame*, that holds a
//! line [`HERE`]: an example stands in that line's place. What is checked is the frame with each
//! example in it.

use super::page;
use crate::item::Kind;
use crate::registry::{self, KINDS};

/// The line of a frame where an example stands.
pub const HERE: &str = "// the example";

/// What every generated page says of itself.
const GENERATED: &str = "<!-- Written by `cargo xtask docs` from the library itself: change it there. -->\n";

/// The files of the reference, by name within its folder, each with its text.
pub fn files() -> Vec<(String, String)> {
    let pages = KINDS.into_iter().map(|kind| (file_name(kind), kind_page(kind)));
    std::iter::once(("README.md".to_owned(), index())).chain(pages).collect()
}

fn file_name(kind: Kind) -> String {
    format!("{}.md", kind.plural())
}

fn index() -> String {
    let mut text = format!(
        "{GENERATED}\n# The library\n\nWhat a spec can name. `kiln explain NAME` shows the same in a terminal.\n"
    );
    for kind in KINDS {
        let file = file_name(kind);
        text.push_str(&format!("\n## [{}]({file})\n\n{}\n\n", kind.title(), introduction(kind)));
        text.push_str("| | |\n|---|---|\n");
        for item in registry::items(kind) {
            let name = item.name();
            text.push_str(&format!("| [`{name}`]({file}#{name}) | {} |\n", item.summary()));
        }
    }
    text
}

fn kind_page(kind: Kind) -> String {
    let items = registry::items(kind);
    let links: Vec<String> = items.iter().map(|i| format!("[`{0}`](#{0})", i.name())).collect();
    let mut text = format!(
        "{GENERATED}\n# {}\n\n{}\n\n{}\n\nEach example below is a part of this spec; it stands where `{HERE}` does. \
         Run it in `specs/`, where the files are that it uses.\n\n```model frame\n{}```\n",
        kind.title(),
        introduction(kind),
        links.join(" · "),
        frame(kind)
    );
    for item in items {
        text.push_str(&format!("\n{}", page(kind, item).markdown()));
    }
    text
}

/// A sentence or two on the kind.
fn introduction(kind: Kind) -> &'static str {
    match kind {
        Kind::Layer => {
            "Values flow through layers along `->`. `B` is the number of rows of a batch; shapes in specs are \
             those of one sample, without it. Every layer takes `trainable = false`, which keeps its parameters \
             as they began."
        }
        Kind::Activation => {
            "A function of each number (softmax: of each row), given to a layer, `dense(64, relu)`, or as a \
             layer of its own, `activation(relu)`. `R` is any number of rows."
        }
        Kind::Loss => {
            "A line `loss HEAD: LOSS(TARGET) * WEIGHT` says what a head learns. `p` is the head's value, `t` the \
             target's, both with `n` columns; the losses below are those of one element, and a sample's loss is \
             the sum over its columns. The batch's loss is the mean over its samples."
        }
        Kind::Optimizer => {
            "`train.optimizer`: how parameters follow their gradients. `w` is a parameter, `g` its gradient. The \
             three arguments on clipping apply in the order `clip_norm`, `global_clip_norm`, `clip_value`, before \
             anything else; without them gradients are as they are."
        }
        Kind::Schedule => {
            "`train.schedule`: the rate over time. `t` is the number of steps done; `rate`, where a schedule is \
             not given one, is the optimizer's."
        }
        Kind::Initializer => {
            "How a parameter begins, given to a layer: `kernel_initializer = he_uniform`. `fan_in` is the number of \
             inputs of a unit, `fan_out` that of the units an input feeds."
        }
        Kind::Metric => {
            "A line `metric HEAD: METRIC, METRIC` names what is reported of a head that has a loss; nothing is \
             learned from it. Metrics are counted over all samples of a pass, in double precision."
        }
    }
}

/// A whole spec but for the line [`HERE`], in whose place an example of this kind stands.
pub fn frame(kind: Kind) -> &'static str {
    match kind {
        Kind::Layer | Kind::Activation | Kind::Initializer => include_str!("frames/model.model"),
        Kind::Loss | Kind::Metric => include_str!("frames/head.model"),
        Kind::Optimizer | Kind::Schedule => include_str!("frames/train.model"),
    }
}
