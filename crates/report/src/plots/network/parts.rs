//! What is drawn: a part for each node and each loss, with its words.

use super::{extents, thousands};
use kiln_record::{LossNode, Network, Node};

/// Longer words are cut: a part is as wide as its words.
const WORDS_MAX: usize = 56;

/// What a part stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What flows in.
    Input,
    /// A layer with parameters, its own or shared.
    Learned,
    /// A layer without.
    Plain,
    /// A loss.
    Loss,
}

/// A box of the drawing.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) role: Role,
    /// Bold.
    pub(super) name: String,
    /// Under the name; behind it in a compact part.
    pub(super) detail: String,
    /// Beside the arrow below it; empty where there is none.
    pub(super) shape: String,
    /// Indices of earlier parts.
    pub(super) reads: Vec<usize>,
    /// The earlier part whose kernel it shares.
    pub(super) tie: Option<usize>,
    /// Names of the stacks around it, the outermost first.
    pub(super) stacks: Vec<String>,
    /// One line, hanging on the part that it reads.
    pub(super) is_compact: bool,
}

/// Nodes in their order, then losses.
pub(super) fn of(network: &Network) -> Vec<Part> {
    let mut readers = vec![0_usize; network.nodes.len()];
    let reads = network.nodes.iter().flat_map(|node| &node.reads).copied();
    for read in reads.chain(network.losses.iter().map(|loss| loss.node)) {
        readers[read] += 1;
    }
    let compact: Vec<bool> = network.nodes.iter().map(|node| is_compact(network, node, &readers)).collect();
    let mut parts: Vec<Part> = network
        .nodes
        .iter()
        .zip(&compact)
        .map(|(node, &is_compact)| Part { is_compact, ..of_node(node) })
        .collect();
    // Shapes stand beside arrows; a compact part hangs on without one, and has the same shape.
    let hung = network.nodes.iter().zip(&compact).filter(|(_, is_compact)| **is_compact);
    for &read in hung.flat_map(|(node, _)| &node.reads) {
        parts[read].shape.clear();
    }
    parts
        .iter_mut()
        .zip(&readers)
        .filter(|(_, readers)| **readers == 0)
        .for_each(|(part, _)| part.shape.clear());
    parts.extend(network.losses.iter().map(of_loss));
    parts
}

fn of_node(node: &Node) -> Part {
    let held = if node.parameters == 0 {
        String::new()
    } else {
        format!(" · {} params", thousands(node.parameters))
    };
    let role = match (node.reads.as_slice(), node.parameters) {
        ([], _) => Role::Input,
        (_, 0) if node.tie.is_none() => Role::Plain,
        _ => Role::Learned,
    };
    Part {
        role,
        name: cut(&node.name),
        detail: cut(&format!("{}{held}", node.call)),
        shape: extents(node),
        reads: node.reads.clone(),
        tie: node.tie.map(|tie| tie.owner),
        stacks: node.stacks.clone(),
        is_compact: false,
    }
}

fn of_loss(loss: &LossNode) -> Part {
    let weight = if loss.weight == "1.0" { String::new() } else { format!(" * {}", loss.weight) };
    Part {
        role: Role::Loss,
        name: cut(&format!("loss of {}", loss.head)),
        detail: cut(&format!("{}{weight}", loss.loss)),
        shape: String::new(),
        reads: vec![loss.node],
        tie: None,
        stacks: Vec::new(),
        is_compact: false,
    }
}

/// A layer that passes on as many numbers as it gets, from one that nobody else reads: it works on
/// each number or column alone (a norm's parameters are a few a column).
fn is_compact(network: &Network, node: &Node, readers: &[usize]) -> bool {
    let [read] = node.reads.as_slice() else { return false };
    let before = &network.nodes[*read];
    let numbers = node.dims.iter().fold(1_u64, |n, &d| n.saturating_mul(d));
    readers[*read] == 1
        && !before.reads.is_empty()
        && before.dims == node.dims
        && before.stacks == node.stacks
        && node.tie.is_none()
        && node.parameters <= numbers.saturating_mul(4)
}

fn cut(words: &str) -> String {
    if words.chars().count() <= WORDS_MAX {
        return words.to_owned();
    }
    words.chars().take(WORDS_MAX - 1).chain(['…']).collect()
}
