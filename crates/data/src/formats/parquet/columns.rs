//! Columns: those asked for, found in the file's schema and checked to be numbers.

use std::path::Path;

use kiln_diag::suggest;
use parquet::basic::{ConvertedType, Type};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::{Parquet, PixelColumns};
use crate::error::DataError;

/// Columns by their place in the file.
pub(super) struct Columns {
    pub(super) label: Option<usize>,
    /// In the order of a sample.
    pub(super) pixels: Vec<usize>,
}

/// Finds the columns that `parquet` names.
pub(super) fn find(parquet: &Parquet, path: &Path, schema: &SchemaDescriptor) -> Result<Columns, DataError> {
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let place = |name: &str| {
        names.iter().position(|column| column == name).ok_or_else(|| DataError::Column {
            path: path.into(),
            column: name.into(),
            suggestion: suggest(name, names.iter().map(String::as_str)).map(str::to_owned),
        })
    };
    let label = parquet.label.as_deref().map(place).transpose()?;
    let pixels: Vec<usize> = match &parquet.pixels {
        PixelColumns::Others => (0..names.len()).filter(|column| Some(*column) != label).collect(),
        PixelColumns::Range(first, last) => {
            let (first, last) = (place(first)?, place(last)?);
            (first.min(last)..=first.max(last)).collect()
        }
        PixelColumns::Names(wanted) => wanted.iter().map(|name| place(name)).collect::<Result<_, _>>()?,
    };
    if pixels.is_empty() {
        return Err(DataError::NoPixels { path: path.into() });
    }
    if let Some(label) = label {
        check_label(path, &schema.column(label))?;
    }
    for column in &pixels {
        check(path, &schema.column(*column), "a pixel", "a number", is_number)?;
    }
    Ok(Columns { label, pixels })
}

/// Whether a column can be the label.
pub(super) fn check_label(path: &Path, column: &ColumnDescriptor) -> Result<(), DataError> {
    check(path, column, "the label", "a whole number", is_integer)
}

fn check(
    path: &Path,
    column: &ColumnDescriptor,
    role: &'static str,
    wanted: &'static str,
    is_right: impl Fn(&ColumnDescriptor) -> bool,
) -> Result<(), DataError> {
    if is_flat(column) && is_right(column) {
        return Ok(());
    }
    let found = described(column);
    Err(DataError::ColumnType { path: path.into(), column: column.path().string(), found, role, wanted })
}

/// One level of definition is a column that may be null; more, or repetition, is a nested one.
pub(super) fn is_flat(column: &ColumnDescriptor) -> bool {
    column.max_rep_level() == 0 && column.max_def_level() <= 1
}

/// The type, for people.
pub(super) fn described(column: &ColumnDescriptor) -> String {
    match column.converted_type() {
        _ if !is_flat(column) => "list or struct".into(),
        ConvertedType::NONE => column.physical_type().to_string(),
        converted => format!("{} ({converted})", column.physical_type()),
    }
}

/// What can be a pixel.
pub(super) fn is_number(column: &ColumnDescriptor) -> bool {
    is_integer(column) || is_float(column)
}

/// Whole numbers, but for those that stand for something else: dates, times, decimals.
pub(super) fn is_integer(column: &ColumnDescriptor) -> bool {
    let plain = matches!(
        column.converted_type(),
        ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
    );
    let whole = matches!(column.physical_type(), Type::INT32 | Type::INT64);
    // Newer logical types, such as a time in nanoseconds, have no converted type.
    let meant = column
        .logical_type_ref()
        .is_none_or(|meaning| matches!(meaning, parquet::basic::LogicalType::Integer { .. }));
    whole && meant && (plain || is_unsigned(column))
}

/// Whole numbers stored as if they had a sign.
pub(super) fn is_unsigned(column: &ColumnDescriptor) -> bool {
    matches!(
        column.converted_type(),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
    )
}

fn is_float(column: &ColumnDescriptor) -> bool {
    matches!(column.physical_type(), Type::FLOAT | Type::DOUBLE | Type::BOOLEAN)
}
