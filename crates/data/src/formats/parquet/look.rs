//! A look at Parquet files: which column is the label, which are numbers, what is left out and why.
//!
//! The label is the column that the user names; or one that is called `label`, `class` and the
//! like; or the one column of few whole numbers among columns of reals; or the first or last
//! column of a table whose other columns are a square picture.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use kiln_diag::suggest;

use super::table::Open;
use super::{caught, columns, guard};
use crate::error::DataError;
use crate::look::{Files, Look, Range, beside};

/// So many rows of each column are looked at.
const ROWS_SAMPLED: usize = 1000;
/// A column whose first part is larger than this, packed, is not looked into.
const PACKED_MAX: u64 = 16 << 20;
/// An index of a class is a byte.
const CLASSES_MAX: usize = 256;
/// A column that only looks like the label has no more different values.
const GUESSED_MAX: usize = 64;
/// What labels are called.
const LABELS: &[&str] = &["label", "labels", "class", "classes", "target", "category", "species", "y"];
/// What the number of a row is called.
const NUMBERS: &[&str] = &["id", "index", "idx", "row", "unnamed: 0", "__index_level_0__"];

/// Looks at tables of the same columns.
pub(crate) fn look(files: &[PathBuf], label: Option<&str>) -> Result<Look, DataError> {
    let (mut test_files, mut files): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|path| files.len() > 1 && beside::is_test(path));
    if files.is_empty() {
        files = std::mem::take(&mut test_files);
    }
    let first = in_file(&files[0], |open| columns_of(open, label))?;
    if let ([only], []) = (&files[..], &test_files[..]) {
        let twin = beside::test_of(only).filter(|twin| in_file(twin, |open| first.rows_of(open)).is_ok());
        test_files.extend(twin);
    }
    let mut labels = BTreeSet::new();
    let mut rows_in = |files: &[PathBuf]| {
        let mut rows = 0;
        for path in files {
            let (more, found) = in_file(path, |open| first.rows_of(open))?;
            rows += more;
            labels.extend(found);
        }
        if labels.len() > CLASSES_MAX { Err(too_many(&files[0], first.label())) } else { Ok(rows) }
    };
    let (rows, test_rows) = (rows_in(&files)?, rows_in(&test_files)?);
    Ok(Look {
        rows,
        test_rows,
        dims: vec![first.pixels.len()],
        labels: first.label.is_some().then(|| labels.into_iter().collect()),
        values: first.values,
        files: Files::Parquet {
            files,
            test_files,
            label: first.label,
            pixels: first.pixels,
            left_out: first.left_out,
        },
    })
}

/// What is what in a table.
struct Columns {
    label: Option<String>,
    pixels: Vec<String>,
    left_out: Vec<(String, String)>,
    values: Range,
}

type Opened<'a> = Open<'a, File>;

