//! A sweep side by side: the curves of all its runs in one plot, and what became of each.

use super::curves::heading;
use super::figure::{DrawingError, Figure};
use super::palette;
use super::panel::{self, Panel, Series};
use crate::tables::history::number;
use kiln_record::History;

/// A run of the sweep.
#[derive(Clone, Debug)]
pub struct SweepRun<'a> {
    /// What sets it apart (`32`).
    pub name: String,
    /// Its epochs.
    pub history: &'a History,
}

/// One series of every run, over epochs and over seconds.
///
/// Errors: the backend's.
pub fn sweep_curves(title: &str, runs: &[SweepRun<'_>], series: &str) -> Result<[Figure; 2], DrawingError> {
    let plain = series.trim_start_matches("val_");
    let draw = |words: &str, x_label: &str, x: &dyn Fn(&History) -> Vec<f64>| {
        let curve = |(index, run): (usize, &SweepRun<'_>)| Series {
            name: run.name.clone(),
            color: palette::ordered(index, runs.len()),
            points: x(run.history).into_iter().zip(run.history.series(series).unwrap_or_default()).collect(),
        };
        let panel = Panel {
            heading: format!("{} by {words}", heading(plain, false)),
            x_label: x_label.to_owned(),
            series: runs.iter().enumerate().map(curve).collect(),
            counted: x_label == "epoch",
            may_log: plain.starts_with("loss"),
            ..Panel::default()
        };
        single(&format!("{title} by {words}"), &ends(runs, series, words), &panel)
    };
    let epochs = |history: &History| history.epochs.iter().map(|row| f64::from(row.epoch)).collect();
    Ok([draw("epoch", "epoch", &epochs)?, draw("time", "seconds of training", &elapsed)?])
}

fn ends(runs: &[SweepRun<'_>], series: &str, by: &str) -> String {
    let of_run = |run: &SweepRun<'_>| {
        Some(format!("{}: {}", run.name, number(run.history.series(series)?.last().copied()?)))
    };
    let ends: Vec<String> = runs.iter().filter_map(of_run).collect();
    format!("{series} of each run by {by}. At the end, {}.", ends.join(", "))
}

/// Values of the runs over a swept number (accuracy against batch size, say), as many as `places`.
///
/// Errors: the backend's.
pub fn sweep_values(
    title: &str,
    x_label: &str,
    places: &[f64],
    heading: &str,
    values: &[f64],
) -> Result<Figure, DrawingError> {
    let mut points: Vec<(f64, f64)> = places.iter().copied().zip(values.iter().copied()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let cells: Vec<String> = points.iter().map(|(x, y)| format!("{x}: {}", number(*y))).collect();
    let panel = Panel {
        heading: heading.to_owned(),
        x_label: x_label.to_owned(),
        series: vec![Series { name: String::new(), color: palette::TRAIN, points }],
        x_places: if places.iter().all(|&x| x > 0.0) { places.to_vec() } else { Vec::new() },
        dots: true,
        ..Panel::default()
    };
    single(title, &format!("{heading} by {x_label}: {}.", cells.join(", ")), &panel)
}

fn single(title: &str, description: &str, panel: &Panel) -> Result<Figure, DrawingError> {
    Figure::draw(title, description, [palette::UNIT, panel::HEIGHT], |area| {
        panel.draw(area)?;
        Ok(String::new())
    })
}

/// Seconds since the beginning at the end of each epoch.
fn elapsed(history: &History) -> Vec<f64> {
    let mut total = 0.0;
    history
        .epochs
        .iter()
        .map(|row| {
            total += row.seconds;
            total
        })
        .collect()
}
