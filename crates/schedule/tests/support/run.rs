//! Runs a schedule beside the graph's evaluator.

use super::dice::Dice;
use super::simulate::{Machine, same};
use kiln_graph::Graph;
use kiln_graph::interp::{Env, evaluate};
use kiln_schedule::{Schedule, Step, plan, verify};

/// Plans the steps; panics with every violation.
pub(crate) fn planned(steps: &[Step<'_>]) -> Schedule {
    let schedule = plan(steps);
    if let Err(found) = verify::verify(&schedule) {
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        panic!("{}", found.join("; "));
    }
    schedule
}

/// Plans the steps and runs each twice on a batch of `rows`, in turn; panics where a number differs.
pub(crate) fn runs_as_evaluated(steps: &[Step<'_>], rows: usize, seed: u64) {
    let schedule = planned(steps);
    let mut dice = Dice::new(seed);
    let mut machine = Machine::new(&schedule);
    let mut states = Env::new(steps[0].graph, rows, seed).states;
    machine.set_states(steps[0].graph, &states);
    for turn in 0..2 {
        for (step, entry) in steps.iter().zip(&schedule.entries) {
            let env = environment(step.graph, rows, &states, (seed, turn), &mut dice);
            let want = evaluate(step.graph, &env);
            machine.run(entry, &env, &mut dice);
            for (field, (name, value)) in entry.outputs.iter().zip(&want.outputs) {
                agree(name, &machine.output(field, rows), &value.data);
            }
            for (decl, value) in step.graph.states.iter().zip(&want.states) {
                agree(&decl.name, &machine.state(&decl.name), value);
            }
            // Not to carry rounding from step to step.
            states = want.states;
            machine.set_states(step.graph, &states);
        }
    }
}

/// Random numbers in every field; classes in those that are called `label`.
fn environment(
    graph: &Graph,
    rows: usize,
    states: &[Vec<f64>],
    (seed, step): (u64, u64),
    dice: &mut Dice,
) -> Env {
    let mut env = Env { states: states.to_vec(), step, ..Env::new(graph, rows, seed) };
    for input in &graph.inputs {
        let mut number = || if input.name == "label" { dice.below(4) as f32 } else { dice.number() };
        let values: Vec<f32> = (0..rows * input.cols as usize).map(|_| number()).collect();
        env.set_input(graph, &input.name, &values);
    }
    env.scalars.fill(0.25);
    env
}

fn agree(name: &str, found: &[f64], want: &[f64]) {
    assert_eq!(found.len(), want.len(), "elements of {name}");
    for (i, (&found, &want)) in found.iter().zip(want).enumerate() {
        assert!(same(found, want), "{name} element {i}: {found}, wanted {want}");
    }
}
