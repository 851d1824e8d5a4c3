//! A table: the columns of one file, read one after the other into rows.

use std::path::Path;

use bytes::Bytes;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::columns::{self, Columns};
use super::{Parquet, guard};
use crate::error::DataError;

/// Values read at a time.
const BATCH: usize = 1 << 14;
/// More numbers than this in a byte of the file is not data: letters have about one.
const CELLS_A_BYTE: u64 = 256;
/// What even a tiny file may have.
const CELLS_FREE: u64 = 1 << 20;

/// The columns of one file.
pub(super) struct Table {
    /// Columns of pixels.
    pub(super) cols: usize,
    /// [rows, cols]
    pub(super) grid: Grid,
    /// One a row, as they are in the file.
    pub(super) labels: Vec<i64>,
}

/// Pixels, row by row.
pub(super) enum Grid {
    U8(Vec<u8>),
    /// All finite.
    F32(Vec<f32>),
}

impl Grid {
    /// Sets a cell; the first value that is no byte turns all bytes into floats.
    fn set(&mut self, at: usize, value: f64) {
        match self {
            Grid::U8(grid) if value == f64::from(value as u8) => grid[at] = value as u8,
            Grid::U8(grid) => {
                let mut floats: Vec<f32> = grid.iter().map(|byte| f32::from(*byte)).collect();
                floats[at] = value as f32;
                *self = Grid::F32(floats);
            }
            Grid::F32(grid) => grid[at] = value as f32,
        }
    }
}

/// One file, opened.
struct Open<'a> {
    path: &'a Path,
    bytes: Bytes,
    reader: SerializedFileReader<Bytes>,
    rows: usize,
}

/// Reads the columns that `parquet` names. `bytes` have passed [`guard::check_file`].
pub(super) fn read(parquet: &Parquet, path: &Path, bytes: Bytes) -> Result<Table, DataError> {
    let reader = SerializedFileReader::new(bytes.clone()).map_err(|error| damaged(path, &error))?;
    let Columns { label, pixels } =
        columns::find(parquet, path, reader.metadata().file_metadata().schema_descr())?;
    let rows = rows(path, &reader, bytes.len(), pixels.len())?;
    let open = Open { path, bytes, reader, rows };
    let mut labels: Vec<i64> = Vec::new();
    // The labels come first: they prove the number of rows before the grid is reserved.
    open.column(label, |_, _, whole| {
        labels.push(whole);
        Ok(())
    })?;
    let cols = pixels.len();
    let mut grid = Grid::U8(vec![0; rows * cols]);
    for (col, column) in pixels.into_iter().enumerate() {
        open.column(column, |row, value, _| {
            // Beyond the largest f32 is as bad as infinite.
            if !(value as f32).is_finite() {
                let column = open.name(column);
                return Err(DataError::NotFinite { path: path.into(), column, row, value });
            }
            grid.set(row * cols + col, value);
            Ok(())
        })?;
    }
    Ok(Table { cols, grid, labels })
}

/// The number of rows that the row groups announce, where the file can have so many.
fn rows(
    path: &Path,
    reader: &SerializedFileReader<Bytes>,
    bytes: usize,
    cols: usize,
) -> Result<usize, DataError> {
    let groups = reader.metadata().row_groups().iter();
    let rows = groups.map(|group| u64::try_from(group.num_rows()).ok()).sum::<Option<u64>>();
    let most = (bytes as u64).saturating_mul(CELLS_A_BYTE).max(CELLS_FREE);
    let fits = |rows: &u64| rows.checked_mul(cols as u64 + 1).is_some_and(|cells| cells <= most);
    match rows.filter(fits) {
        None => Err(damaged(path, &"its footer announces more rows than the file can hold")),
        Some(0) => Err(damaged(path, &"it has no rows")),
        Some(rows) => Ok(rows as usize),
    }
}

