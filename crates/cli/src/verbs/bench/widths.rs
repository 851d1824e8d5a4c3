//! Widths: seconds of a training step's epoch by the width of its layers.
//!
//! One network of two dense layers, so that the width is a product's rows, columns and depth; widths on
//! both sides of what a tile holds. Time should grow with the width: a step in the list is a tile that
//! is filled up with nothing.

use super::{Arguments, SAMPLES};
use crate::console::Console;
use anyhow::{Context, Result};
use kiln::codegen::Isa;
use kiln::measure::{self, Plan, Timing};
use serde_json::json;

const BATCH: u32 = 128;

fn widths() -> impl Iterator<Item = u32> {
    (40..=72).chain(500..=520)
}

/// Measures every width with each number of threads.
pub(super) fn run(
    arguments: &Arguments,
    threads: &[u16],
    isa: Isa,
    as_json: bool,
    console: &Console,
) -> Result<()> {
    if !as_json {
        console.line("| width | threads | s/epoch | least | most | GFLOP/s |")?;
        console.line("|---|---|---|---|---|---|")?;
    }
    for width in widths() {
        for &threads in threads {
            let plan =
                Plan { samples: SAMPLES, threads: usize::from(threads), isa, repeats: arguments.repeats };
            let timing = one(width, plan)?;
            let [least, most] = timing.range();
            let (median, gflops) = (timing.median(), timing.gflops());
            console.line(&if as_json {
                json!({
                    "width": width,
                    "batch": BATCH,
                    "threads": threads,
                    "isa": isa.name(),
                    "epoch_s_median": median,
                    "epoch_s_min": least,
                    "epoch_s_max": most,
                    "gflops": gflops,
                })
                .to_string()
            } else {
                format!("| {width} | {threads} | {median:.4} | {least:.4} | {most:.4} | {gflops:.0} |")
            })?;
        }
    }
    Ok(())
}

fn one(width: u32, plan: Plan) -> Result<Timing> {
    let spec = kiln::Spec::parse("widths", &text(width))?;
    let run = spec.runs().next().context("the spec has no run")?;
    Ok(measure::epoch(run.model(), plan)?)
}

/// Its data are declared for the shapes, and never drawn.
fn text(width: u32) -> String {
    format!(
        r#"
title "Widths"

data letters {{
    source = glyphs(classes = "P".."Z", samples = 14_000, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}}

model widths {{
    input  image: [784]
    target label: class(11)
    image -> first: dense({width}, relu) -> second: dense({width}, relu) -> classifier: dense(11, softmax)
    loss   classifier: cross_entropy(label)
}}

train {{
    data      = letters
    optimizer = adam(rate = 1e-3)
    epochs    = 1
    batch     = {BATCH}
    seed      = 1
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_is_a_spec() {
        for width in widths() {
            let spec = kiln::Spec::parse("widths", &text(width)).unwrap();
            assert_eq!(spec.warnings(), "");
            let kernels: Vec<_> = spec.runs().next().unwrap().model().layers.iter().map(|l| l.dims.clone()).collect();
            assert_eq!(kernels, [vec![width], vec![width], vec![11]]);
        }
    }
}
