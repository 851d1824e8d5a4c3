//! Points of the plane in the colours of their classes: the manifold of a code.
//!
//! Each class is one path of dots, so thousands of points stay short; its name stands at
//! the middle of its points and in the legend.

use super::axis::{Axis, Scale};
use super::figure::{DrawingError, FINE, Figure, anchored, bold_style, hex, text_style};
use super::palette::{self, INK, LABEL, MUTED, PAPER, UNIT};
use plotters::element::Circle;
use plotters::style::Color;
use std::fmt::Write;

/// Side of the plane, in pixels.
const SIDE: i32 = 310;
/// Room for the legend, in pixels.
const LEGEND: i32 = UNIT as i32 - SIDE;
const MARGIN: i32 = 8;
/// Diameter of a dot, in pixels.
const DOT: i32 = 4;

/// Points with labels of the classes `names`; a point that is not finite is left out.
/// Both axes have the same scale, which has no unit.
///
/// Errors: the backend's.
pub fn class_scatter(
    title: &str,
    points: &[[f32; 2]],
    labels: &[usize],
    names: &[String],
) -> Result<Figure, DrawingError> {
    let size = [(SIDE + LEGEND) as u32, SIDE as u32];
    let drawn = points.iter().filter(|p| p[0].is_finite() && p[1].is_finite()).count();
    let description = format!(
        "{drawn} test samples as points in the plane, coloured by class ({}). Near points have similar codes.",
        names.join(", ")
    );
    Figure::draw(title, description, size, |area| {
        let Some([x, y]) = axes(points) else {
            area.draw_text(
                "no points",
                &anchored(text_style(LABEL, MUTED), 0, 0),
                (SIDE * FINE / 2, SIDE * FINE / 2),
            )?;
            return Ok(String::new());
        };
        let mut marks = String::new();
        let mut names_at = Vec::new();
        for (class, name) in names.iter().enumerate() {
            let of_class = points
                .iter()
                .zip(labels)
                .filter(|(p, label)| **label == class && p[0].is_finite() && p[1].is_finite());
            let mut places: Vec<(i32, i32)> =
                of_class.map(|(p, _)| (x.pixel(f64::from(p[0])), y.pixel(f64::from(p[1])))).collect();
            marks.push_str(&dots(&places, class));
            if let Some(place) = middle(&mut places) {
                names_at.push((place, name));
            }
            let row = (MARGIN + 14 + class as i32 * 21) * FINE;
            let column = (SIDE + 18) * FINE;
            area.draw(&Circle::new((column, row), 5 * FINE, palette::class(class).filled()))?;
            let legend = anchored(bold_style(LABEL, INK), 1, 0);
            let name: String = name.chars().take(6).collect();
            area.draw_text(&name, &legend, (column + 12 * FINE, row))?;
        }
        // Names over the dots, so they are written as marks too: a halo of paper first.
        for ((px, py), name) in names_at {
            let _ = writeln!(
                marks,
                "<text x=\"{px}\" y=\"{py}\" dy=\"0.5ex\" text-anchor=\"middle\" font-size=\"{}\" font-weight=\"bold\" \
                 fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" paint-order=\"stroke\">{}</text>",
                16 * FINE,
                hex(INK),
                hex(PAPER),
                4 * FINE,
                super::figure::escape(name)
            );
        }
        Ok(marks)
    })
}

/// Axes with one scale, around the points' middle.
fn axes(points: &[[f32; 2]]) -> Option<[Axis; 2]> {
    let finite = || points.iter().filter(|p| p[0].is_finite() && p[1].is_finite());
    let span = |axis: usize| {
        finite()
            .map(|p| f64::from(p[axis]))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
    };
    let half = [0, 1].map(span).iter().map(|(low, high)| (high - low) / 2.0).fold(0.0, f64::max);
    let axis = |index: usize, pixels: [i32; 2]| {
        let (low, high) = span(index);
        let middle = (low + high) / 2.0;
        Axis::over(Scale::Linear, [middle - half, middle + half].into_iter(), 0.03, pixels)
    };
    let (low, high) = (MARGIN * FINE, (SIDE - MARGIN) * FINE);
    Some([axis(0, [low, high])?, axis(1, [high, low])?])
}

/// One path of round dots: a stroke without length, with round ends.
fn dots(places: &[(i32, i32)], class: usize) -> String {
    if places.is_empty() {
        return String::new();
    }
    let mut path = String::new();
    for (x, y) in places {
        let _ = write!(path, "M{x} {y}h0");
    }
    format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" stroke-opacity=\"0.75\"/>\n",
        hex(palette::class(class)),
        DOT * FINE
    )
}

/// The middle of the places: the median of each coordinate, then the place nearest to it,
/// so that a name stands on its own points even where they form a ring or two heaps.
fn middle(places: &mut [(i32, i32)]) -> Option<(i32, i32)> {
    let median = |of: fn(&(i32, i32)) -> i32| {
        let mut values: Vec<i32> = places.iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied()
    };
    let (x, y) = (median(|p| p.0)?, median(|p| p.1)?);
    let distance = |p: &&(i32, i32)| i64::from(p.0 - x).pow(2) + i64::from(p.1 - y).pow(2);
    places.iter().min_by_key(distance).copied()
}
