//! Which predictions and fields the report reads, and how they are stored.

use kiln_data::{Dataset, Field, Values};
use kiln_model::Model;
use kiln_model::model::Section;
use kiln_record::{Array, Predictions};
use kiln_runtime::Evaluation;

/// Heads with class labels, heads that a section shows, and views. All heads where the spec has no
/// report: a default one shows them.
pub(crate) fn outputs(model: &Model) -> Vec<&str> {
    let shown = |name: &str| {
        model.report.is_empty()
            || model.report.iter().any(|section| match section {
                Section::Reconstructions { head, .. }
                | Section::Confusion { head, .. }
                | Section::Classification { head, .. } => head == name,
                Section::Manifold { value, .. } => value == name,
                Section::Curves { .. } | Section::Weights { .. } | Section::Table => false,
            })
    };
    let heads = model.heads.iter().filter(|h| model.classes(&h.target).is_some() || shown(&h.name));
    heads.map(|h| h.name.as_str()).chain(model.views.iter().map(|v| v.name.as_str())).collect()
}

/// Inputs, targets of heads, and classes that colour points; each once.
fn fields(model: &Model) -> Vec<&str> {
    let inputs = model.inputs.iter().map(|i| i.name.as_str());
    let targets = model.heads.iter().map(|h| h.target.as_str());
    let colors = model.report.iter().filter_map(|section| match section {
        Section::Manifold { color, .. } => Some(color.as_str()),
        Section::Curves { .. }
        | Section::Confusion { .. }
        | Section::Classification { .. }
        | Section::Reconstructions { .. }
        | Section::Weights { .. }
        | Section::Table => None,
    });
    let mut names: Vec<&str> = Vec::new();
    for name in inputs.chain(targets).chain(colors) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What an evaluation of `rows` predicted, and what was true.
pub(crate) fn predictions(
    model: &Model,
    data: &Dataset,
    rows: &[u32],
    evaluation: &Evaluation,
) -> Predictions {
    let outputs = evaluation.predictions.iter().map(|p| {
        let dims = [rows.len(), p.columns];
        let target = model.head(&p.name).and_then(|head| data.field(&head.target));
        let array = match target {
            Some(field) if is_picture(field) => Array::u8(dims, p.values.iter().map(|&x| byte(x)).collect()),
            Some(_) | None => Array::f32(dims, p.values.clone()),
        };
        (p.name.clone(), array)
    });
    let fields = fields(model).into_iter().filter_map(|name| data.field(name));
    Predictions {
        ids: rows.iter().map(|&row| i64::from(row)).collect(),
        outputs: outputs.collect(),
        fields: fields.map(|field| (field.name.clone(), rows_of(field, rows))).collect(),
    }
}

/// Bytes that stand for 255ths.
fn is_picture(field: &Field) -> bool {
    match field.values {
        Values::U8 { scale, offset, .. } => scale == 1.0 / 255.0 && offset == 0.0,
        Values::F32(_) | Values::Class { .. } => false,
    }
}

/// A number in 255ths; what is outside of 0 to 1 is cut off.
fn byte(x: f32) -> u8 {
    (x * 255.0).round().clamp(0.0, 255.0) as u8
}

fn rows_of(field: &Field, rows: &[u32]) -> Array {
    let dims = [rows.len(), field.cols];
    let cells = |row: &u32| {
        let first = *row as usize * field.cols;
        first..first + field.cols
    };
    match &field.values {
        Values::Class { data, .. } => {
            Array::i64(rows.iter().map(|&row| i64::from(data[row as usize])).collect())
        }
        Values::U8 { data, .. } if is_picture(field) => {
            Array::u8(dims, rows.iter().flat_map(|row| &data[cells(row)]).copied().collect())
        }
        Values::U8 { .. } | Values::F32(_) => {
            let value = |row: u32| (0..field.cols).map(move |col| field.value(row as usize, col));
            Array::f32(dims, rows.iter().flat_map(|&row| value(row)).collect())
        }
    }
}
