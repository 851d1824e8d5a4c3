//! Heads that cannot reach what they are compared with: a sigmoid against pixels of 0 to 255.

use super::network::Network;
use crate::mistakes::warnings;
use crate::model::{Data, Head, Part, Source};
use kiln_diag::Diagnostics;
use kiln_dsl::ast;

/// Warns of each head whose activation stays within bounds that its field leaves.
pub(super) fn run(
    network: &Network,
    heads: &[Head],
    data: &Data,
    block: &ast::Data,
    diagnostics: &mut Diagnostics,
) {
    // What a Parquet file holds is not known before it is read.
    if matches!(data.source, Source::Parquet { .. }) {
        return;
    }
    for head in heads {
        let field = data.fields.iter().find(|f| f.name == head.target).map(|f| f.part);
        let (Some(Part::Pixels { scale, offset }), Some(made)) = (field, network.made(&head.layer)) else {
            continue;
        };
        let activation = made.layer.as_ref().and_then(|l| l.call.args.item_opt("activation"));
        let Some((name, bounds)) = activation.and_then(|a| Some((a.name.as_str(), bounds(&a.name)?))) else {
            continue;
        };
        let ends = [offset, offset + 255.0 * scale];
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        // 255 / 255 need not be exactly 1 in binary.
        if low < bounds.0 - 1e-6 || high > bounds.1 + 1e-6 {
            let span = block.entries.iter().find(|e| e.key.node == head.target).map(|e| e.value.span);
            let of = warnings::Reach { head: &head.name, activation: name, bounds, field: &head.target };
            diagnostics.push(warnings::out_of_reach(
                &of,
                made.span,
                span.unwrap_or(block.name.span),
                low,
                high,
            ));
        }
    }
}

/// The least and the greatest value of an activation that has both.
fn bounds(activation: &str) -> Option<(f64, f64)> {
    match activation {
        "sigmoid" | "softmax" => Some((0.0, 1.0)),
        "tanh" => Some((-1.0, 1.0)),
        _ => None,
    }
}
