//! The history as a table: one row an epoch, the best one marked.

use kiln_record::{Best, History};
use std::fmt::Write;

/// All epochs as text: numbers with four significant digits, `*` before the best epoch.
pub fn history_table(history: &History, best: Option<&Best>) -> String {
    let fixed = ["epoch", "seconds", "samples/s", "rate"].map(str::to_owned);
    let header: Vec<String> = fixed.into_iter().chain(history.names.iter().cloned()).collect();
    let mut rows = vec![header];
    for row in &history.epochs {
        let rate = format!("{:.0}", row.samples_per_second);
        let mut cells = vec![row.epoch.to_string(), number(row.seconds), rate, number(row.rate)];
        cells.extend(row.values.iter().map(|&value| number(value)));
        rows.push(cells);
    }
    let columns = rows[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().filter_map(|row| row.get(c)).map(String::len).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let epoch = index.checked_sub(1).map(|i| history.epochs[i].epoch);
        text.push(if epoch.is_some() && epoch == best.map(|best| best.epoch) { '*' } else { ' ' });
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, " {cell:>width$}");
        }
        text.push('\n');
    }
    text
}

/// A number with four significant digits: plain between 0.001 and a million, else with a
/// power of ten.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = match size {
        s if s < 0.01 => 6,
        s if s < 0.1 => 5,
        s if s < 10.0 => 4,
        s if s < 100.0 => 2,
        s if s < 1000.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
