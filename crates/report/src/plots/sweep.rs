//! A sweep side by side: the curves of all its runs in one plot, and what became of each.

use super::curves::heading;
use super::figure::{DrawingError, Figure};
use super::palette::{self, WIDE};
use super::panel::{Panel, Series};
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

/// Height of a panel in pixels.
const PANEL: u32 = 260;

/// One series of every run, over epochs and over seconds.
///
/// Errors: the backend's.
pub fn sweep_curves(title: &str, runs: &[SweepRun<'_>], series: &str) -> Result<Figure, DrawingError> {
    let is_loss = series.trim_start_matches("val_").starts_with("loss");
    let panel = |x_label: &str, x: &dyn Fn(&History) -> Vec<f64>| {
        let curve = |(index, run): (usize, &SweepRun<'_>)| Series {
            name: run.name.clone(),
            color: palette::ordered(index, runs.len()),
            points: x(run.history).into_iter().zip(run.history.series(series).unwrap_or_default()).collect(),
        };
        Panel {
            heading: heading(series.trim_start_matches("val_"), false),
            x_label: x_label.to_owned(),
            series: runs.iter().enumerate().map(curve).collect(),
            counted: x_label == "epoch",
            may_log: is_loss,
            ..Panel::default()
        }
    };
    let epochs = |history: &History| history.epochs.iter().map(|row| f64::from(row.epoch)).collect();
    let panels = [panel("epoch", &epochs), panel("seconds of training", &elapsed)];
    let ends: Vec<String> = runs
        .iter()
        .filter_map(|run| {
            let last = run.history.series(series)?.last().copied()?;
            Some(format!("{}: {}", run.name, number(last)))
        })
        .collect();
    let description =
        format!("{series} of each run over epochs and over seconds. At the end, {}.", ends.join(", "));
    side_by_side(title, &description, &panels)
}

/// Values of the runs over a swept number (accuracy against batch size, say): a panel for
/// each `(heading, values)`, whose values are as many as `places`.
///
/// Errors: the backend's.
pub fn sweep_values(
    title: &str,
    x_label: &str,
    places: &[f64],
    values: &[(String, Vec<f64>)],
) -> Result<Figure, DrawingError> {
    let panels: Vec<Panel> = values
        .iter()
        .map(|(heading, values)| {
            let mut points: Vec<(f64, f64)> = places.iter().copied().zip(values.iter().copied()).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Panel {
                heading: heading.clone(),
                x_label: x_label.to_owned(),
                series: vec![Series { name: String::new(), color: palette::TRAIN, points }],
                x_places: if places.iter().all(|&x| x > 0.0) { places.to_vec() } else { Vec::new() },
                dots: true,
                ..Panel::default()
            }
        })
        .collect();
    let mut description = format!("By {x_label}.");
    for (heading, values) in values {
        let cells: Vec<String> =
            places.iter().zip(values).map(|(x, y)| format!("{x}: {}", number(*y))).collect();
        description.push_str(&format!(" {heading}: {}.", cells.join(", ")));
    }
    side_by_side(title, &description, &panels)
}

/// Panels in rows of two.
fn side_by_side(title: &str, description: &str, panels: &[Panel]) -> Result<Figure, DrawingError> {
    let rows = panels.len().div_ceil(2).max(1);
    Figure::draw(title, description, [WIDE, PANEL * rows as u32], |area| {
        for (panel, cell) in panels.iter().zip(area.split_evenly((rows, 2))) {
            panel.draw(&cell)?;
        }
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
