//! Rules of thumb: widths, batch size, epochs, and what is done with the numbers.
//!
//! All are functions of how many samples there are to train on, of their length and of the classes.

use kiln_data::Look;
use kiln_data::look::{Files, Range};

/// What a starting spec chooses.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    /// Numbers of one sample.
    pub(super) inputs: usize,
    /// Classes; 0 where there are no labels.
    pub(super) classes: usize,
    /// Samples to train on.
    pub(super) rows: usize,
    /// Of the hidden layers.
    pub(super) hidden: [usize; 2],
    /// Of an autoencoder's code.
    pub(super) code: usize,
    /// Samples of one step.
    pub(super) batch: usize,
    /// Passes over the data.
    pub(super) epochs: usize,
    /// What the numbers are divided by; 1 where they stay.
    pub(super) divisor: f64,
    /// Whether all numbers are then from 0 to 1.
    pub(super) unit: bool,
    /// Whether there is anything to test on.
    pub(super) tested: bool,
}

/// Fewer samples than this are not worth dividing.
const DIVIDED_MIN: usize = 10;

impl Sizes {
    pub(super) fn of(look: &Look) -> Sizes {
        let inputs: usize = look.dims.iter().product();
        let classes = look.labels.as_ref().map_or(0, Vec::len);
        let given = look.test_rows > 0;
        let tested = given || look.rows >= DIVIDED_MIN;
        let rows = if given || !tested { look.rows } else { look.rows * 4 / 5 };
        // A wider first layer than the input has numbers adds little; few samples fill few units.
        let most = (power_below(inputs) * 2).min(power_below((rows as f64).sqrt() as usize * 8));
        let first = most.clamp(16, 256);
        let second = (first / 4).max(8).max(power_below(classes).min(256));
        let (divisor, unit) = scale(look);
        Sizes {
            inputs,
            classes,
            rows,
            hidden: [first, second],
            code: (inputs / 4).clamp(1, 32),
            batch: power_below(rows / 20).clamp(8, 128).min(rows.max(1)),
            epochs: [100, 50, 30, 20, 10].into_iter().find(|n| n * rows <= 600_000).unwrap_or(5),
            divisor,
            unit,
            tested,
        }
    }
}

/// The built-in letters, as if they had been looked at.
pub(super) fn letters() -> Look {
    Look {
        files: Files::Idx { train: ("".into(), None), test: None },
        rows: 14_000,
        test_rows: 0,
        dims: vec![28, 28],
        labels: Some((0..11).collect()),
        values: Range { low: 0.0, high: 255.0, whole: true },
    }
}

/// The largest power of two that is not above.
fn power_below(number: usize) -> usize {
    1 << number.max(1).ilog2()
}

/// What numbers are divided by, and whether they are then from 0 to 1. Only some were looked at, so
/// bytes count as bytes; batch norm takes the numbers of a labelled table as they are.
fn scale(look: &Look) -> (f64, bool) {
    let Range { low, high, whole } = look.values;
    if low >= 0.0 && high <= 1.0 {
        (1.0, true)
    } else if look.picture().is_some() || look.dims.len() > 1 {
        // Few grey levels are told by the largest one.
        (if whole && high <= 16.0 { high } else { 255.0 }, low >= 0.0 && high <= 255.0)
    } else if look.labels.is_some() || low.abs().max(high.abs()) <= 1.0 {
        (1.0, false)
    } else {
        (round_above(low.abs().max(high.abs())), false)
    }
}

/// The next of 1, 2, 5, 10, 20, 50, …; numbers of the data are f32, so 1e38 is near the largest.
fn round_above(number: f64) -> f64 {
    let steps = (0..38).flat_map(|ten| [1, 2, 5].map(|one| format!("{one}e{ten}")));
    steps.filter_map(|text| text.parse().ok()).find(|round| *round >= number).unwrap_or(1e38)
}
