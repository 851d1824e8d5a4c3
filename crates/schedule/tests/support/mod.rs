//! What the tests of schedules share.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod dice;
pub(crate) mod model;
pub(crate) mod random_graph;
pub(crate) mod run;
pub(crate) mod simulate;
