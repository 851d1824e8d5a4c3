//! Small programs on the `kiln` facade, each in `src/bin`:
//!
//! - `quickstart`: train a network from a spec and print its losses;
//! - `own_activation`: an activation that the library does not have, on a graph made by hand;
//! - `every_stage`: what each stage of the compiler makes of a tiny spec.
//!
//! Run one with `cargo run -p kiln-examples --bin quickstart`.
