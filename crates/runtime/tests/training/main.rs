//! Trains a small classifier and looks at what a user would see: weights, history, files.

mod bed;

mod bits;

mod ends;

mod measures;

mod mismatches;
