//! From a syntax tree to a checked model and its graphs.
