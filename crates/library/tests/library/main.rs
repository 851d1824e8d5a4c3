//! What every item must keep, driven from the registries so that none is forgotten.
//!
//! One module a kind; `items` has what holds for all kinds, `keras` compares with what Keras 3 and
//! scikit-learn computed (`tests/fixtures/`).

mod bed;

mod items;

mod activations;
mod early_stopping;
mod initializers;
mod keras;
mod layers;
mod losses;
mod metrics;
mod optimizers;
mod schedules;
