//! Dense: every output reads every input.
//!
//! ```text
//! y = activation(x · kernel + bias)         tie = t:   x · t.kernel      tie = t.T:   x · t.kernelᵀ
//! penalty = l1 · Σ|kernel| + l2 · Σ kernel²
//! ```
//!
//! Source: Keras 3, `Dense` (defaults included); ties have no equal there.
//!
//! Shapes: `[B, inputs] → [B, units]`; parameters `kernel` `[inputs, units]`, `bias` `[1, units]`.
//!
//! Trap: a kernel shared transposed is read through a transposing matmul, never copied, so there is one
//! parameter with one gradient, the sum over its uses.
//!
//! Example:
//!
//! ```model
//! image -> enc: dense(128, relu) -> code: dense(32, relu, l2 = 1e-4)
//! code -> dense(tie = code.T, relu) -> dense(tie = enc.T, sigmoid) -> classifier: dense(11, softmax)
//! ```

use super::width;
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Fans, Flow, Item, Kind, Layer, LayerContext};
use kiln_graph::ValueId;

/// Every output reads every input.
pub(super) struct Dense;

/// More units than this are a slip of the keyboard: such a kernel would not fit in memory.
const UNITS_MAX: f64 = 1_048_576.0;

impl Item for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::int("units")
                .optional()
                .positional()
                .at_least(1.0)
                .at_most(UNITS_MAX)
                .doc("Number of outputs; with `tie` it follows from the kernel."),
            ArgSpec::new("activation", ArgKind::Item(Kind::Activation))
                .or("linear")
                .positional()
                .doc("Applied to the sums."),
            ArgSpec::new("use_bias", ArgKind::Bool).or("true").doc("Adds a bias."),
            ArgSpec::new("kernel_initializer", ArgKind::Item(Kind::Initializer))
                .or("glorot_uniform")
                .doc("How the kernel begins."),
            ArgSpec::new("bias_initializer", ArgKind::Item(Kind::Initializer))
                .or("zeros")
                .doc("How the bias begins."),
            ArgSpec::float("l1")
                .or("0.0")
                .at_least(0.0)
                .doc("Penalty on the sum of the kernel's absolute values."),
            ArgSpec::float("l2").or("0.0").at_least(0.0).doc("Penalty on the sum of the kernel's squares."),
            ArgSpec::new("tie", ArgKind::Tie)
                .optional()
                .doc("The layer whose kernel is shared: `x`, or `x.T` for its transpose."),
            ArgSpec::new("tie_bias", ArgKind::Bool)
                .or("false")
                .doc("Shares the tied layer's bias too, where the widths agree."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Every output reads every input: x · kernel + bias."
    }

    fn file(&self) -> &'static str {
        include_str!("dense.rs")
    }
}

impl Layer for Dense {
    fn dims(&self, inputs: &[&[u32]], args: &Args, units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        width(inputs)?;
        match (units(args)?, units_of_tie) {
            (Some(units), Some(tied)) if units != tied => {
                Err(format!("units = {units}, but the shared kernel gives {tied}: leave `units` out"))
            }
            (_, Some(units)) | (Some(units), None) => Ok(vec![units]),
            (None, None) => Err("needs its number of `units`, or a kernel to share (`tie`)".to_owned()),
        }
    }

    fn kernel(&self, inputs: &[&[u32]], args: &Args, units_of_tie: Option<u32>) -> Option<[u32; 2]> {
        let inputs = width(inputs).ok()?;
        let units = units_of_tie.or(units(args).ok()?)?;
        Some([inputs, units])
    }

    fn keras_name(&self) -> &'static str {
        "Dense"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        let x = inputs[0].value;
        let (kernel, transposed) = kernel(cx, x, args);
        penalize(cx, kernel, args);
        let g = cx.graph();
        let sums = if transposed { g.matmul_nt(x, kernel) } else { g.matmul(x, kernel) };
        let sums = if args.bool("use_bias") { add_bias(cx, sums, args) } else { sums };
        cx.activate(args.item("activation"), sums)
    }
}

/// The argument `units`, where it was given.
fn units(args: &Args) -> Result<Option<u32>, String> {
    match args.get("units") {
        None => Ok(None),
        Some(_) => match u32::try_from(args.int("units")) {
            Ok(units @ 1..) => Ok(Some(units)),
            _ => Err(format!("units = {} is no number of outputs", args.int("units"))),
        },
    }
}

/// The shared kernel and whether it is read transposed, or a kernel of the layer's own.
fn kernel(cx: &mut dyn LayerContext, x: ValueId, args: &Args) -> (ValueId, bool) {
    if let Some(shared) = cx.tie() {
        return shared;
    }
    let (inputs, units) = (cx.graph().shape(x).cols, args.int("units") as u32);
    let fans = Fans { fan_in: inputs, fan_out: units };
    let initial = cx.initial(args.item("kernel_initializer"), fans);
    (cx.parameter("kernel", inputs, units, initial), false)
}

fn penalize(cx: &mut dyn LayerContext, kernel: ValueId, args: &Args) {
    let (l1, l2) = (args.float("l1"), args.float("l2"));
    if !cx.training() {
        return;
    }
    if l1 > 0.0 {
        let g = cx.graph();
        let size = g.abs(kernel);
        let sum = g.sum_all(size);
        let penalty = g.scale(sum, l1);
        cx.penalty(penalty);
    }
    if l2 > 0.0 {
        let g = cx.graph();
        let square = g.square(kernel);
        let sum = g.sum_all(square);
        let penalty = g.scale(sum, l2);
        cx.penalty(penalty);
    }
}

fn add_bias(cx: &mut dyn LayerContext, sums: ValueId, args: &Args) -> ValueId {
    let units = cx.graph().shape(sums).cols;
    let shared = if args.bool("tie_bias") { cx.tied_bias() } else { None };
    let bias = shared.unwrap_or_else(|| {
        // Keras' fans of a vector: its length, both ways.
        let initial = cx.initial(args.item("bias_initializer"), Fans { fan_in: units, fan_out: units });
        cx.parameter("bias", 1, units, initial)
    });
    cx.graph().add(sums, bias)
}
