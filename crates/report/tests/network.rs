//! Drawings of networks beyond those of the specs: damaged ones, wide and deep ones, many edges.
//!
//! What a drawing looks like is compared in the tests of crate `cli`, which draw the specs.

use kiln_record::{LossNode, Network, Node, TieEdge};
use kiln_report::plots::network_figure;
use proptest::prelude::*;

fn node(name: &str, reads: &[usize]) -> Node {
    Node {
        name: name.into(),
        call: "dense(8, relu)".into(),
        dims: vec![8],
        parameters: 72,
        stacks: Vec::new(),
        reads: reads.to_vec(),
        tie: None,
    }
}

fn network(nodes: Vec<Node>) -> Network {
    Network { name: "m".into(), nodes, losses: Vec::new() }
}

fn loss(node: usize) -> LossNode {
    LossNode { node, head: "out".into(), loss: "mse(image)".into(), weight: "learned".into() }
}

/// The drawing as a file; `None` where there is none.
fn drawn(network: &Network) -> Option<String> {
    network_figure("a network", network).expect("memory does not fail").map(|figure| figure.to_file())
}

#[test]
fn an_empty_network_and_a_damaged_one_are_not_drawn() {
    assert_eq!(drawn(&Network::default()), None);
    assert_eq!(drawn(&network(vec![node("a", &[0])])), None, "reads itself");
    assert_eq!(drawn(&network(vec![node("a", &[9])])), None, "reads nothing");
    let tie = Some(TieEdge { owner: 3, transposed: false });
    assert_eq!(drawn(&network(vec![node("a", &[]), Node { tie, ..node("b", &[0]) }])), None);
    assert_eq!(drawn(&Network { losses: vec![loss(1)], ..network(vec![node("a", &[])]) }), None);
}

#[test]
fn words_are_escaped_and_cut() {
    let long = "x".repeat(10_000);
    let text = drawn(&network(vec![node("<&>", &[]), node(&long, &[0])])).expect("a drawing");
    assert!(text.contains("&lt;&amp;&gt;") && text.contains(&format!(">{}…<", "x".repeat(55))));
}

#[test]
fn extreme_numbers_are_drawn() {
    let huge = Node { dims: vec![u64::MAX; 3], parameters: u64::MAX, ..node("a", &[0]) };
    assert!(drawn(&network(vec![node("in", &[]), huge.clone(), huge])).is_some());
}

/// Any sound network: each node reads some earlier ones, may share a kernel, stands in some stacks.
fn any_network() -> impl Strategy<Value = Network> {
    let node = (prop::collection::vec(any::<prop::sample::Index>(), 0..4), any::<u8>(), 0_usize..4);
    (prop::collection::vec(node, 1..40), prop::collection::vec(any::<prop::sample::Index>(), 0..4)).prop_map(
        |(nodes, losses)| {
            let build = |(at, (reads, bits, depth)): (usize, (Vec<prop::sample::Index>, u8, usize))| {
                let earlier = |index: &prop::sample::Index| index.index(at.max(1));
                let reads: Vec<usize> =
                    if at == 0 { Vec::new() } else { reads.iter().map(earlier).collect() };
                let tie = reads.first().filter(|_| bits & 1 == 1);
                Node {
                    tie: tie.map(|&owner| TieEdge { owner, transposed: bits & 2 == 2 }),
                    stacks: (0..depth).map(|level| format!("s{level}{}", bits >> 6)).collect(),
                    parameters: if bits & 4 == 4 { 16 } else { 0 },
                    ..self::node(&format!("n{at}"), &reads)
                }
            };
            let nodes: Vec<Node> = nodes.into_iter().enumerate().map(build).collect();
            let losses = losses.iter().map(|index| loss(index.index(nodes.len()))).collect();
            Network { losses, ..network(nodes) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_sound_network_is_drawn_the_same_twice(network in any_network()) {
        let text = drawn(&network).expect("a drawing");
        for node in &network.nodes {
            let name = format!(">{}<", node.name);
            prop_assert!(text.contains(&name));
        }
        prop_assert_eq!(Some(text), drawn(&network));
    }
}
