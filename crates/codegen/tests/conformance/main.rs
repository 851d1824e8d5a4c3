//! Compiled steps against the interpreter's, on every instruction set of this processor.

mod harness;
mod steps;
