//! The data set as kernels read it, and single rows of it as metrics read them.

use crate::error::RuntimeError;
use crate::session::Session;
use crate::settings::Head;
use kiln_codegen::FieldData;
use kiln_data::{Dataset, Field, Values};

/// Every field, for a job.
pub(crate) fn field_data(data: &Dataset) -> Vec<(&str, FieldData<'_>)> {
    let of = |values| match values {
        &Values::U8 { ref data, scale, offset } => FieldData::U8 { data, scale, offset },
        Values::F32(data) => FieldData::F32(data),
        // A class index is its byte.
        Values::Class { data, .. } => FieldData::U8 { data, scale: 1.0, offset: 0.0 },
    };
    data.fields.iter().map(|f| (f.name.as_str(), of(&f.values))).collect()
}

/// That the data has what an entry and the heads read.
pub(crate) fn check(
    session: &Session,
    entry: usize,
    data: &Dataset,
    heads: &[Head],
) -> Result<(), RuntimeError> {
    for input in &session.program().schedule().entries[entry].inputs {
        let field = field(data, &input.name)?;
        let wanted = input.shape.cols as usize;
        if field.cols != wanted {
            let (data, field_name) = (data.name.clone(), field.name.clone());
            return Err(RuntimeError::Columns { data, field: field_name, wanted, found: field.cols });
        }
    }
    for head in heads {
        let field = field(data, &head.target)?;
        if let Values::Class { classes, .. } = field.values
            && classes > head.columns
        {
            return Err(RuntimeError::Classes {
                data: data.name.clone(),
                field: field.name.clone(),
                head: head.name.clone(),
                wanted: head.columns,
                found: classes,
            });
        }
    }
    Ok(())
}

/// The field of this name.
pub(crate) fn field<'a>(data: &'a Dataset, name: &str) -> Result<&'a Field, RuntimeError> {
    let missing = || RuntimeError::NoField { data: data.name.clone(), field: name.to_owned() };
    data.field(name).ok_or_else(missing)
}

/// One row of a field, decoded as a kernel would.
pub(crate) fn read_row(field: &Field, row: usize, into: &mut Vec<f32>) {
    into.clear();
    let range = row * field.cols..(row + 1) * field.cols;
    match &field.values {
        Values::U8 { data, scale, offset } => {
            into.extend(data[range].iter().map(|&byte| f32::from(byte) * scale + offset));
        }
        Values::F32(data) => into.extend_from_slice(&data[range]),
        Values::Class { data, .. } => into.push(f32::from(data[row])),
    }
}
