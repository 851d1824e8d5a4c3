//! Figures of pictures: reconstructions, samples taken for something else, first-layer weights.

use super::load::{ClassHead, Run};
use crate::plots::{DrawingError, Figure, Tile, TileRow, tile_rows};
use crate::tables::history::number;
use kiln_record::{Array, Weights};

/// Samples of a pair of classes: as many as are as wide as a plot.
const EXAMPLES: usize = 7;

/// The most pictures in a row, whatever the spec says: more would be too small to see.
const COLUMNS: usize = 16;

/// Originals over what each run made of them, for the same samples. `None` where no run
/// has such a head, or its field is no picture.
///
/// Errors: the backend's.
pub(super) fn reconstructions(
    title: &str,
    runs: &[&Run],
    head: Option<&str>,
    columns: usize,
    of_each_class: bool,
) -> Result<Option<Figure>, DrawingError> {
    let Some((first, (_, _, originals))) =
        runs.iter().find_map(|run| Some((*run, run.reconstruction(head)?)))
    else {
        return Ok(None);
    };
    let ids = ids(first);
    let columns = columns.clamp(1, COLUMNS);
    let chosen: Vec<i64> = if of_each_class {
        one_of_each(first, columns).iter().filter_map(|&row| ids.get(row).copied()).collect()
    } else {
        ids.iter().take(columns).copied().collect()
    };
    let mut rows = Vec::new();
    if let Some(size) = size_of(first, head) {
        rows.push(row("original", tiles(originals, &ids, &chosen, size)));
        for run in runs {
            if let Some((_, output, _)) = run.reconstruction(head) {
                let error = run
                    .squared_error_of(head)
                    .map_or_else(String::new, |error| format!(", mean squared error {}", number(error)));
                let words = format!("{}{error}", run.name());
                rows.push(row(&words, tiles(output, &self::ids(run), &chosen, size)));
            }
        }
    }
    if rows.len() < 2 {
        return Ok(None);
    }
    let description =
        format!("{} test samples, and what each of {} runs made of them.", chosen.len(), rows.len() - 1);
    tile_rows(title, &description, &rows).map(Some)
}

/// The samples that a run reconstructs worst, or best, with their squared errors.
///
/// Errors: the backend's.
pub(super) fn extremes(
    title: &str,
    run: &Run,
    head: Option<&str>,
    columns: usize,
    worst: bool,
) -> Result<Option<Figure>, DrawingError> {
    let (Some((_, output, field)), Some(size)) = (run.reconstruction(head), size_of(run, head)) else {
        return Ok(None);
    };
    let mut errors: Vec<(usize, f64)> =
        (0..output.rows()).map(|r| (r, squared_error(output, field, r))).collect();
    errors.sort_by(|a, b| if worst { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) });
    errors.truncate(columns.clamp(1, COLUMNS));
    let ids = ids(run);
    let chosen: Vec<i64> = errors.iter().filter_map(|(row, _)| ids.get(*row).copied()).collect();
    let captions = errors.iter().map(|(_, error)| format!("{error:.4}")).collect();
    let rows = [
        row("original", tiles(field, &ids, &chosen, size)),
        TileRow { captions, ..row("reconstruction, mean squared error", tiles(output, &ids, &chosen, size)) },
    ];
    let which = if worst { "worst" } else { "best" };
    let description = format!(
        "The {} samples that are reconstructed {which}, with their mean squared errors.",
        chosen.len()
    );
    tile_rows(title, &description, &rows).map(Some)
}

/// The pairs of classes that are confused most often, each with examples.
///
/// Errors: the backend's.
pub(super) fn confused_pairs(
    title: &str,
    run: &Run,
    head: &ClassHead,
) -> Result<Option<Figure>, DrawingError> {
    let Some((field, array)) = run.predictions.as_ref().ok().and_then(|p| {
        p.fields
            .iter()
            .find(|(name, array)| array.columns() > 1 && run.picture_size(name, array.columns()).is_some())
    }) else {
        return Ok(None);
    };
    let Some(size) = run.picture_size(field, array.columns()) else { return Ok(None) };
    let ids = ids(run);
    let name = |class: usize| head.confusion.names().get(class).map_or("", String::as_str);
    let pairs = head.confusion.most_confused();
    let rows: Vec<TileRow> = pairs
        .iter()
        .take(5)
        .map(|pair| {
            let of_pair = |r: &usize| head.targets[*r] == pair.truth && head.predicted[*r] == pair.predicted;
            let examples = (0..head.targets.len()).filter(of_pair).take(EXAMPLES);
            let chosen: Vec<i64> = examples.filter_map(|r| ids.get(r).copied()).collect();
            let times = format!("{} taken for {}: {}", name(pair.truth), name(pair.predicted), pair.count);
            row(&times, tiles(array, &ids, &chosen, size))
        })
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    tile_rows(title, &format!("Test samples of the most confused pairs: {}.", labels.join("; ")), &rows)
        .map(Some)
}

