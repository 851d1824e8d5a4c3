//! The one visual language: colours and sizes of all figures.
//!
//! [`CLASSES`] was found by a random search for eleven colours that differ as much as
//! possible in OKLab, seen normally and with each of the three dichromacies (the matrices
//! of Machado et al., 2009), while each keeps a contrast of about 2 against white paper and
//! against the dark one. A test measures it again. No eleven colours are safe by themselves:
//! figures also name the classes beside the marks.

use plotters::style::RGBColor;

/// Text, and lines that matter.
pub const INK: RGBColor = RGBColor(0x1F, 0x23, 0x28);
/// Axis labels, captions.
pub const MUTED: RGBColor = RGBColor(0x59, 0x63, 0x6E);
/// Grid lines, frames.
pub const GRID: RGBColor = RGBColor(0xD8, 0xDE, 0xE4);
/// The ground.
pub const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFE);
/// Text on a filled mark; the same in light and dark.
pub const ON_MARK: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// What was seen in training.
pub const TRAIN: RGBColor = RGBColor(0x3B, 0x8E, 0xDE);
/// What was held back.
pub const VALIDATION: RGBColor = RGBColor(0xE0, 0x6C, 0x1B);
/// Cells of matrices, bars.
pub const FILL: RGBColor = RGBColor(0x1F, 0x5F, 0xA8);

/// Classes, by index; from the twelfth on they repeat.
pub const CLASSES: [RGBColor; 11] = [
    RGBColor(0x28, 0x3C, 0xB1),
    RGBColor(0xFF, 0x56, 0x00),
    RGBColor(0x92, 0xBB, 0xEC),
    RGBColor(0xCE, 0xB7, 0x42),
    RGBColor(0x9D, 0x00, 0xEA),
    RGBColor(0xFF, 0x90, 0xA1),
    RGBColor(0xB3, 0x85, 0x6C),
    RGBColor(0x5D, 0x77, 0x9F),
    RGBColor(0xB1, 0x2C, 0x22),
    RGBColor(0x75, 0x82, 0xFF),
    RGBColor(0x74, 0x30, 0x78),
];

/// The colour of the class with this index.
pub fn class(index: usize) -> RGBColor {
    CLASSES[index % CLASSES.len()]
}

/// The ends of the scale for runs in an order (batch sizes): light blue-green to dark violet,
/// both visible on either paper.
const SCALE: [RGBColor; 4] = [
    RGBColor(0x2F, 0xB4, 0x7C),
    RGBColor(0x27, 0x8F, 0xB0),
    RGBColor(0x5B, 0x63, 0xC9),
    RGBColor(0xA0, 0x3A, 0x9E),
];

/// The colour of number `index` of `count` in an order, evenly along the scale.
pub fn ordered(index: usize, count: usize) -> RGBColor {
    let spans = SCALE.len() - 1;
    let steps = count.saturating_sub(1).max(1);
    let at = index.min(steps) * spans;
    let span = (at / steps).min(spans - 1);
    let share = (at - span * steps) as f64 / steps as f64;
    let [from, to] = [SCALE[span], SCALE[span + 1]];
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Headings of panels, in pixels.
pub const HEADING: u32 = 15;
/// Labels, in pixels.
pub const LABEL: u32 = 13;
/// Width of a figure in pixels: three of them are as wide as a page on a desk, two on paper, one on a phone, each
/// at its own size or nearly so.
pub const UNIT: u32 = 384;
