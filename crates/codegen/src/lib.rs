//! From a schedule to machine code, through Cranelift.
