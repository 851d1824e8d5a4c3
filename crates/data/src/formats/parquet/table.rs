//! A table: the columns of one file, read one after the other into rows.

use std::path::Path;

use bytes::Bytes;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::columns::{self, Columns};
use super::{Parquet, guard};
use crate::error::DataError;

/// Values read at a time.
const BATCH: usize = 1 << 14;
/// More numbers than this in a byte of the file is not data: letters have about one.
const CELLS_A_BYTE: u64 = 256;
/// What even a tiny file may have.
const CELLS_FREE: u64 = 1 << 20;
const TOO_MANY: &str = "its footer announces more rows than the file can hold";

/// The columns of one file.
pub(super) struct Table {
    pub(super) rows: usize,
    /// Columns of pixels.
    pub(super) cols: usize,
    /// [rows, cols]
    pub(super) grid: Grid,
    /// One a row, as they are in the file, which may have none.
    pub(super) labels: Option<Vec<i64>>,
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

/// One file, opened: all of it in memory, or on disk.
pub(super) struct Open<'a, R: ChunkReader + 'static> {
    path: &'a Path,
    source: R,
    reader: SerializedFileReader<R>,
    /// As the row groups announce.
    rows: usize,
}

/// A value as a float and, of a column of whole numbers, as such; `None` is null.
pub(super) type Cell = Option<(f64, i64)>;

/// Reads the columns that `parquet` names. `bytes` have passed [`guard::check_file`].
pub(super) fn read(parquet: &Parquet, path: &Path, bytes: Bytes) -> Result<Table, DataError> {
    let open = Open::new(path, bytes.clone(), bytes.clone())?;
    let Columns { label, pixels } = columns::find(parquet, path, open.schema())?;
    let (rows, cols) = (open.rows, pixels.len());
    open.check_rows(bytes.len() as u64, cols)?;
    // What is read first proves the number of rows before the grid is reserved.
    let labels = match label {
        Some(label) => Some(open.labels(label)?),
        None => {
            open.column(pixels[0], &mut |_, _| Ok(()))?;
            None
        }
    };
    let mut grid = Grid::U8(vec![0; rows * cols]);
    for (col, column) in pixels.into_iter().enumerate() {
        open.column(column, &mut |row, cell| {
            let (value, _) = cell.ok_or_else(|| open.null(column, row))?;
            // Beyond the largest f32 is as bad as infinite.
            if !(value as f32).is_finite() {
                let column = open.name(column);
                return Err(DataError::NotFinite { path: path.into(), column, row, value });
            }
            grid.set(row * cols + col, value);
            Ok(())
        })?;
    }
    Ok(Table { rows, cols, grid, labels })
}

impl<'a, R: ChunkReader + 'static> Open<'a, R> {
    /// `source` twice, since the library keeps the one that it is given. It has passed the guard.
    pub(super) fn new(path: &'a Path, source: R, again: R) -> Result<Open<'a, R>, DataError> {
        let reader = SerializedFileReader::new(source).map_err(|error| damaged(path, &error))?;
        let groups = reader.metadata().row_groups().iter();
        let rows = groups.map(|group| u32::try_from(group.num_rows()).ok()).map(|rows| rows.map(u64::from));
        match rows.sum::<Option<u64>>().and_then(|rows| usize::try_from(rows).ok()) {
            None => Err(damaged(path, &TOO_MANY)),
            Some(0) => Err(damaged(path, &"it has no rows")),
            Some(rows) => Ok(Open { path, source: again, reader, rows }),
        }
    }

    pub(super) fn path(&self) -> &'a Path {
        self.path
    }

    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// How many rows the row groups announce.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn schema(&self) -> &SchemaDescriptor {
        self.reader.metadata().file_metadata().schema_descr()
    }

    pub(super) fn name(&self, column: usize) -> String {
        self.schema().column(column).path().string()
    }

    pub(super) fn null(&self, column: usize, row: usize) -> DataError {
        DataError::Null { path: self.path.into(), column: self.name(column), row }
    }

    /// Whether a file of so many bytes can have so many cells.
    pub(super) fn check_rows(&self, bytes: u64, cols: usize) -> Result<(), DataError> {
        let most = bytes.saturating_mul(CELLS_A_BYTE).max(CELLS_FREE);
        let cells = (self.rows as u64).checked_mul(cols as u64 + 1);
        let fits = cells.is_some_and(|cells| cells <= most);
        if fits { Ok(()) } else { Err(damaged(self.path, &TOO_MANY)) }
    }

    fn labels(&self, column: usize) -> Result<Vec<i64>, DataError> {
        let mut labels = Vec::new();
        self.column(column, &mut |row, cell| {
            labels.push(cell.ok_or_else(|| self.null(column, row))?.1);
            Ok(())
        })?;
        Ok(labels)
    }

    /// Gives the value of each row to `take`.
    pub(super) fn column(
        &self,
        column: usize,
        take: &mut dyn FnMut(usize, Cell) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let mut row = 0;
        for group in 0..self.reader.num_row_groups() {
            row += self.chunk(group, column, usize::MAX, &mut |at, cell| take(row + at, cell))?;
        }
        if row == self.rows {
            return Ok(());
        }
        let reason = format!("column `{}` has {row} rows of {}", self.name(column), self.rows);
        Err(damaged(self.path, &reason))
    }

    /// Gives the values of the first `most` rows of a row group to `take`; tells how many there were.
    pub(super) fn chunk(
        &self,
        group: usize,
        column: usize,
        most: usize,
        take: &mut dyn FnMut(usize, Cell) -> Result<(), DataError>,
    ) -> Result<usize, DataError> {
        let failed = |error: ParquetError| damaged(self.path, &error);
        let rows = self.guard(group, column)?.min(most);
        let reader = self.reader.get_row_group(group).map_err(failed)?;
        let values = reader.get_column_reader(column).map_err(failed)?;
        let descriptor = self.schema().column(column);
        let unsigned = columns::is_unsigned(&descriptor);
        let chunk = Chunk { path: self.path, rows, descriptor: &descriptor };
        match values {
            ColumnReader::BoolColumnReader(values) => {
                chunk.read(values, |value| (f64::from(u8::from(*value)), 0), take)
            }
            ColumnReader::Int32ColumnReader(values) => chunk.read(
                values,
                |value| {
                    let whole = if unsigned { i64::from(*value as u32) } else { i64::from(*value) };
                    (whole as f64, whole)
                },
                take,
            ),
            ColumnReader::Int64ColumnReader(values) => chunk.read(
                values,
                |value| (if unsigned { *value as u64 as f64 } else { *value as f64 }, *value),
                take,
            ),
            ColumnReader::FloatColumnReader(values) => {
                chunk.read(values, |value| (f64::from(*value), 0), take)
            }
            ColumnReader::DoubleColumnReader(values) => chunk.read(values, |value| (*value, 0), take),
            ColumnReader::Int96ColumnReader(_)
            | ColumnReader::ByteArrayColumnReader(_)
            | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(damaged(self.path, &"a column is not of the type that its schema says"))
            }
        }
    }

    /// The bytes of a column in the first row group, packed, as the footer tells.
    pub(super) fn packed_bytes(&self, column: usize) -> u64 {
        let group = self.reader.metadata().row_groups().first();
        let chunk = group.and_then(|group| group.columns().get(column));
        chunk.map_or(0, |chunk| u64::try_from(chunk.compressed_size()).unwrap_or(u64::MAX))
    }

    /// The rows of a group, after its pages have passed the guard.
    fn guard(&self, group: usize, column: usize) -> Result<usize, DataError> {
        let group = self.reader.metadata().row_group(group);
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let chunk = group.columns().get(column).and_then(|chunk| {
            let (start, length) = chunk.byte_range();
            // The library reserves what it is asked for.
            (start.checked_add(length)? <= self.source.len()).then_some(())?;
            self.source.get_bytes(start, usize::try_from(length).ok()?).ok()
        });
        let sound = chunk.and_then(|chunk| guard::check_pages(&chunk, rows as u64));
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
    /// Reads at most `rows` rows, and tells how many there were.
    fn read<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        decode: impl Fn(&T::T) -> (f64, i64),
        take: &mut dyn FnMut(usize, Cell) -> Result<(), DataError>,
    ) -> Result<usize, DataError> {
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
            let begin = self.rows - left;
            left -= records;
            let mut values = values.iter().map(&decode);
            for record in 0..records {
                let null = self.descriptor.max_def_level() > 0 && levels.get(record) != Some(&1);
                take(begin + record, if null { None } else { values.next() })?;
            }
        }
        Ok(self.rows - left)
    }
}

fn damaged(path: &Path, reason: &dyn ToString) -> DataError {
    DataError::Damaged { path: path.into(), reason: reason.to_string() }
}
