//! `model.safetensors`: the weights of a model, in a format that other frameworks read.
//!
//! A tied tensor is stored once. Vectors are stored with one extent, as other frameworks
//! write them. The metadata under `kiln` is a JSON text: `{"format":1,"content":"…","epoch":7}`.

use crate::FORMAT;
use crate::error::{Problem, RecordError};
use crate::tensors::{self, Tensor};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Weights, and where they come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// The run's content id; empty where another program wrote the file.
    pub content: String,
    /// After which epoch, counted from 1; 0 before training or where unknown.
    pub epoch: u32,
    /// Parameters and statistics, without optimizer states.
    pub tensors: Vec<Tensor>,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    content: String,
    epoch: u32,
}

impl Weights {
    /// The tensor with this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// Writes the file at `path`, whole or not at all; tensors are sorted by name.
    ///
    /// Errors: [`Problem::Write`]; [`Problem::Unwritable`] for two tensors of one name or
    /// data that does not fill its extents.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordError> {
        let path = path.as_ref();
        let metadata = Metadata { format: FORMAT, content: self.content.clone(), epoch: self.epoch };
        let metadata = serde_json::to_string(&metadata)
            .map_err(|error| RecordError::new(path, Problem::Unwritable(error.to_string())))?;
        tensors::save(path, &self.tensors, &metadata)
    }

    /// Reads the file at `path`; it may come from another program.
    ///
    /// Errors: the file is missing, damaged, of a newer format, or holds other than f32.
    pub fn load(path: impl AsRef<Path>) -> Result<Weights, RecordError> {
        let path = path.as_ref();
        let (tensors, metadata) = tensors::load(path)?;
        if metadata.is_empty() {
            return Ok(Weights { content: String::new(), epoch: 0, tensors });
        }
        let damaged = |error| RecordError::new(path, Problem::Damaged(format!("its metadata: {error}")));
        let Metadata { format, content, epoch } = serde_json::from_str(&metadata).map_err(damaged)?;
        if format > FORMAT {
            return Err(RecordError::new(path, Problem::Newer { found: format, known: FORMAT }));
        }
        Ok(Weights { content, epoch, tensors })
    }

    /// Reads the file at `path` and arranges its tensors as `wanted` (name and
    /// `[rows, cols]`) says.
    ///
    /// Errors: as [`Weights::load`], and [`Problem::Mismatch`] that names every tensor that
    /// is missing, left over or of another shape.
    pub fn load_for(path: impl AsRef<Path>, wanted: &[(&str, [usize; 2])]) -> Result<Weights, RecordError> {
        let path = path.as_ref();
        let weights = Weights::load(path)?;
        let tensors = tensors::arrange(weights.tensors, wanted)
            .map_err(|problems| RecordError::new(path, Problem::Mismatch(problems)))?;
        Ok(Weights { tensors, ..weights })
    }
}