impl Open<'_> {
    fn name(&self, column: usize) -> String {
        self.reader.metadata().file_metadata().schema_descr().column(column).path().string()
    }

    /// Gives each row's value to `take`, as a float and, of a column of whole numbers, as such.
    fn column(
        &self,
        column: usize,
        mut take: impl FnMut(usize, f64, i64) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let mut row = 0;
        for group in 0..self.reader.num_row_groups() {
            let failed = |error: ParquetError| damaged(self.path, &error);
            let rows = self.guard(group, column)?;
            let reader = self.reader.get_row_group(group).map_err(failed)?;
            let values = reader.get_column_reader(column).map_err(failed)?;
            let descriptor = self.reader.metadata().file_metadata().schema_descr().column(column);
            let unsigned = columns::is_unsigned(&descriptor);
            let mut next = |value: Option<(f64, i64)>| {
                let Some((value, whole)) = value else {
                    return Err(DataError::Null { path: self.path.into(), column: self.name(column), row });
                };
                take(row, value, whole)?;
                row += 1;
                Ok(())
            };
            let before = Chunk { path: self.path, rows, descriptor: &descriptor };
            match values {
                ColumnReader::BoolColumnReader(values) => {
                    before.read(values, |value| (f64::from(u8::from(*value)), 0), &mut next)
                }
                ColumnReader::Int32ColumnReader(values) => before.read(
                    values,
                    |value| {
                        let whole = if unsigned { i64::from(*value as u32) } else { i64::from(*value) };
                        (whole as f64, whole)
                    },
                    &mut next,
                ),
                ColumnReader::Int64ColumnReader(values) => before.read(
                    values,
                    |value| (if unsigned { *value as u64 as f64 } else { *value as f64 }, *value),
                    &mut next,
                ),
                ColumnReader::FloatColumnReader(values) => {
                    before.read(values, |value| (f64::from(*value), 0), &mut next)
                }
                ColumnReader::DoubleColumnReader(values) => {
                    before.read(values, |value| (*value, 0), &mut next)
                }
                ColumnReader::Int96ColumnReader(_)
                | ColumnReader::ByteArrayColumnReader(_)
                | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                    Err(damaged(self.path, &"a column is not of the type that its schema says"))
                }
            }?;
        }
        if row == self.rows {
            return Ok(());
        }
        let reason = format!("column `{}` has {row} rows of {}", self.name(column), self.rows);
        Err(damaged(self.path, &reason))
    }

    /// The rows of a group, after its pages have passed the guard.
    fn guard(&self, group: usize, column: usize) -> Result<usize, DataError> {
        let group = self.reader.metadata().row_group(group);
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let chunk = group.columns().get(column).and_then(|chunk| {
            let (start, length) = chunk.byte_range();
            let end = usize::try_from(start.checked_add(length)?).ok()?;
            self.bytes.get(usize::try_from(start).ok()?..end)
        });
        let sound = chunk.and_then(|chunk| guard::check_pages(chunk, rows as u64));
        sound.map(|()| rows).ok_or_else(|| {
            damaged(self.path, &format!("the pages of column `{}` are not well-formed", self.name(column)))
        })
    }
}

/// A column within a row group.
struct Chunk<'a> {
    path: &'a Path,
    rows: usize,
    descriptor: &'a ColumnDescriptor,
}

impl Chunk<'_> {
    /// Reads at most the group's rows; `None` stands for null.
    fn read<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        decode: impl Fn(&T::T) -> (f64, i64),
        take: &mut impl FnMut(Option<(f64, i64)>) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let mut left = self.rows;
        let (mut values, mut levels) = (Vec::with_capacity(self.rows.min(BATCH)), Vec::new());
        while left > 0 {
            values.clear();
            levels.clear();
            let read = reader.read_records(left.min(BATCH), Some(&mut levels), None, &mut values);
            let (records, _, _) = read.map_err(|error| damaged(self.path, &error))?;
            if records == 0 {
                break;
            }
            left -= records;
            let mut values = values.iter().map(&decode);
            for record in 0..records {
                let null = self.descriptor.max_def_level() > 0 && levels.get(record) != Some(&1);
                take(if null { None } else { values.next() })?;
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, reason: &dyn ToString) -> DataError {
    DataError::Damaged { path: path.into(), reason: reason.to_string() }
}
