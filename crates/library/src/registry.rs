//! Every item by kind and name: what the model's checks, did-you-mean and documentation walk.
//!
//! In: a kind and a name. Out: the item, its arguments, its defaults.
//!
//! Invariants, checked by the tests: names are unique within a kind; each argument has a line of
//! documentation; each default parses and is within its range.

use crate::args::{ArgKind, ArgSpec, Args, Call, Value};
use crate::item::{Item, Kind};

pub use crate::activations::find as find_activation;
pub use crate::initializers::find as find_initializer;
pub use crate::layers::find as find_layer;
pub use crate::losses::find as find_loss;
pub use crate::metrics::find as find_metric;
pub use crate::optimizers::find as find_optimizer;
pub use crate::schedules::find as find_schedule;

/// Every kind.
pub const KINDS: [Kind; 7] = [
    Kind::Layer,
    Kind::Activation,
    Kind::Loss,
    Kind::Optimizer,
    Kind::Schedule,
    Kind::Initializer,
    Kind::Metric,
];

/// Every item of a kind, in the order in which they are listed to people.
pub fn items(kind: Kind) -> Vec<&'static dyn Item> {
    match kind {
        Kind::Layer => crate::layers::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Activation => crate::activations::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Loss => crate::losses::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Optimizer => crate::optimizers::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Schedule => crate::schedules::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Initializer => crate::initializers::all().iter().map(|&item| item as &dyn Item).collect(),
        Kind::Metric => crate::metrics::all().iter().map(|&item| item as &dyn Item).collect(),
    }
}

/// The item of this kind and name.
pub fn find(kind: Kind, name: &str) -> Option<&'static dyn Item> {
    items(kind).into_iter().find(|item| item.name() == name)
}

/// The names of a kind's items.
pub fn names(kind: Kind) -> Vec<&'static str> {
    items(kind).into_iter().map(Item::name).collect()
}

/// The arguments of an item; `None` where there is no such item.
pub fn args(kind: Kind, name: &str) -> Option<&'static [ArgSpec]> {
    find(kind, name).map(Item::args)
}

/// The defaults of an item's arguments; those without a default are absent. `None` where there is no
/// such item.
pub fn defaults(kind: Kind, name: &str) -> Option<Args> {
    args(kind, name).map(defaults_of)
}

/// The defaults of these arguments.
pub fn defaults_of(specs: &[ArgSpec]) -> Args {
    let mut args = Args::new();
    for spec in specs {
        if let Some(value) = default_value(spec) {
            args.set(spec.name, value);
        }
    }
    args
}

/// The default of an argument, as a checked value; `None` where it has none.
///
/// # Panics
/// Where the text of the default is no value of the argument's kind: a bug of the item, which the
/// tests find.
pub fn default_value(spec: &ArgSpec) -> Option<Value> {
    let text = spec.default?;
    let value = match spec.kind {
        ArgKind::Float => text.parse().ok().map(Value::Float),
        ArgKind::Int => text.parse().ok().map(Value::Int),
        ArgKind::Bool => text.parse().ok().map(Value::Bool),
        ArgKind::Word(words) => words.contains(&text).then(|| Value::Word(text.to_owned())),
        ArgKind::Item(kind) => {
            defaults(kind, text).map(|args| Value::Item(Call { name: text.to_owned(), args }))
        }
        // No item has a default of these kinds.
        ArgKind::List | ArgKind::Tie => None,
    };
    Some(value.unwrap_or_else(|| panic!("library: `{text}` is no default for `{}`", spec.name)))
}
