//! Reshape: the same numbers under other extents.
//!
//! ```text
//! [B, …] → [B, dims[0], dims[1], …]
//! ```
//!
//! Source: Keras 3, `Reshape`: last extent fastest, and one extent may be −1, which is then whatever
//! makes the numbers agree.
//!
//! Shapes: `[B, …] → [B, dims[0], dims[1], …]`.
//!
//! Every value is stored flat, so it costs nothing.
//!
//! Example:
//!
//! ```model
//! image -> reshape([28, -1]) -> flatten -> classifier: dense(11, softmax)
//! ```

use super::{elements, only};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::ValueId;

/// The same numbers under other extents.
pub(super) struct Reshape;

impl Item for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("dims", ArgKind::List)
            .positional()
            .at_least(-1.0)
            .doc("Extents of one sample; one may be -1 and is then computed.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The same numbers under other extents."
    }

    fn file(&self) -> &'static str {
        include_str!("reshape.rs")
    }
}

impl Layer for Reshape {
    fn dims(&self, inputs: &[&[u32]], args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        let from = only(inputs)?;
        let count = elements(from)?;
        let wanted = args.list("dims");
        if wanted.is_empty() {
            return Err("needs at least one extent".to_owned());
        }
        let dims = fill(wanted, count)?;
        match elements(&dims)? {
            n if n == count => Ok(dims),
            n => Err(format!("{from:?} has {count} elements, {dims:?} has {n}")),
        }
    }

    fn keras_name(&self) -> &'static str {
        "Reshape"
    }

    fn build(&self, _cx: &mut dyn LayerContext, inputs: &[Flow], _args: &Args) -> ValueId {
        inputs[0].value
    }
}

/// The extents as whole numbers, with −1 replaced by what is left of `count`.
fn fill(wanted: &[f64], count: u32) -> Result<Vec<u32>, String> {
    let known = wanted.iter().filter(|&&d| d != -1.0).map(|&d| extent(d));
    let known: Vec<u32> = known.collect::<Result<_, _>>()?;
    let product = elements(&known)?;
    match wanted.len() - known.len() {
        0 => Ok(known),
        1 if count.is_multiple_of(product) => {
            Ok(wanted.iter().map(|&d| if d == -1.0 { count / product } else { d as u32 }).collect())
        }
        1 => Err(format!("{count} elements do not divide by {product}")),
        _ => Err("only one extent may be -1".to_owned()),
    }
}

fn extent(d: f64) -> Result<u32, String> {
    if d >= 1.0 && d <= f64::from(u32::MAX) && d.fract() == 0.0 {
        Ok(d as u32)
    } else {
        Err(format!("{d} is no extent: extents are whole numbers from 1, or one -1"))
    }
}
