//! The parts of the comparison, in the order of the data.

/// The three networks as specs, and the four optimizers.
pub(crate) mod networks;

/// What Keras computed, read from its files.
pub(crate) mod truth;

/// Ten steps and an evaluation, compiled or interpreted.
pub(crate) mod run;

/// Deviations and what is allowed.
pub(crate) mod compare;
