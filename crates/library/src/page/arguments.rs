//! What arguments take, in words.

use crate::args::{ArgKind, ArgSpec};

/// What an argument takes, with its range: `a whole number, ≥ 1 and ≤ 1048576`.
pub fn takes(spec: &ArgSpec) -> String {
    let what = match spec.kind {
        ArgKind::Float => "a number".to_owned(),
        ArgKind::Int => "a whole number".to_owned(),
        ArgKind::Bool => "`true` or `false`".to_owned(),
        ArgKind::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            format!("one of {}", words.join(", "))
        }
        ArgKind::Item(kind) => format!("one of the {}", kind.plural()),
        ArgKind::List => "a list of numbers".to_owned(),
        ArgKind::Tie => "a layer, `x` or `x.T`".to_owned(),
    };
    let above = spec.min.map(|(min, itself)| format!("{} {}", if itself { "≥" } else { ">" }, number(min)));
    let below = spec.max.map(|(max, itself)| format!("{} {}", if itself { "≤" } else { "<" }, number(max)));
    let range: Vec<String> = above.into_iter().chain(below).collect();
    if range.is_empty() { what } else { format!("{what}, {}", range.join(" and ")) }
}

/// A bound as a spec would write it: long ones with an exponent.
fn number(bound: f64) -> String {
    if bound.abs() < 1e15 { bound.to_string() } else { format!("{bound:e}") }
}

/// Which arguments may stand without their names: a sentence, or nothing.
pub(super) fn by_position(specs: &[ArgSpec]) -> Option<String> {
    let names: Vec<String> =
        specs.iter().filter(|s| s.positional).map(|spec| format!("`{}`", spec.name)).collect();
    match names.as_slice() {
        [] => None,
        [only] => Some(format!("{only} may stand without its name.")),
        [first @ .., last] => Some(format!("{} and {last} may stand without their names.", first.join(", "))),
    }
}
