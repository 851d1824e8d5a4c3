//! A model in the words of the record's [`Network`]: what `kiln graph` and the report draw.
//!
//! Items stand as a person would write them: arguments that have their default are left out, and those
//! that may stand without a name do.

use kiln_library::registry;
use kiln_library::{ArgSpec, Args, Call, Kind, Value};
use kiln_model::model::{Head, Layer, Model};
use kiln_record::{LossNode, Network, Node, TieEdge};
use std::collections::BTreeMap;

/// The drawing's view of a model.
pub(crate) fn network(model: &Model) -> Network {
    let parameters = kiln_model::parameters(model);
    let inputs = model.inputs.iter().map(|input| Node {
        name: input.table_name.clone(),
        call: if input.table_name == input.name { "input".into() } else { format!("input {}", input.name) },
        dims: input.dims.iter().map(|&d| u64::from(d)).collect(),
        parameters: 0,
        stacks: Vec::new(),
        reads: Vec::new(),
        tie: None,
    });
    let mut nodes: Vec<Node> = inputs.collect();
    // By the name that layers read: an input's own, not the table's.
    let mut places: BTreeMap<&str, usize> =
        model.inputs.iter().enumerate().map(|(at, input)| (input.name.as_str(), at)).collect();
    for layer in &model.layers {
        let node = node(layer, &places, parameters.get(&layer.name).copied().unwrap_or(0));
        places.insert(&layer.name, nodes.len());
        nodes.push(node);
    }
    let losses = model.heads.iter().filter_map(|head| Some(loss(head, *places.get(head.layer.as_str())?)));
    Network { name: model.name.clone(), losses: losses.collect(), nodes }
}

fn node(layer: &Layer, places: &BTreeMap<&str, usize>, parameters: u64) -> Node {
    let tie = layer.tie.as_ref();
    let before: Vec<String> = tie
        .map(|tie| format!("tie = {}{}", tie.layer, if tie.transposed { ".T" } else { "" }))
        .into_iter()
        .collect();
    Node {
        name: layer.name.clone(),
        call: call_text(Kind::Layer, &layer.call, &before),
        dims: layer.dims.iter().map(|&d| u64::from(d)).collect(),
        parameters,
        stacks: layer.stacks.clone(),
        reads: layer.inputs.iter().filter_map(|input| places.get(input.as_str()).copied()).collect(),
        tie: tie.and_then(|tie| {
            let owner = *places.get(tie.layer.as_str())?;
            Some(TieEdge { owner, transposed: tie.transposed })
        }),
    }
}

fn loss(head: &Head, node: usize) -> LossNode {
    LossNode {
        node,
        head: head.name.clone(),
        loss: call_text(Kind::Loss, &head.loss, std::slice::from_ref(&head.target)),
        weight: crate::recorded::weight(head.weight),
    }
}

/// `dense(512, relu)`: `before`, then the arguments that differ from their defaults.
fn call_text(kind: Kind, call: &Call, before: &[String]) -> String {
    let specs = registry::args(kind, &call.name).unwrap_or(&[]);
    let mut written: Vec<String> = before.to_vec();
    // Once one is left out, the next ones need their names.
    let mut in_order = true;
    for spec in specs {
        let Some(value) = given(&call.args, spec) else {
            in_order &= !before.is_empty() && spec.optional;
            continue;
        };
        let value = value_text(spec, value);
        let bare = spec.positional && in_order;
        written.push(if bare { value } else { format!("{} = {value}", spec.name) });
    }
    format!("{}({})", call.name, written.join(", "))
}

/// The value of an argument, where it is not the default.
fn given<'a>(args: &'a Args, spec: &ArgSpec) -> Option<&'a Value> {
    args.get(spec.name).filter(|value| registry::default_value(spec).as_ref() != Some(value))
}

fn value_text(spec: &ArgSpec, value: &Value) -> String {
    match value {
        Value::Float(x) => format!("{x}"),
        Value::Int(x) => x.to_string(),
        Value::Bool(x) => x.to_string(),
        Value::Word(word) => word.clone(),
        Value::List(xs) => {
            let xs: Vec<String> = xs.iter().map(f64::to_string).collect();
            format!("[{}]", xs.join(", "))
        }
        Value::Item(call) => {
            let kind = match spec.kind {
                kiln_library::ArgKind::Item(kind) => kind,
                // Only arguments of that kind hold items.
                _ => return call.name.clone(),
            };
            let text = call_text(kind, call, &[]);
            text.strip_suffix("()").map_or(text.clone(), str::to_owned)
        }
    }
}
