//! The hand: a skeleton becomes the path that the pen took this time.
//!
//! ```text
//! skeleton → points astray → corners rounded, hooks → elastic field → slant, turn, stretch
//!          → Bézier curves → polylines with the pen's radius at each point
//! ```
//!
//! Everything is +, −, ×, ÷ and √, which every platform rounds alike.

use super::alphabet::{Knot, Skeleton};
use super::writer::Writer;
use crate::random::Stream;

/// A point of a polyline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f32,
    pub(super) y: f32,
    /// The pen's radius relative to the writer's pen.
    pub(super) width: f32,
}

/// Points to a Bézier curve: at 20 pixels a letter, a curve has 3 to 10 pixels.
const STEPS: usize = 6;

/// Draws the letter once: its strokes as polylines, in units of the skeleton's grid.
pub(super) fn draw(skeleton: &Skeleton, writer: &Writer, stream: &mut Stream) -> Vec<Vec<Dot>> {
    // This letter is written with more or less care than usual.
    let haste = stream.between(0.55, 1.45);
    let waver = writer.waver * haste;
    let field = ElasticField::new(stream, 1.35 * waver);
    let frame = Frame::new(writer, stream);
    let strokes = skeleton.strokes.iter().map(|knots| {
        let knots = stray(knots, waver, writer, stream);
        let knots: Vec<Knot> = knots.into_iter().map(|knot| frame.place(field.bend(knot))).collect();
        ink(&knots, writer, stream)
    });
    strokes.collect()
}

/// Each stroke is misplaced as a whole, then each point; corners are rounded; hooks are added.
fn stray(knots: &[Knot], waver: f32, writer: &Writer, stream: &mut Stream) -> Vec<Knot> {
    let (dx, dy) = (0.6 * waver * stream.bell(), 0.6 * waver * stream.bell());
    let mut astray: Vec<Knot> = Vec::with_capacity(knots.len() + 2);
    if stream.chance(writer.hooks) {
        astray.push(hook(knots[0], stream));
    }
    for knot in knots {
        astray.push(Knot {
            x: knot.x + dx + 0.75 * waver * stream.bell(),
            y: knot.y + dy + 0.75 * waver * stream.bell(),
            corner: knot.corner && !stream.chance(writer.roundness),
        });
    }
    if stream.chance(writer.hooks) {
        astray.push(hook(knots[knots.len() - 1], stream));
    }
    astray
}

/// A short stroke near `end`, where the pen touched the paper early or left it late.
fn hook(end: Knot, stream: &mut Stream) -> Knot {
    let (x, y) = (end.x + 12.0 * stream.bell(), end.y - stream.between(4.0, 14.0));
    Knot { x, y, corner: false }
}

/// Displacements on a 3 × 3 grid over the letter, interpolated smoothly between.
struct ElasticField {
    nodes: [[(f32, f32); 3]; 3],
}

impl ElasticField {
    fn new(stream: &mut Stream, strength: f32) -> ElasticField {
        let mut nodes = [[(0.0, 0.0); 3]; 3];
        for node in nodes.iter_mut().flatten() {
            *node = (strength * stream.bell(), strength * stream.bell());
        }
        ElasticField { nodes }
    }

    fn bend(&self, knot: Knot) -> Knot {
        let (column, u) = cell(knot.x);
        let (row, v) = cell(knot.y);
        let mix = |pick: fn((f32, f32)) -> f32| {
            let at = |r: usize, c: usize| pick(self.nodes[r][c]);
            let above = at(row, column) * (1.0 - u) + at(row, column + 1) * u;
            let below = at(row + 1, column) * (1.0 - u) + at(row + 1, column + 1) * u;
            above * (1.0 - v) + below * v
        };
        Knot { x: knot.x + mix(|node| node.0), y: knot.y + mix(|node| node.1), ..knot }
    }
}

