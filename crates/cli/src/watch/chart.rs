//! Chart: one measure over the epochs, training and validation in one frame, the best epoch marked.

use super::look::Look;
use super::state::Measured;
use crate::progress::number;
use kiln::graph::math;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

/// More points than this for a column of the screen cannot be told apart.
const POINTS_OF_A_COLUMN: usize = 4;

type Points = Vec<(f64, f64)>;

/// Draws the measure; `best` is an epoch counted from 1, `log` asks for a logarithmic axis.
pub(crate) fn chart(
    measure: &Measured,
    (best, log): (Option<u32>, bool),
    look: Look,
    area: Rect,
    buffer: &mut Buffer,
) {
    let [title, frame] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let log = log && is_positive(measure);
    heading(measure, log, look, usize::from(area.width)).render(title, buffer);
    let scale = |value: f64| if log { math::log(value) } else { value };
    let width = usize::from(frame.width);
    let train = points(&measure.train, scale, width);
    let validation = points(&measure.validation, scale, width);
    let Some(bounds) = bounds(&[&train, &validation]) else { return };
    let marked = marked(measure, best, scale);
    let mut datasets = vec![line(&train, Marker::Braille).style(look.train())];
    datasets.push(line(&validation, look.validation_marker()).style(look.validation()));
    datasets.push(Dataset::default().marker(Marker::Custom('◆')).style(look.best()).data(&marked));
    let last = measure.train.len().max(2);
    let ticks = if frame.height >= 6 { 3 } else { 2 };
    Chart::new(datasets)
        .x_axis(
            Axis::default()
                .bounds([1.0, last as f64])
                .labels(["1".to_owned(), last.to_string()])
                .style(look.aside()),
        )
        .y_axis(Axis::default().bounds(bounds).labels(labels(bounds, ticks, log)).style(look.aside()))
        .legend_position(None)
        .render(frame, buffer);
}

/// `loss  ⠒ train 0.1302  ⠒ validation 0.1314`, without what has no room.
fn heading(measure: &Measured, log: bool, look: Look, width: usize) -> Line<'static> {
    let with = |numbers: bool, legend: bool| {
        let mut spans = vec![Span::styled(measure.name.clone(), look.title())];
        if log {
            spans.push(Span::styled(" (log)", look.aside()));
        }
        let marker = if look.validation_marker() == Marker::Dot { '•' } else { '⠒' };
        let curves = [
            (&measure.train, '⠒', "train", look.train()),
            (&measure.validation, marker, "validation", look.validation()),
        ];
        for (values, marker, name, style) in curves.into_iter().filter(|_| legend) {
            let Some(last) = values.last() else { continue };
            let value = if numbers { format!(" {}", number(*last)) } else { String::new() };
            spans.push(Span::styled(format!("  {marker} {name}{value}"), style));
        }
        Line::from(spans)
    };
    let all = [with(true, true), with(false, true)];
    all.into_iter().find(|line| line.width() <= width).unwrap_or_else(|| with(false, false))
}

fn line(points: &Points, marker: Marker) -> Dataset<'_> {
    Dataset::default().marker(marker).graph_type(GraphType::Line).data(points)
}

fn is_positive(measure: &Measured) -> bool {
    let mut all = measure.train.iter().chain(&measure.validation).filter(|value| value.is_finite());
    all.all(|&value| value > 0.0)
}

/// The finite values against their epochs. Of more than can be seen, the least and the greatest of each
/// column are kept, in their order.
fn points(values: &[f64], scale: impl Fn(f64) -> f64, width: usize) -> Points {
    let all = values.iter().zip(1..).map(|(&value, epoch)| (f64::from(epoch), scale(value)));
    let finite: Points = all.filter(|(_, value)| value.is_finite()).collect();
    let most = POINTS_OF_A_COLUMN * width.max(1);
    if finite.len() <= most {
        return finite;
    }
    let of_a_column = finite.chunks(finite.len().div_ceil(width.max(1)));
    let extremes = of_a_column.flat_map(|column| {
        let order = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (least, greatest) = (column.iter().min_by(order), column.iter().max_by(order));
        let mut both: Points = least.into_iter().chain(greatest).copied().collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        both
    });
    extremes.collect()
}

/// The best epoch on the curve that decides: validation, or training without it.
fn marked(measure: &Measured, best: Option<u32>, scale: impl Fn(f64) -> f64) -> Points {
    let decides = if measure.validation.is_empty() { &measure.train } else { &measure.validation };
    let value = |epoch: u32| decides.get(epoch.checked_sub(1)? as usize).map(|&value| scale(value));
    let found = best.and_then(|epoch| Some((f64::from(epoch), value(epoch)?)));
    found.into_iter().filter(|(_, value)| value.is_finite()).collect()
}

/// The least and the greatest value; `None` without any.
fn bounds(curves: &[&Points]) -> Option<[f64; 2]> {
    let values = || curves.iter().flat_map(|points| points.iter().map(|point| point.1));
    let (least, greatest) = (values().min_by(f64::total_cmp)?, values().max_by(f64::total_cmp)?);
    // A flat curve lies in the middle. Where the width itself is too large for a number, half of it is not.
    let pad = if least == greatest {
        (least.abs() / 2.0).max(1e-6)
    } else {
        (greatest / 40.0 - least / 40.0).abs()
    };
    Some([(least - pad).max(f64::MIN / 4.0), (greatest + pad).min(f64::MAX / 4.0)])
}

/// Values at even distances, lowest first, all of one width.
fn labels([low, high]: [f64; 2], ticks: u32, log: bool) -> Vec<String> {
    let at = |tick: u32| low + (high - low) * f64::from(tick) / f64::from(ticks - 1);
    let text = |value: f64| number(if log { math::exp(value) } else { value });
    (0..ticks).map(|tick| format!("{:>9}", text(at(tick)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_points_the_extremes_stay() {
        let mut values: Vec<f64> = (0..100_000).map(|i| f64::from(i % 7)).collect();
        (values[41_234], values[77_777]) = (100.0, -100.0);
        let kept = points(&values, |value| value, 50);
        assert!(kept.len() <= 100, "{}", kept.len());
        assert!(kept.contains(&(41_235.0, 100.0)) && kept.contains(&(77_778.0, -100.0)));
        assert!(kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn bounds_hold_every_value_and_are_never_empty() {
        assert_eq!(bounds(&[&vec![], &vec![]]), None);
        let one = |value: f64| bounds(&[&vec![(1.0, value)]]).expect("bounds");
        for value in [0.0, 1.0, -3.0, 1e-30, 1e30] {
            let [low, high] = one(value);
            assert!(low < value && value < high, "{value}: {low} {high}");
        }
        let [low, high] = bounds(&[&vec![(1.0, f64::MIN), (2.0, f64::MAX)]]).expect("bounds");
        assert!((high - low).is_finite());
    }
}
