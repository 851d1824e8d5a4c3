//! Named f32 tensors in a safetensors file, with one text of metadata.
//!
//! The file's metadata has a single key, `kiln`: the safetensors crate keeps metadata in
//! a hash map, and two keys would come out in another order each time.
//!
//! Hostile files: every offset is compared with the file's real length before the crate
//! sees the header, because its own sum of offset and header length can overflow.

use crate::error::{Problem, RecordError};
use crate::file;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest tensor file that is read, in bytes.
const LIMIT: u64 = 16 << 30;

/// The longest header that is read, in bytes: some hundred thousand tensors.
const HEADER_LIMIT: u64 = 16 << 20;

/// The key of the metadata.
const KEY: &str = "kiln";

/// A named block of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Unique in its file (`enc1.kernel`).
    pub name: String,
    /// Its extents; a vector has one, a scalar none.
    pub dims: Vec<usize>,
    /// Row-major; as many as the product of `dims`.
    pub data: Vec<f32>,
}

impl Tensor {
    /// The tensor of a `[rows, cols]` matrix: a matrix of one row is stored as a vector.
    ///
    /// # Panics
    /// If `data` has not `rows · cols` elements: a mistake of the caller.
    pub fn from_matrix(name: impl Into<String>, [rows, cols]: [usize; 2], data: Vec<f32>) -> Tensor {
        assert_eq!(Some(data.len()), rows.checked_mul(cols), "a matrix of {rows} × {cols}");
        let dims = if rows == 1 { vec![cols] } else { vec![rows, cols] };
        Tensor { name: name.into(), dims, data }
    }

    /// As a matrix, `[rows, cols]`: a vector is one row; of more than two extents the last
    /// is the columns.
    pub fn matrix_dims(&self) -> [usize; 2] {
        match self.dims.split_last() {
            None => [1, 1],
            Some((&cols, rows)) => [rows.iter().product(), cols],
        }
    }
}

/// The bytes of a file with these tensors, sorted by name, and this metadata.
///
/// Errors, as the text of a [`Problem::Unwritable`]: two tensors of one name, or data that
/// does not fill its extents.
pub fn to_bytes(tensors: &[Tensor], metadata: &str) -> Result<Vec<u8>, String> {
    let mut bytes: BTreeMap<&str, (&Tensor, Vec<u8>)> = BTreeMap::new();
    for tensor in tensors {
        let data = tensor.data.iter().flat_map(|x| x.to_le_bytes()).collect();
        if bytes.insert(&tensor.name, (tensor, data)).is_some() {
            return Err(format!("two tensors named {:?}", tensor.name));
        }
    }
    let mut views = Vec::with_capacity(bytes.len());
    for (name, (tensor, data)) in &bytes {
        let view = TensorView::new(Dtype::F32, tensor.dims.clone(), data)
            .map_err(|error| format!("the tensor {name:?}: {error}"))?;
        views.push((*name, view));
    }
    let metadata = [(KEY.to_owned(), metadata.to_owned())].into_iter().collect();
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

/// The tensors, sorted by name, and the metadata of a file's bytes; the metadata is empty
/// where the file was written by another program.
///
/// Errors: what is wrong with the bytes.
pub fn from_bytes(bytes: &[u8]) -> Result<(Vec<Tensor>, String), String> {
    check_offsets(bytes)?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let mut names = file.names();
    names.sort_unstable();
    let mut tensors = Vec::with_capacity(names.len());
    for name in names {
        let view = file.tensor(name).map_err(|error| error.to_string())?;
        if view.dtype() != Dtype::F32 {
            return Err(format!("the tensor {name:?} holds {}, not F32", view.dtype()));
        }
        let chunks = view.data().chunks_exact(4);
        let data = chunks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        tensors.push(Tensor { name: name.to_owned(), dims: view.shape().to_vec(), data });
    }
    let metadata = header.metadata().as_ref().and_then(|map| map.get(KEY)).cloned();
    Ok((tensors, metadata.unwrap_or_default()))
}

/// That no tensor claims bytes beyond the file's end.
fn check_offsets(bytes: &[u8]) -> Result<(), String> {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
        return Err("shorter than the length of its header".to_owned());
    };
    let length = u64::from_le_bytes(*length);
    if length > HEADER_LIMIT {
        return Err(format!("the header claims {length} bytes, more than the limit of {HEADER_LIMIT}"));
    }
    let Some(header) = rest.get(..length as usize) else {
        return Err(format!("the header claims {length} bytes, the file has {}", rest.len()));
    };
    let header: BTreeMap<String, Value> =
        serde_json::from_slice(header).map_err(|error| format!("the header is not JSON: {error}"))?;
    let data = rest.len() as u64 - length;
    for (name, info) in &header {
        let end = info.pointer("/data_offsets/1");
        if end.is_some_and(|end| end.as_u64().is_none_or(|end| end > data)) {
            return Err(format!("the tensor {name:?} claims bytes beyond the end of the file"));
        }
    }
    Ok(())
}

/// Writes a tensor file, whole or not at all.
pub(crate) fn save(path: &Path, tensors: &[Tensor], metadata: &str) -> Result<(), RecordError> {
    let bytes =
        to_bytes(tensors, metadata).map_err(|why| RecordError::new(path, Problem::Unwritable(why)))?;
    file::atomic_write(path, &bytes)
}

/// Reads a tensor file.
pub(crate) fn load(path: &Path) -> Result<(Vec<Tensor>, String), RecordError> {
    let bytes = file::read(path, LIMIT)?;
    from_bytes(&bytes).map_err(|why| RecordError::new(path, Problem::Damaged(why)))
}

/// `tensors` in the order of `wanted` (name and `[rows, cols]`); a vector fits one row.
///
/// Errors, as the texts of a [`Problem::Mismatch`]: each tensor that is missing, left over
/// or of another shape.
pub fn arrange(tensors: Vec<Tensor>, wanted: &[(&str, [usize; 2])]) -> Result<Vec<Tensor>, Vec<String>> {
    let mut by_name: BTreeMap<String, Tensor> = tensors.into_iter().map(|t| (t.name.clone(), t)).collect();
    let (mut arranged, mut problems) = (Vec::with_capacity(wanted.len()), Vec::new());
    for &(name, dims @ [rows, cols]) in wanted {
        match by_name.remove(name) {
            None => problems.push(format!("no tensor {name:?} of {rows} × {cols}")),
            Some(tensor) if tensor.matrix_dims() != dims => {
                let [found_rows, found_cols] = tensor.matrix_dims();
                problems.push(format!("{name:?} is {found_rows} × {found_cols}, not {rows} × {cols}"));
            }
            Some(tensor) => arranged.push(tensor),
        }
    }
    problems.extend(by_name.keys().map(|name| format!("{name:?} is not a part of the model")));
    if problems.is_empty() { Ok(arranged) } else { Err(problems) }
}
