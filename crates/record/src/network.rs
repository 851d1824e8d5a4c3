//! The model as a drawing shows it: layers, what flows into them, shared kernels, heads with their losses.
//!
//! Invariant, which [`Network::is_sound`] checks of what was read from a file: an index leads to an
//! earlier node, that of a head to any node.
//!
//! Not here: how it looks (crate `report`).

use serde::{Deserialize, Serialize};

/// A model's layers and how they are connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// The model's name.
    pub name: String,
    /// Inputs, then layers in the order of the spec.
    pub nodes: Vec<Node>,
    /// What is compared with targets.
    pub losses: Vec<LossNode>,
}

/// An input or a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its name in the model's table.
    pub name: String,
    /// What it is, as a spec would write it: `dense(512, relu)`, `input`.
    pub call: String,
    /// Extents of one sample of what it gives.
    pub dims: Vec<u64>,
    /// Numbers that it holds; a shared kernel counts where it is owned.
    pub parameters: u64,
    /// Names of the stacks around it, the outermost first.
    pub stacks: Vec<String>,
    /// The nodes that flow into it.
    pub reads: Vec<usize>,
    /// The layer whose kernel it shares.
    pub tie: Option<TieEdge>,
}

/// A kernel that is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TieEdge {
    /// The node that owns it.
    pub owner: usize,
    /// It is read transposed.
    pub transposed: bool,
}

/// A loss under a head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossNode {
    /// The node that is compared.
    pub node: usize,
    /// The head's name.
    pub head: String,
    /// The loss, as a spec would write it: `mse(image)`.
    pub loss: String,
    /// Its weight in the total, as a spec would write it: `1.0`, `learned`.
    pub weight: String,
}

impl Network {
    /// Whether every index leads where it may: a record may be damaged.
    pub fn is_sound(&self) -> bool {
        let nodes = self.nodes.iter().enumerate();
        let mut earlier = nodes.map(|(at, node)| {
            node.reads.iter().all(|&read| read < at) && node.tie.is_none_or(|tie| tie.owner < at)
        });
        earlier.all(|holds| holds) && self.losses.iter().all(|loss| loss.node < self.nodes.len())
    }

    /// Numbers that the model holds, each once.
    pub fn parameters(&self) -> u64 {
        self.nodes.iter().fold(0, |sum, node| sum.saturating_add(node.parameters))
    }
}