/// The kernel of a layer that reads a picture, `columns` tiles in a row, for each of its first
/// units up to `most`: light is negative, dark positive, the middle grey zero.
///
/// Errors: the backend's.
pub(super) fn layer_weights(
    title: &str,
    run: &Run,
    weights: &Weights,
    layer: &str,
    [columns, most]: [usize; 2],
) -> Result<Option<Figure>, DrawingError> {
    let Some(kernel) = weights.get(&format!("{layer}.kernel")) else { return Ok(None) };
    let [inputs, units] = kernel.matrix_dims();
    let field = run.record.data.fields.iter().find(|f| usize::try_from(f.columns) == Ok(inputs));
    let Some(size) = run.picture_size(field.map_or("", |f| f.name.as_str()), inputs) else { return Ok(None) };
    let largest = kernel.data.iter().filter(|x| x.is_finite()).fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
    let tile = |unit: usize| {
        let ink = (0..inputs).map(|i| 0.5 + 0.5 * kernel.data[i * units + unit] / largest).collect();
        Some(Tile { size, ink })
    };
    let shown: Vec<usize> = (0..units.min(most)).collect();
    let columns = columns.clamp(1, COLUMNS);
    let rows: Vec<TileRow> =
        shown.chunks(columns).map(|chunk| row("", chunk.iter().map(|&unit| tile(unit)).collect())).collect();
    let description =
        format!("What {} of the {units} units of {layer} look for: dark is positive.", shown.len());
    tile_rows(title, &description, &rows).map(Some)
}

fn row(label: &str, tiles: Vec<Option<Tile>>) -> TileRow {
    TileRow { label: label.to_owned(), tiles, captions: Vec::new() }
}

fn ids(run: &Run) -> Vec<i64> {
    run.predictions.as_ref().map_or_else(|_| Vec::new(), |p| p.ids.clone())
}

fn size_of(run: &Run, head: Option<&str>) -> Option<[usize; 2]> {
    let (head, _, field) = run.reconstruction(head)?;
    run.picture_size(&head.loss.as_ref()?.target, field.columns())
}

/// The rows of `array` whose ids are `chosen`, as tiles.
fn tiles(array: &Array, ids: &[i64], chosen: &[i64], size: [usize; 2]) -> Vec<Option<Tile>> {
    let tile = |id: &i64| {
        let row = ids.iter().position(|i| i == id)?;
        Some(Tile { size, ink: array.row(row)? })
    };
    chosen.iter().map(tile).collect()
}

/// Rows that show every class: the first of each class in turn, then the second of each, …;
/// the first rows where there are no labels.
fn one_of_each(run: &Run, count: usize) -> Vec<usize> {
    let rows = ids(run).len();
    let Some(labels) = run.labels() else { return (0..rows.min(count)).collect() };
    let mut seen = vec![0_usize; labels.iter().max().map_or(0, |max| max + 1)];
    let mut order: Vec<(usize, usize, usize)> = labels
        .iter()
        .enumerate()
        .map(|(row, &label)| {
            seen[label] += 1;
            (seen[label], label, row)
        })
        .collect();
    order.sort_unstable();
    order.into_iter().take(count).map(|(_, _, row)| row).collect()
}

/// Mean squared difference of one row; rows that cannot be compared are infinitely wrong.
pub(super) fn squared_error(output: &Array, field: &Array, row: usize) -> f64 {
    match (output.row(row), field.row(row)) {
        (Some(a), Some(b)) if !a.is_empty() && a.len() == b.len() => {
            let sum: f64 = a.iter().zip(&b).map(|(x, y)| f64::from(x - y) * f64::from(x - y)).sum();
            sum / a.len() as f64
        }
        _ => f64::INFINITY,
    }
}
