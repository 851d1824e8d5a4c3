//! How parts look: SVG text in the units of a figure ([`FINE`] to a pixel).
//!
//! Edges lie under parts, frames under edges. Colours say what a part is; its words say it too.

use super::parts::{Part, Role};
use super::place::{Beside, DETAIL, Frame, GAP, NAME, PAD, Place, Plan};
use crate::plots::figure::{FINE, escape, hex};
use crate::plots::palette::{GRID, INK, LABEL, MUTED, PAPER, TRAIN, VALIDATION};
use plotters::style::RGBColor;
use std::fmt::Write;

/// What is learned: the colour of training in all figures.
const LEARNED: RGBColor = TRAIN;
/// Shared kernels.
const SHARED: RGBColor = VALIDATION;
/// Losses.
const LOSS: RGBColor = RGBColor(0xA0, 0x3A, 0x9E);
/// Length and half the width of an arrow's head, in pixels.
const HEAD: [i32; 2] = [8, 4];
/// Rounding of lanes, in pixels.
const BEND: i32 = 10;

/// Every mark of the drawing.
pub(super) fn marks(parts: &[Part], plan: &Plan) -> String {
    let mut pen = Pen(String::new());
    plan.frames.iter().for_each(|frame| pen.frame(frame));
    plan.ties.iter().for_each(|edge| pen.lane(edge, plan, SHARED, true));
    plan.past.iter().for_each(|edge| pen.lane(edge, plan, MUTED, false));
    for (to, part) in parts.iter().enumerate() {
        for &from in &part.reads {
            if !plan.past.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
                pen.arrow(&plan.places[from], &plan.places[to], part.is_compact);
            }
        }
    }
    for (part, place) in parts.iter().zip(&plan.places) {
        pen.part(part, place);
        if !part.shape.is_empty() {
            pen.words([place.x + 9, shape_y(part, place, plan)], "start", DETAIL, MUTED, &part.shape);
        }
    }
    if !plan.ties.is_empty() {
        pen.legend(plan);
    }
    pen.0
}

/// The height of the shape below a part: below the frames that end there too.
fn shape_y(part: &Part, place: &Place, plan: &Plan) -> i32 {
    let [_, _, _, below] = place.corners();
    let lowest = below + PAD * part.stacks.len() as i32;
    let ends = plan.frames.iter().filter(|frame| {
        let [left, _, right, bottom] = frame.corners;
        left < place.x && place.x < right && (below..=lowest).contains(&bottom)
    });
    ends.map(|frame| frame.corners[3]).max().unwrap_or(below) + GAP / 2
}

/// The x of an arrow's curve at a height between its ends: it leaves and arrives straight.
pub(super) fn curve_x(from: &Place, to: &Place, y: i32) -> f64 {
    let (top, bottom) = (f64::from(from.y + from.height), f64::from(to.y));
    let t = ((f64::from(y) - top) / (bottom - top).max(1.0)).clamp(0.0, 1.0);
    // A cubic with its inner points halfway down: y is near linear in t, x eases in and out.
    let share = t * t * (3.0 - 2.0 * t);
    f64::from(from.x) + f64::from(to.x - from.x) * share
}

/// Writes marks; lengths are in pixels.
struct Pen(String);

impl Pen {
    fn push(&mut self, mark: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(mark);
        self.0.push('\n');
    }

