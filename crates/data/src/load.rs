//! Loading: a description becomes a dataset.

use std::sync::Arc;

use crate::dataset::{Dataset, Field, Values};
use crate::description::{Description, FieldDescription, Part};
use crate::error::DataError;
use crate::fingerprint::fingerprint;
use crate::formats::{self, Pixels, Samples};
use crate::paths::Paths;
use crate::split::split;

/// Reads or makes the samples, splits them and names their parts as the spec does.
///
/// # Errors
/// A file that is missing, cannot be read or is damaged; data that contradicts the
/// description; a description that cannot be followed. Each says where and what to do.
pub fn load(description: &Description, paths: &Paths) -> Result<Dataset, DataError> {
    let samples = formats::read(&description.source, paths)?;
    let halves = split(&description.split, &samples.labels, samples.train_rows)?;
    let fields: Vec<Field> =
        description.fields.iter().map(|field| part_of(&samples, field)).collect::<Result<_, _>>()?;
    let fingerprint = fingerprint(&samples, &description.fields, &halves);
    Ok(Dataset {
        name: description.name.clone(),
        rows: samples.labels.len(),
        classes: samples.classes,
        fingerprint,
        train: halves.train,
        test: halves.test,
        fields,
    })
}

fn part_of(samples: &Samples, field: &FieldDescription) -> Result<Field, DataError> {
    let (values, dims) = match field.part {
        Part::Pixels { scale, offset } => (pixels(&samples.pixels, scale, offset)?, samples.dims.clone()),
        Part::Class if samples.n_classes == 0 => {
            return Err(DataError::NoLabels { field: field.name.clone() });
        }
        Part::Class => {
            (Values::Class { data: Arc::clone(&samples.labels), classes: samples.n_classes }, vec![1])
        }
    };
    Ok(Field { name: field.name.clone(), cols: dims.iter().product(), values, dims })
}

fn pixels(pixels: &Pixels, scale: f32, offset: f32) -> Result<Values, DataError> {
    let values = match pixels {
        Pixels::U8(data) => Values::U8 { data: Arc::clone(data), scale, offset },
        Pixels::F32(data) if scale == 1.0 && offset == 0.0 => Values::F32(Arc::clone(data)),
        Pixels::F32(data) => Values::F32(data.iter().map(|value| value * scale + offset).collect()),
    };
    let finite = match &values {
        // The largest byte decides: what it does not overflow, no other does.
        Values::U8 { .. } => (255.0 * scale + offset).is_finite() && offset.is_finite(),
        Values::F32(data) => data.iter().all(|value| value.is_finite()),
        Values::Class { .. } => true,
    };
    if finite { Ok(values) } else { Err(DataError::Scale { scale, offset }) }
}
