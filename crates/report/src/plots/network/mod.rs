//! The model as a drawing: layers from the top down, what flows between them, shared kernels as edges of
//! their own kind, losses under their heads.
//!
//! In: a record's [`Network`]. Out: a [`Figure`]; none for a network that is empty or not sound.
//! `parts` says what is drawn and in which words, `place` where, `draw` how.
//!
//! The one idea: a part stands below all that it reads, so every arrow points down, and a layer that only
//! passes on as many numbers as it gets hangs on the layer before it, which keeps deep networks short.

mod parts;

mod place;

mod draw;

use super::figure::{DrawingError, Figure};
use kiln_record::{Network, Node};
use std::fmt::Write;

/// Draws a network; `None` where there is nothing to draw, or a damaged record makes no sense.
///
/// Errors: the backend's.
pub fn network_figure(title: &str, network: &Network) -> Result<Option<Figure>, DrawingError> {
    if network.nodes.is_empty() || !network.is_sound() {
        return Ok(None);
    }
    let parts = parts::of(network);
    let plan = place::place(&parts);
    let size = [plan.width.max(1) as u32, plan.height.max(1) as u32];
    let marks = draw::marks(&parts, &plan);
    Figure::draw(title, describe(network), size, |_| Ok(marks)).map(Some)
}

/// The drawing in words.
fn describe(network: &Network) -> String {
    let parameters = thousands(network.parameters());
    let mut text = format!("The model {} with {parameters} parameters, from its inputs down.", network.name);
    let name = |at: usize| network.nodes.get(at).map_or("", |node| node.name.as_str());
    // Writing to a string cannot fail.
    for node in &network.nodes {
        let reads: Vec<&str> = node.reads.iter().map(|&read| name(read)).collect();
        let _ = write!(text, " {}: {}", node.name, node.call);
        if !reads.is_empty() {
            let _ = write!(text, " of {}", reads.join(" and "));
        }
        let _ = write!(text, ", gives {}", extents(node));
        if let Some(stack) = node.stacks.last() {
            let _ = write!(text, ", in {stack}");
        }
        if let Some(tie) = node.tie {
            let how = if tie.transposed { ", transposed" } else { "" };
            let _ = write!(text, ", shares the kernel of {}{how}", name(tie.owner));
        }
        text.push('.');
    }
    for loss in &network.losses {
        let _ = write!(text, " Loss of {}: {}, weight {}.", loss.head, loss.loss, loss.weight);
    }
    text
}

/// `784`, `28 × 28`
fn extents(node: &Node) -> String {
    node.dims.iter().map(u64::to_string).collect::<Vec<_>>().join(" × ")
}

/// `1,150,235`
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