    fn rectangle(&mut self, corners: [i32; 4], round: i32, look: &str) {
        let [left, top, right, bottom] = corners.map(|c| c * FINE);
        let (width, height, round) = (right - left, bottom - top, round * FINE);
        self.push(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\" {look}/>"
        ));
    }

    /// Words around the height of a point.
    fn words(&mut self, [x, y]: [i32; 2], anchor: &str, size: i32, color: RGBColor, words: &str) {
        let (x, y, size, color) = (x * FINE, y * FINE, size * FINE, hex(color));
        let words = escape(words);
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\".35em\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{color}\">{words}</text>"
        ));
    }

    fn frame(&mut self, frame: &Frame) {
        let [left, top, ..] = frame.corners;
        let look = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", hex(GRID), 2 * FINE);
        self.rectangle(frame.corners, 10, &look);
        self.words([left + 12, top + 14], "start", DETAIL, MUTED, &frame.name);
    }

    fn part(&mut self, part: &Part, place: &Place) {
        let color = match part.role {
            Role::Input | Role::Plain => MUTED,
            Role::Learned => LEARNED,
            Role::Loss => LOSS,
        };
        let round = match part.role {
            Role::Input | Role::Loss => place.height / 2,
            Role::Learned | Role::Plain => 6,
        };
        // Paper first, so that no edge is seen through the tint.
        self.rectangle(place.corners(), round, &format!("fill=\"{}\"", hex(PAPER)));
        let (color, width) = (hex(color), FINE * 3 / 2);
        let look =
            format!("fill=\"{color}\" fill-opacity=\"0.1\" stroke=\"{color}\" stroke-width=\"{width}\"");
        self.rectangle(place.corners(), round, &look);
        if part.is_compact {
            return self.line(part, place);
        }
        let (x, y) = (place.x * FINE, (place.y + 17) * FINE);
        let (size, ink, name) = (NAME * FINE, hex(INK), escape(&part.name));
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\".35em\" text-anchor=\"middle\" font-size=\"{size}\" font-weight=\"bold\" fill=\"{ink}\">{name}</text>"
        ));
        self.words([place.x, place.y + 36], "middle", DETAIL, MUTED, &part.detail);
    }

    /// Name and detail of a compact part, in one line.
    fn line(&mut self, part: &Part, place: &Place) {
        let (x, y) = (place.x * FINE, place.middle() * FINE);
        let (name, detail) = (escape(&part.name), escape(&part.detail));
        let (size, small, ink, muted) = (DETAIL * FINE, DETAIL * FINE, hex(INK), hex(MUTED));
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\".35em\" text-anchor=\"middle\" font-size=\"{size}\" fill=\"{ink}\">\
             <tspan font-weight=\"bold\">{name}</tspan> <tspan font-size=\"{small}\" fill=\"{muted}\">{detail}</tspan></text>"
        ));
    }

    /// From the lower edge of a part to the upper edge of another; without a head where it hangs.
    fn arrow(&mut self, from: &Place, to: &Place, hangs: bool) {
        let (top, bottom) = (from.y + from.height, to.y);
        let end = if hangs { bottom } else { bottom - HEAD[0] + 1 };
        let middle = (top + end) / 2;
        let [x0, y0, x1, y1, m] = [from.x, top, to.x, end, middle].map(|c| c * FINE);
        let path = format!("M{x0} {y0}C{x0} {m} {x1} {m} {x1} {y1}");
        self.stroke(&path, MUTED, "");
        if !hangs {
            self.head([to.x, bottom], [0, 1], MUTED);
        }
    }

    /// From the side of a part out to a lane, along it, and back in.
    fn lane(&mut self, edge: &Beside, plan: &Plan, color: RGBColor, dashed: bool) {
        let (from, to) = (&plan.places[edge.from], &plan.places[edge.to]);
        let side = if edge.x > from.x { 1 } else { -1 };
        let out = |place: &Place| place.x + side * place.width / 2;
        // Room for one that arrives where another leaves.
        let (y0, y1) = (from.middle() + 6, to.middle() - 6);
        let (bend, tip) = (BEND * side, out(to) + side * (HEAD[0] - 1));
        let at = |x: i32, y: i32| format!("{} {}", x * FINE, y * FINE);
        let path = format!(
            "M{}H{}Q{} {}V{}Q{} {}H{}",
            at(out(from), y0),
            (edge.x - bend) * FINE,
            at(edge.x, y0),
            at(edge.x, y0 + BEND),
            (y1 - BEND) * FINE,
            at(edge.x, y1),
            at(edge.x - bend, y1),
            tip * FINE
        );
        let dashes = format!(" stroke-dasharray=\"{} {}\"", 6 * FINE, 4 * FINE);
        self.stroke(&path, color, if dashed { &dashes } else { "" });
        self.head([out(to), y1], [-side, 0], color);
    }

    fn stroke(&mut self, path: &str, color: RGBColor, more: &str) {
        let (color, width) = (hex(color), FINE * 3 / 2);
        self.push(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"{more}/>"
        ));
    }

    /// An arrow's head with its tip at a point, looking along an axis.
    fn head(&mut self, [x, y]: [i32; 2], [dx, dy]: [i32; 2], color: RGBColor) {
        let [length, half] = HEAD;
        let (bx, by) = (x - dx * length, y - dy * length);
        let [x, y, ax, ay, bx, by] =
            [x, y, bx - dy * half, by - dx * half, bx + dy * half, by + dx * half].map(|c| c * FINE);
        self.push(format_args!("<path d=\"M{x} {y}L{ax} {ay}L{bx} {by}Z\" fill=\"{}\"/>", hex(color)));
    }

    fn legend(&mut self, plan: &Plan) {
        let y = plan.height - 20;
        let [x0, x1, at] = [16, 52, y].map(|c| c * FINE);
        let dashes = format!(" stroke-dasharray=\"{} {}\"", 6 * FINE, 4 * FINE);
        self.stroke(&format!("M{x0} {at}H{x1}"), SHARED, &dashes);
        self.head([60, y], [1, 0], SHARED);
        self.words([70, y], "start", LABEL as i32, INK, "shares this kernel: one parameter");
    }
}
