//! Formats: one file each, and one line each in `read`.

pub mod glyphs;
pub mod idx;
pub mod parquet;

mod classes;

use std::sync::Arc;

pub use classes::Classes;

use crate::description::Source;
use crate::error::DataError;
use crate::paths::Paths;

/// What a format gives: pixels and classes, one row a sample.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    pub(crate) pixels: Pixels,
    /// As [`crate::fingerprint::hash_pixels`] gives it.
    pub(crate) pixels_hash: blake3::Hash,
    /// Extents of one sample; their product times the rows is the number of pixels.
    pub(crate) dims: Vec<usize>,
    /// The class of each sample, below `n_classes`; 0 where there are no classes.
    pub(crate) labels: Arc<[u8]>,
    /// Names of the classes; empty or `n_classes` of them.
    pub(crate) classes: Vec<String>,
    /// 0 where the source has no labels.
    pub(crate) n_classes: usize,
    /// Where the source has files of its own to test on: how many rows come before them.
    pub(crate) train_rows: Option<usize>,
}

/// Pixels, row by row.
#[derive(Clone, Debug)]
pub(crate) enum Pixels {
    U8(Arc<[u8]>),
    /// All finite.
    F32(Arc<[f32]>),
}

/// Reads or makes the samples.
pub(crate) fn read(source: &Source, paths: &Paths) -> Result<Samples, DataError> {
    match source {
        Source::Glyphs(glyphs) => glyphs::read(glyphs, paths),
        Source::Idx(idx) => idx::read(idx, paths),
        Source::Parquet(parquet) => parquet::read(parquet, paths),
    }
}
