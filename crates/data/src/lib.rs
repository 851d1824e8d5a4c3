//! Files and generators to fields and splits.
//!
//! In: what a spec's `data` block asks for ([`Description`]) and where files are
//! ([`Paths`]). Out: a [`Dataset`]: fields of samples in memory, the rows of the two
//! halves of its split, and a fingerprint of the content.
//!
//! The path: a format ([`formats`]) reads or makes pixels and classes; [`load`](load())
//! names them as the spec does, splits the rows ([`split`]) and hashes the content
//! (`fingerprint`). What is costly to make is kept on disk ([`cache`]).
//!
//! Where nobody has described files yet, [`look`](look()) tells what they hold.
//!
//! Invariants: every field has `rows` rows; each class index is below the number of
//! classes; floats are finite; the two halves of the split share no row. No input makes
//! this crate panic, or take memory in proportion to a number that a header merely claims.
//!
//! Not here: the order of batches and augmentation (crate `runtime`).

pub mod cache;
pub mod dataset;
pub mod description;
pub mod error;
mod fingerprint;
pub mod formats;
pub mod load;
pub mod look;
pub mod paths;
pub mod random;
pub mod split;

pub use dataset::{Dataset, Field, Values};
pub use description::{Description, FieldDescription, Part, Source};
pub use error::DataError;
pub use formats::{Classes, glyphs::Glyphs, idx::Idx, parquet::Parquet, parquet::PixelColumns};
pub use load::load;
pub use look::{Look, look};
pub use paths::Paths;
pub use split::Split;
