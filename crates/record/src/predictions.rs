//! `predictions/`: what the model says of the test rows, and what was true.
//!
//! One `.npy` file each: `ids.npy` (the samples' numbers in the data), `output.<name>.npy`
//! for each head or layer that the report asks for, `field.<name>.npy` for the data's
//! fields that they are compared with (a field is stored once, however many heads use it).
//! All have the same rows in the same order. `ids.npy` is written last: where it is, the
//! others are whole.
//!
//! Class labels are `i64` or `u8`; class heads are `f32` with a column a class; pictures
//! and their reconstructions may be `u8`, then they are 255ths.

use crate::error::{Problem, RecordError};
use crate::file;
use crate::npy::{Array, Elements};
use std::fs;
use std::path::{Path, PathBuf};

const OUTPUT: &str = "output.";
const FIELD: &str = "field.";

/// Predictions and truth on the test rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictions {
    /// The samples' numbers in the data, `[rows]`.
    pub ids: Vec<i64>,
    /// By head or layer: `[rows, columns]`.
    pub outputs: Vec<(String, Array)>,
    /// By field of the data: `[rows]` or `[rows, columns]`.
    pub fields: Vec<(String, Array)>,
}

impl Predictions {
    /// The output with this name.
    pub fn output(&self, name: &str) -> Option<&Array> {
        self.outputs.iter().find(|(n, _)| n == name).map(|(_, array)| array)
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Array> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, array)| array)
    }

    /// Writes the files into `folder`, which is made where it is missing. Files of outputs
    /// that are no longer there are removed.
    ///
    /// Errors: [`Problem::Write`]; [`Problem::Unwritable`] for arrays of unequal rows or a
    /// name that cannot be a file's.
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), RecordError> {
        let folder = folder.as_ref();
        let unwritable = |why: String| RecordError::new(folder, Problem::Unwritable(why));
        let mut files: Vec<(String, &Array)> = Vec::new();
        for (prefix, arrays) in [(OUTPUT, &self.outputs), (FIELD, &self.fields)] {
            for (name, array) in arrays {
                if array.rows() != self.ids.len() {
                    return Err(unwritable(format!(
                        "{} rows of {name:?} for {} ids",
                        array.rows(),
                        self.ids.len()
                    )));
                }
                let fits = |c: char| c.is_alphanumeric() || ['_', '.', '-'].contains(&c);
                if name.is_empty() || !name.chars().all(fits) {
                    return Err(unwritable(format!("an array named {name:?}")));
                }
                files.push((format!("{prefix}{name}.npy"), array));
            }
        }
        file::make_folder(folder)?;
        remove_all(folder)?;
        for (name, array) in files {
            array.save(folder.join(name))?;
        }
        Array::i64(self.ids.clone()).save(ids_path(folder))
    }

    /// Reads the files in `folder`, outputs and fields each sorted by name.
    ///
    /// Errors: a file is missing or damaged, or the files disagree about the rows.
    pub fn load(folder: impl AsRef<Path>) -> Result<Predictions, RecordError> {
        let folder = folder.as_ref();
        let path = ids_path(folder);
        let Array { elements: Elements::I64(ids), .. } = Array::load(&path)? else {
            return Err(RecordError::new(path, Problem::Damaged("ids are not 64-bit integers".to_owned())));
        };
        let mut predictions = Predictions { ids, ..Predictions::default() };
        for (path, name) in npy_files(folder)? {
            let list = if let Some(name) = name.strip_prefix(OUTPUT) {
                Some((&mut predictions.outputs, name))
            } else {
                name.strip_prefix(FIELD).map(|name| (&mut predictions.fields, name))
            };
            let Some((list, name)) = list else { continue };
            let array = Array::load(&path)?;
            if array.rows() != predictions.ids.len() {
                let why = format!("{} rows, ids.npy has {}", array.rows(), predictions.ids.len());
                return Err(RecordError::new(path, Problem::Damaged(why)));
            }
            list.push((name.to_owned(), array));
        }
        Ok(predictions)
    }
}

fn ids_path(folder: &Path) -> PathBuf {
    folder.join("ids.npy")
}

/// Paths and names without `.npy`, sorted.
fn npy_files(folder: &Path) -> Result<Vec<(PathBuf, String)>, RecordError> {
    let failed = |error| RecordError::new(folder, Problem::Read(error));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".npy")) {
            let name = name.to_owned();
            files.push((path, name));
        }
    }
    files.sort();
    Ok(files)
}

/// Removes the arrays of an earlier save, `ids.npy` first: without it the rest does not count.
fn remove_all(folder: &Path) -> Result<(), RecordError> {
    let mut files = npy_files(folder)?;
    files.sort_by_key(|(_, name)| name != "ids");
    for (path, _) in files {
        fs::remove_file(&path).map_err(|error| RecordError::new(path, Problem::Write(error)))?;
    }
    Ok(())
}
