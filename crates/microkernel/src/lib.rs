//! The wide inner tiles of the kernels.
