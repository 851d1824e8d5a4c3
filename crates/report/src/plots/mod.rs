//! Figures: one kind a file, all in one visual language.
//!
//! In: histories, confusion matrices, pictures, points. Out: a [`Figure`], which is SVG.
//! Drawing goes to memory and is deterministic: the same values give the same bytes.

pub mod axis;
pub mod bars;
pub mod bitmap;
pub mod curves;
pub mod figure;
pub mod matrix;
pub mod network;
pub mod palette;
pub mod panel;
pub mod scatter;
pub mod sweep;
pub mod tiles;

pub use bars::class_scores;
pub use bitmap::{BitmapError, Bitmaps};
pub use curves::learning_curves;
pub use figure::{DrawingError, Figure};
pub use matrix::{Cells, confusion_matrix};
pub use network::network_figure;
pub use scatter::class_scatter;
pub use sweep::{SweepRun, sweep_curves, sweep_values};
pub use tiles::{Tile, TileRow, tile_rows};