/// The cell of the field, 0 or 1, and the smoothed place in it.
fn cell(position: f32) -> (usize, f32) {
    let place = (position / 50.0).clamp(0.0, 2.0);
    let index = usize::from(place >= 1.0);
    let t = place - index as f32;
    (index, t * t * (3.0 - 2.0 * t))
}

/// Slant, turn and stretch of a letter.
struct Frame {
    xx: f32,
    xy: f32,
    yx: f32,
    yy: f32,
}

impl Frame {
    fn new(writer: &Writer, stream: &mut Stream) -> Frame {
        let slant = writer.slant + 0.07 * stream.bell();
        let aspect = writer.aspect * (1.0 + 0.10 * stream.bell());
        // The turn by the angle whose half has the tangent t: a rotation with no sine.
        let t = 0.045 * stream.bell();
        let (cos, sin) = ((1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t));
        Frame { xx: cos * aspect, xy: -cos * slant - sin, yx: sin * aspect, yy: -sin * slant + cos }
    }

    fn place(&self, knot: Knot) -> Knot {
        Knot { x: self.xx * knot.x + self.xy * knot.y, y: self.yx * knot.x + self.yy * knot.y, ..knot }
    }
}

/// The polyline of a stroke, with the pen's radius along it.
fn ink(knots: &[Knot], writer: &Writer, stream: &mut Stream) -> Vec<Dot> {
    let width: [f32; 3] = std::array::from_fn(|_| (1.0 + writer.pressure * stream.bell()).max(0.4));
    let spans = knots.len() - 1;
    let mut dots = Vec::with_capacity(spans * STEPS + 1);
    for span in 0..spans {
        let curve = bezier(knots, span);
        for step in usize::from(span > 0)..=STEPS {
            let t = step as f32 / STEPS as f32;
            let (x, y) = point(&curve, t);
            let along = (span as f32 + t) / spans as f32;
            dots.push(Dot { x, y, width: through(&width, along) });
        }
    }
    dots
}

/// The cubic from knot `span` to the next. A handle is a third of its span long and lies
/// along the line between the knot's neighbours, so uneven knots do not make loops.
fn bezier(knots: &[Knot], span: usize) -> [(f32, f32); 4] {
    let (a, b) = (knots[span], knots[span + 1]);
    let length = length(b.x - a.x, b.y - a.y);
    let handle = |at: usize, toward: Knot| {
        let knot = knots[at];
        if at == 0 || at == knots.len() - 1 || knot.corner {
            return ((toward.x - knot.x) / 3.0, (toward.y - knot.y) / 3.0);
        }
        let (dx, dy) = (knots[at + 1].x - knots[at - 1].x, knots[at + 1].y - knots[at - 1].y);
        // Outwards of the first knot and inwards of the second.
        let reach = if at == span { 0.36 } else { -0.36 } * length / self::length(dx, dy).max(1e-3);
        (dx * reach, dy * reach)
    };
    let (out, into) = (handle(span, b), handle(span + 1, a));
    [(a.x, a.y), (a.x + out.0, a.y + out.1), (b.x + into.0, b.y + into.1), (b.x, b.y)]
}

fn point(curve: &[(f32, f32); 4], t: f32) -> (f32, f32) {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let sum = |pick: fn(&(f32, f32)) -> f32| {
        pick(&curve[0]) * weights[0]
            + pick(&curve[1]) * weights[1]
            + pick(&curve[2]) * weights[2]
            + pick(&curve[3]) * weights[3]
    };
    (sum(|p| p.0), sum(|p| p.1))
}

/// From the first width through the second to the third, level at each.
fn through(width: &[f32; 3], along: f32) -> f32 {
    let (from, to, t) =
        if along < 0.5 { (width[0], width[1], along * 2.0) } else { (width[1], width[2], along * 2.0 - 1.0) };
    from + (to - from) * t * t * (3.0 - 2.0 * t)
}

pub(super) fn length(dx: f32, dy: f32) -> f32 {
    (dx * dx + dy * dy).sqrt()
}
