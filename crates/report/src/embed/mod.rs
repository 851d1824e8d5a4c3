//! From a code of many columns to points of the plane.
//!
//! In: rows of numbers. Out: `[x, y]` for each row, the same bits each time on any machine.
//!
//! Not here: how points are drawn (`plots::scatter`).

mod pca;

pub use pca::pca;
