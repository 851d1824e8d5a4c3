//! Parquet: tables with a column of labels and columns of pixels.
//!
//! In: files, and which columns are what. Out: pixels and classes. Each file takes three
//! steps, one file each: its structure is checked before the library allocates by it
//! (`guard`), the columns are found by name (`columns`), and they are read one after
//! the other into rows (`table`). The library's panics become errors (`caught`).
//!
//! Columns of whole numbers that are all 0 to 255 stay bytes; others become f32.

mod caught;
mod columns;
mod guard;
mod look;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::classes::Selection;
use super::{Classes, Pixels, Samples};
use crate::error::DataError;
use crate::fingerprint::hash_pixels;
use crate::paths::{DATA_DIR, Paths};
use table::{Grid, Table};

pub(crate) use look::look;

/// Tables of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parquet {
    /// Files to train on, or all files; at least one. Rows follow each other.
    pub files: Vec<String>,
    /// Files to test on, for [`Split::Given`](crate::Split::Given).
    pub test_files: Vec<String>,
    /// The column of labels: whole numbers; there may be none.
    pub label: Option<String>,
    /// The columns of pixels: numbers.
    pub pixels: PixelColumns,
    /// Extents of one sample, such as `[28, 28]`; empty for one extent, the number of columns.
    pub dims: Vec<usize>,
    /// Which labels are classes.
    pub classes: Classes,
    /// Names of the classes; empty, or one each.
    pub names: Vec<String>,
}

/// Which columns are pixels, in the order of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PixelColumns {
    /// All but the column of labels, in the order of the file.
    Others,
    /// From one name to another, both included, in the order of the file.
    Range(String, String),
    /// These names.
    Names(Vec<String>),
}

pub(crate) fn read(parquet: &Parquet, paths: &Paths) -> Result<Samples, DataError> {
    parquet.classes.check(&parquet.names)?;
    let mut all: Vec<(Table, Selection)> = Vec::new();
    let mut first: Option<(PathBuf, usize)> = None;
    for name in parquet.files.iter().chain(&parquet.test_files) {
        let path = paths.find(name).ok_or_else(|| missing(name, paths))?;
        let table = read_file(parquet, &path)?;
        let (first, cols) = first.get_or_insert_with(|| (path.clone(), table.cols));
        if *cols != table.cols {
            let (found, wanted) = (vec![table.cols], vec![*cols]);
            return Err(DataError::Extents { path, found, first: first.clone(), wanted });
        }
        let selection = match &table.labels {
            Some(labels) => parquet.classes.select(&path, labels)?,
            None => Selection::without_labels(table.rows),
        };
        all.push((table, selection));
    }
    let (_, cols) = first.ok_or(DataError::NoFiles)?;
    let dims = if parquet.dims.is_empty() { vec![cols] } else { parquet.dims.clone() };
    let extent = dims.iter().try_fold(1usize, |product, extent| product.checked_mul(*extent));
    if extent != Some(cols) {
        return Err(DataError::Dims { columns: cols, dims });
    }
    let rows_before = |(_, selection): &(Table, Selection)| selection.labels.len();
    let train_rows: usize = all.iter().take(parquet.files.len()).map(rows_before).sum();
    let labels: Vec<u8> = all.iter().flat_map(|(_, selection)| &selection.labels).copied().collect();
    let pixels = joined(all);
    Ok(Samples {
        pixels_hash: hash_pixels(&pixels),
        pixels,
        dims,
        n_classes: if parquet.label.is_some() { parquet.classes.count(&labels) } else { 0 },
        labels: Arc::from(labels),
        classes: parquet.names.clone(),
        train_rows: (!parquet.test_files.is_empty()).then_some(train_rows),
    })
}

fn missing(name: &str, paths: &Paths) -> DataError {
    let hint = format!("name the folder that has it with `--data-dir` or the variable {DATA_DIR}");
    DataError::Missing { file: name.into(), folders: paths.data.clone(), hint }
}

fn read_file(parquet: &Parquet, path: &Path) -> Result<Table, DataError> {
    let bytes = fs::read(path).map_err(|error| DataError::Read { path: path.into(), error })?;
    guard::check_file(path, &bytes)?;
    caught::caught(|| table::read(parquet, path, bytes.into()))
        .unwrap_or_else(|reason| Err(DataError::Damaged { path: path.into(), reason }))
}

/// The rows kept of all tables, one after the other; bytes if all are bytes.
fn joined(tables: Vec<(Table, Selection)>) -> Pixels {
    let mut bytes: Vec<u8> = Vec::new();
    let mut floats: Option<Vec<f32>> = None;
    for (table, selection) in tables {
        let cells = selection.rows.iter().map(|row| *row as usize * table.cols).map(|at| at..at + table.cols);
        match (&table.grid, &mut floats) {
            (Grid::U8(grid), None) => cells.for_each(|row| bytes.extend(&grid[row])),
            (Grid::U8(grid), Some(floats)) => {
                cells.for_each(|row| floats.extend(grid[row].iter().map(|byte| f32::from(*byte))));
            }
            (Grid::F32(grid), floats) => {
                let floats =
                    floats.get_or_insert_with(|| bytes.iter().map(|byte| f32::from(*byte)).collect());
                cells.for_each(|row| floats.extend(&grid[row]));
            }
        }
    }
    floats.map_or_else(|| Pixels::U8(Arc::from(bytes)), |floats| Pixels::F32(Arc::from(floats)))
}
