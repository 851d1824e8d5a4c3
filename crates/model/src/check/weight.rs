//! The weight of a loss, after its `*`: a number, `ramp(0.1 -> 1.0, epochs = 10)` or `learned`.

use super::network::Walk;
use super::section::whole;
use super::term::{Term, TermArg, TermKind};
use crate::mistakes::{self, Called, arguments, heads::bad_weight};
use crate::model::Weight;
use kiln_diag::Diagnostics;

/// The longest ramp, in epochs.
const EPOCHS: (u64, u64) = (1, 1_000_000);

/// The weight that `term` says; `None` where a mistake was said.
pub(super) fn run(walk: &mut Walk<'_>, term: &Term) -> Option<Weight> {
    match &term.kind {
        TermKind::Number { value, .. } if *value >= 0.0 => {
            if *value == 0.0 {
                walk.diagnostics.push(mistakes::warnings::zero_weight(term.span));
            }
            Some(Weight::Constant(*value))
        }
        TermKind::Name(name) if name == "learned" => Some(Weight::Learned),
        TermKind::Call(name, args) if name.node == "ramp" => {
            ramp(Called { text: "ramp", span: name.span }, args, walk.diagnostics)
        }
        TermKind::Poisoned => None,
        _ => {
            walk.diagnostics.push(bad_weight(term));
            None
        }
    }
}

fn ramp(called: Called<'_>, args: &[TermArg], diagnostics: &mut Diagnostics) -> Option<Weight> {
    let mut given: [Option<&Term>; 2] = [None, None];
    let mut is_right = true;
    for arg in args {
        let at = match &arg.name {
            Some(name) if name.node == "epochs" => 1,
            Some(name) => {
                diagnostics.push(arguments::unknown(called, name, ["epochs"]));
                is_right = false;
                given[1] = Some(&arg.value);
                continue;
            }
            // A ramp goes where ramps go, a number to the epochs.
            None => usize::from(!matches!(arg.value.kind, TermKind::Ramp(..)) && given[0].is_some()),
        };
        match given[at] {
            None => given[at] = Some(&arg.value),
            Some(_) => {
                diagnostics.push(arguments::too_many_params(called, arg.value.span, 2));
                is_right = false;
            }
        }
    }
    if !is_right {
        return None;
    }
    let way = given[0].and_then(|way| ends(way, diagnostics));
    if let (None, Some(_)) | (Some(_), None) | (None, None) = (given[0], given[1]) {
        let missing = if given[0].is_none() { "0.1 -> 1.0" } else { "epochs" };
        diagnostics.push(mistakes::heads::incomplete_ramp(called.span, missing));
    }
    let epochs = given[1].and_then(|epochs| whole("epochs", epochs, EPOCHS, diagnostics));
    let (from, to) = way?;
    Some(Weight::Ramp { from, to, epochs: epochs? as u32 })
}

/// Both ends of `0.1 -> 1.0`.
fn ends(way: &Term, diagnostics: &mut Diagnostics) -> Option<(f64, f64)> {
    let TermKind::Ramp(from, to) = &way.kind else {
        if !way.is_poisoned() {
            diagnostics.push(bad_weight(way));
        }
        return None;
    };
    let mut number = |t: &Term| match t.kind {
        TermKind::Number { value, .. } if value >= 0.0 => Some(value),
        TermKind::Poisoned => None,
        _ => {
            diagnostics.push(bad_weight(t));
            None
        }
    };
    let (from, to) = (number(from), number(to));
    from.zip(to)
}
