//! Trains and evaluates a compiled program.
