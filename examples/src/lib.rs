//! Small programs on the kiln facade.
