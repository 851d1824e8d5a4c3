//! Paper: polylines become a grey image of 28 × 28 pixels.
//!
//! As in the NIST sets, the letter is scaled into a box of 20 × 20 pixels, its shape kept,
//! and the centre of mass of its ink is put in the middle of the image. Ink is 255 and
//! paper is 0. A stroke is filled as the union of discs and of the bands between them,
//! each as wide as the pen was there.

use tiny_skia::{FillRule, Mask, PathBuilder, Transform};

use super::hand::{Dot, length};
use super::writer::Writer;
use crate::random::Stream;

/// Pixels along an edge of the image.
pub(super) const EDGE: usize = 28;
/// Pixels of an image.
pub(super) const PIXELS: usize = EDGE * EDGE;
/// Pixels along an edge of the box that the letter is scaled into.
const BOX: f32 = 20.0;

/// Reused memory for drawing, one per thread.
pub(super) struct Paper {
    mask: Mask,
    row: [f32; PIXELS],
}

impl Paper {
    pub(super) fn new() -> Paper {
        let mask = Mask::new(EDGE as u32, EDGE as u32).expect("28 × 28 is a size");
        Paper { mask, row: [0.0; PIXELS] }
    }

    /// Draws one letter into `image`, [28 · 28] row by row.
    pub(super) fn draw(
        &mut self,
        mut strokes: Vec<Vec<Dot>>,
        writer: &Writer,
        stream: &mut Stream,
        image: &mut [u8],
    ) {
        let pen = writer.pen * (1.0 + 0.10 * stream.bell()).max(0.5);
        fit(&mut strokes, pen, stream);
        self.mask.clear();
        let mut path = PathBuilder::new();
        for stroke in &strokes {
            trace(&mut path, stroke, pen);
        }
        if let Some(path) = path.finish() {
            self.mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
        }
        self.develop(writer, stream, image);
    }

    /// Blurs the mask, and lets the ink be uneven.
    fn develop(&mut self, writer: &Writer, stream: &mut Stream, image: &mut [u8]) {
        let side = writer.blur;
        let ink = self.mask.data();
        let at = |index: usize, inside: bool| if inside { f32::from(ink[index]) } else { 0.0 };
        for (index, cell) in self.row.iter_mut().enumerate() {
            let x = index % EDGE;
            let (left, right) = (at(index.wrapping_sub(1), x > 0), at(index + 1, x + 1 < EDGE));
            *cell = (left + right) * side + at(index, true) * (1.0 - 2.0 * side);
        }
        let gain = stream.between(1.00, 1.35);
        for (index, pixel) in image.iter_mut().enumerate() {
            let above = if index >= EDGE { self.row[index - EDGE] } else { 0.0 };
            let below = if index + EDGE < PIXELS { self.row[index + EDGE] } else { 0.0 };
            let grey = (above + below) * side + self.row[index] * (1.0 - 2.0 * side);
            // Paper stays white: only ink is uneven.
            let grain = if grey > 0.0 { 1.0 + 0.08 * stream.bell() } else { 1.0 };
            *pixel = (grey * gain * grain + 0.5).clamp(0.0, 255.0) as u8;
        }
    }
}

/// Scales the strokes, pen included, into the box, and moves the centre of mass to the middle.
fn fit(strokes: &mut [Vec<Dot>], pen: f32, stream: &mut Stream) {
    let dots = || strokes.iter().flatten();
    let (mut left, mut right, mut top, mut bottom) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
    for dot in dots() {
        (left, right) = (left.min(dot.x), right.max(dot.x));
        (top, bottom) = (top.min(dot.y), bottom.max(dot.y));
    }
    let size = (right - left).max(bottom - top).max(1.0);
    let scale = (BOX - 2.0 * pen) / size * (1.0 + 0.02 * stream.bell());
    let (mut mass, mut mass_x, mut mass_y) = (0.0, 0.0, 0.0);
    for stroke in strokes.iter() {
        for pair in stroke.windows(2) {
            let [a, b] = [pair[0], pair[1]];
            let ink = length(b.x - a.x, b.y - a.y) * (a.width + b.width);
            mass += ink;
            mass_x += ink * (a.x + b.x) / 2.0;
            mass_y += ink * (a.y + b.y) / 2.0;
        }
    }
    let (centre_x, centre_y) = (mass_x / mass.max(1e-6), mass_y / mass.max(1e-6));
    let middle = EDGE as f32 / 2.0;
    // The NIST sets move whole pixels only.
    let (dx, dy) = (middle + stream.between(-0.5, 0.5), middle + stream.between(-0.5, 0.5));
    for dot in strokes.iter_mut().flatten() {
        dot.x = (dot.x - centre_x) * scale + dx;
        dot.y = (dot.y - centre_y) * scale + dy;
    }
}

/// A disc at each dot and a band between neighbours, all turning the same way, so that
/// the winding rule unites them.
fn trace(path: &mut PathBuilder, stroke: &[Dot], pen: f32) {
    for dot in stroke {
        disc(path, dot, pen * dot.width);
    }
    for pair in stroke.windows(2) {
        band(path, pair[0], pair[1], pen);
    }
}

/// A regular octagon of about the disc's area.
fn disc(path: &mut PathBuilder, dot: &Dot, radius: f32) {
    // The octagon in a circle has 0.9003 of its area, and 1.0539² makes up for it.
    let r = radius * 1.0539;
    let d = r * 0.707_106_77;
    let corners = [(r, 0.0), (d, d), (0.0, r), (-d, d), (-r, 0.0), (-d, -d), (0.0, -r), (d, -d)];
    path.move_to(dot.x + corners[0].0, dot.y + corners[0].1);
    for (x, y) in &corners[1..] {
        path.line_to(dot.x + x, dot.y + y);
    }
    path.close();
}

fn band(path: &mut PathBuilder, a: Dot, b: Dot, pen: f32) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = length(dx, dy);
    if length < 1e-3 {
        return;
    }
    // To the right of the way, as the octagon turns.
    let (nx, ny) = (dy / length * pen, -dx / length * pen);
    path.move_to(a.x + nx * a.width, a.y + ny * a.width);
    path.line_to(b.x + nx * b.width, b.y + ny * b.width);
    path.line_to(b.x - nx * b.width, b.y - ny * b.width);
    path.line_to(a.x - nx * a.width, a.y - ny * a.width);
    path.close();
}
