//! Ten training steps of three networks with four optimizers: Kiln against Keras.
//!
//! In: `tests/fixtures` (what Keras 3 on JAX computed; its `README.md` tells the networks, the formula of
//! the first weights and batches, and the noise). Each network is written as a spec, goes the whole way
//! from text to machine code, and trains; then every loss of every step, the losses of an evaluation
//! afterwards, and all weights and moving statistics are compared.
//!
//! What holds, and is tested ([`compare`] has the formulas):
//! - compiled, on the widest tiles and on the portable ones, with all four optimizers: every loss within
//!   3e-6 of Keras in f64 (1e-5 is demanded); every weight within 1e-4 of the largest of its tensor, and
//!   mostly far closer, beyond twice what Keras in f32 differs from Keras in f64;
//! - interpreted, with one optimizer a network: every loss within 5e-7; every weight within what Keras in
//!   f32 differs from f64, but for the rounding of constants;
//! - a single default that differs from Keras' does not pass.
//!
//! Not here: dropout, whose random numbers are Kiln's own; other batch sizes.
//!
//! To see the deviations: `cargo test -p kiln --test training_fixtures -- --nocapture`.

#[path = "../../../tests/fixtures/formula.rs"]
mod formula;

mod fixture_training;

use fixture_training::{compare, networks, run, truth};
use kiln_codegen::Isa;
use networks::{Network, OPTIMIZERS};

/// All optimizers, compiled for one instruction set.
fn compiled(network: &Network, isa: Isa) {
    let fixture = truth::read(network.experiment);
    for optimizer in OPTIMIZERS {
        let model = networks::model(network, optimizer);
        let run = run::compiled(network.experiment, &model, isa);
        compare::check(network.experiment, fixture.case(optimizer.name), &run, compare::COMPILED);
    }
}

/// One optimizer, by the reference evaluator.
fn interpreted(network: &Network, optimizer: &str) {
    let fixture = truth::read(network.experiment);
    let chosen = OPTIMIZERS.iter().find(|o| o.name == optimizer).expect("one of the four");
    let model = networks::model(network, chosen);
    let run = run::interpreted(network.experiment, &model);
    compare::check(network.experiment, fixture.case(optimizer), &run, compare::INTERPRETED);
}

#[test]
fn a_classifier_with_batch_norm_on_the_widest_tiles() {
    compiled(&networks::EXP01, Isa::detect());
}

#[test]
fn a_classifier_with_batch_norm_on_portable_tiles() {
    compiled(&networks::EXP01, Isa::Portable);
}

#[test]
fn a_classifier_with_batch_norm_interpreted() {
    interpreted(&networks::EXP01, "adam");
}

#[test]
fn two_heads_on_the_widest_tiles() {
    compiled(&networks::EXP06, Isa::detect());
}

#[test]
fn two_heads_on_portable_tiles() {
    compiled(&networks::EXP06, Isa::Portable);
}

#[test]
fn two_heads_interpreted() {
    interpreted(&networks::EXP06, "rmsprop");
}

#[test]
fn tied_kernels_on_the_widest_tiles() {
    compiled(&networks::EXP11, Isa::detect());
}

#[test]
fn tied_kernels_on_portable_tiles() {
    compiled(&networks::EXP11, Isa::Portable);
}

#[test]
fn tied_kernels_interpreted() {
    interpreted(&networks::EXP11, "momentum");
}

/// The comparison is sharp enough to see one wrong number.
#[test]
fn a_default_unlike_keras_is_seen() {
    for (network, optimizer, (part, by)) in [
        (&networks::EXP01, "sgd", ("batch_norm()", "batch_norm(momentum = 0.98)")),
        (&networks::EXP01, "sgd", ("batch_norm()", "batch_norm(epsilon = 1e-5)")),
        (&networks::EXP06, "momentum", ("cross_entropy(label) * 0.5", "cross_entropy(label) * 0.501")),
        (&networks::EXP11, "momentum", ("momentum = 0.9", "momentum = 0.9, nesterov = true")),
        (&networks::EXP11, "adam", ("adam(rate", "adam(beta_2 = 0.9989, rate")),
        (&networks::EXP11, "adam", ("adam(rate", "adam(epsilon = 1e-8, rate")),
        (&networks::EXP11, "rmsprop", ("rmsprop(rate", "rmsprop(epsilon = 1e-8, rate")),
        (&networks::EXP11, "rmsprop", ("rmsprop(rate", "rmsprop(rho = 0.899, rate")),
    ] {
        let fixture = truth::read(network.experiment);
        let chosen = OPTIMIZERS.iter().find(|o| o.name == optimizer).expect("one of the four");
        let run =
            run::compiled(network.experiment, &networks::altered(network, chosen, (part, by)), Isa::detect());
        let found = compare::deviations(network.experiment, fixture.case(optimizer), &run, compare::COMPILED);
        assert!(!found.mistakes.is_empty(), "{by} passes as {part}");
    }
}