/// Opens a file that has passed the guard and lets `work` look at it.
fn in_file<T>(path: &Path, work: impl FnOnce(&Opened<'_>) -> Result<T, DataError>) -> Result<T, DataError> {
    let read = |error| DataError::Read { path: path.into(), error };
    let mut file = File::open(path).map_err(read)?;
    let bytes = file.metadata().map_err(read)?.len();
    guard::check_file(path, &ends(&mut file, bytes).map_err(read)?)?;
    let again = file.try_clone().map_err(read)?;
    let looked = caught::caught(|| {
        let open = Open::new(path, file, again)?;
        open.check_rows(bytes, 0)?;
        work(&open)
    });
    looked.unwrap_or_else(|reason| Err(DataError::Damaged { path: path.into(), reason }))
}

/// The first bytes of a file and its footer: all that the guard looks at.
fn ends(file: &mut File, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut ends = Vec::new();
    file.take(4).read_to_end(&mut ends)?;
    let last = bytes.saturating_sub(4).min(8);
    file.seek(SeekFrom::End(-(last as i64)))?;
    let mut tail = Vec::new();
    file.take(last).read_to_end(&mut tail)?;
    let footer = tail.first_chunk::<4>().map_or(0, |length| u64::from(u32::from_le_bytes(*length)));
    let rest = (footer + last).min(bytes.saturating_sub(4));
    file.seek(SeekFrom::End(-(rest as i64)))?;
    file.take(rest).read_to_end(&mut ends)?;
    Ok(ends)
}

impl Columns {
    fn label(&self) -> &str {
        self.label.as_deref().unwrap_or_default()
    }

    /// The rows of a file that has these columns, and its labels.
    fn rows_of(&self, open: &Opened<'_>) -> Result<(usize, BTreeSet<u32>), DataError> {
        let names: Vec<String> = (0..open.schema().num_columns()).map(|column| open.name(column)).collect();
        for wanted in self.pixels.iter().chain(&self.label) {
            place(open, &names, wanted)?;
        }
        let labels = match &self.label {
            Some(label) => labels(open, place(open, &names, label)?)?,
            None => BTreeSet::new(),
        };
        Ok((open.rows(), labels))
    }
}

fn columns_of(open: &Opened<'_>, label: Option<&str>) -> Result<Columns, DataError> {
    let count = open.schema().num_columns();
    let names: Vec<String> = (0..count).map(|column| open.name(column)).collect();
    let label = match label {
        Some(label) => Some(place(open, &names, label)?),
        None => named(open, &names)?,
    };
    if let Some(label) = label {
        columns::check_label(open.path(), &open.schema().column(label))?;
        labels(open, label)?;
    }
    let (mut pixels, mut left_out, mut values) = (Vec::new(), Vec::new(), Range::NOTHING);
    for column in (0..count).filter(|column| Some(*column) != label) {
        match numbers(open, column, &names[column])? {
            Ok(range) => {
                pixels.push(column);
                values = values.with(range.low).with(range.high);
                values.whole &= range.whole;
            }
            Err(why) => left_out.push((names[column].clone(), why)),
        }
    }
    let label = label.or_else(|| guessed(open, &pixels));
    pixels.retain(|column| Some(*column) != label);
    if pixels.is_empty() {
        return Err(DataError::NoNumbers { path: open.path().into() });
    }
    let name = |column: usize| names[column].clone();
    Ok(Columns {
        label: label.map(name),
        pixels: pixels.into_iter().map(name).collect(),
        left_out,
        values: if values.low <= values.high { values } else { Range { low: 0.0, high: 1.0, whole: false } },
    })
}

fn place(open: &Opened<'_>, names: &[String], wanted: &str) -> Result<usize, DataError> {
    names.iter().position(|name| name == wanted).ok_or_else(|| DataError::Column {
        path: open.path().into(),
        column: wanted.into(),
        suggestion: suggest(wanted, names.iter().map(String::as_str)).map(str::to_owned),
    })
}

/// The column that is called as labels are; what is called `y` may as well be a coordinate.
fn named(open: &Opened<'_>, names: &[String]) -> Result<Option<usize>, DataError> {
    let called = |wanted: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let Some((name, column)) = LABELS.iter().find_map(|name| Some((*name, called(name)?))) else {
        return Ok(None);
    };
    if name == "y" {
        let fits = columns::check_label(open.path(), &open.schema().column(column)).is_ok();
        return Ok((fits && labels(open, column).is_ok()).then_some(column));
    }
    Ok(Some(column))
}

/// The column that looks like the label, among columns of numbers.
fn guessed(open: &Opened<'_>, numbers: &[usize]) -> Option<usize> {
    let is_whole = |column: &&usize| columns::is_integer(&open.schema().column(**column));
    let is_label = |column: &&usize| {
        let found = labels(open, **column);
        // Classes follow each other and have members.
        found.is_ok_and(|labels| {
            let between = labels.last().zip(labels.first()).map_or(0, |(last, first)| last - first + 1);
            labels.len() <= GUESSED_MAX
                && between as usize <= 2 * labels.len()
                && labels.len() * 2 <= open.rows()
        })
    };
    let whole: Vec<&usize> = numbers.iter().filter(is_whole).collect();
    if let ([only], true) = (&whole[..], numbers.len() > 1) {
        return Some(**only).filter(|column| is_label(&column));
    }
    let rest = numbers.len().checked_sub(1)?;
    if whole.len() < numbers.len() || rest < 16 || rest.isqrt().pow(2) != rest {
        return None;
    }
    [numbers.first()?, numbers.last()?].into_iter().find(is_label).copied()
}

/// The labels of a column, of which there are 2 to 256.
fn labels(open: &Opened<'_>, column: usize) -> Result<BTreeSet<u32>, DataError> {
    let mut found = BTreeSet::new();
    let name = || open.name(column);
    open.column(column, &mut |row, cell| {
        let (_, whole) = cell.ok_or_else(|| open.null(column, row))?;
        let label = u32::try_from(whole).map_err(|_| DataError::NoLabel {
            path: open.path().into(),
            column: name(),
            reason: format!("row {row} is {whole}, and labels are numbers from 0"),
        })?;
        found.insert(label);
        if found.len() > CLASSES_MAX { Err(too_many(open.path(), &name())) } else { Ok(()) }
    })?;
    if found.len() < 2 {
        let reason = "it is the same in every row".to_owned();
        return Err(DataError::NoLabel { path: open.path().into(), column: name(), reason });
    }
    Ok(found)
}

fn too_many(path: &Path, column: &str) -> DataError {
    let reason = format!("it has more than {CLASSES_MAX} different values");
    DataError::NoLabel { path: path.into(), column: column.into(), reason }
}

/// The bounds of a column's first numbers, or why it is left out.
fn numbers(open: &Opened<'_>, column: usize, name: &str) -> Result<Result<Range, String>, DataError> {
    let descriptor = open.schema().column(column);
    if !columns::is_flat(&descriptor) || !columns::is_number(&descriptor) {
        return Ok(Err(columns::described(&descriptor)));
    }
    if NUMBERS.iter().any(|number| name.eq_ignore_ascii_case(number)) {
        return Ok(Err("by its name the number of the row".into()));
    }
    let (mut range, mut bad) = (Range::NOTHING, None);
    if open.packed_bytes(column) <= PACKED_MAX {
        let mut rows = 0;
        for group in 0..open.groups().min(8) {
            rows += open.chunk(group, column, ROWS_SAMPLED - rows, &mut |row, cell| {
                match cell {
                    Some((value, _)) if (value as f32).is_finite() => range = range.with(value),
                    Some((value, _)) => bad = bad.take().or(Some(format!("row {row} is {value}"))),
                    None => bad = bad.take().or(Some(format!("row {row} is null"))),
                }
                Ok(())
            })?;
            if rows == ROWS_SAMPLED {
                break;
            }
        }
    }
    Ok(bad.map_or(Ok(range), Err))
}
