//! A panel: curves over one axis with a heading, on a linear or a logarithmic scale.
//!
//! In: named series. Out: a part of a figure. Names stand at the ends of the curves, moved
//! apart where they would overlap.

use super::axis::{Axis, Scale};
use super::figure::{Canvas, DrawingError, FINE, anchored, bold_style, text_style};
use super::palette::{GRID, HEADING, INK, LABEL, MUTED};
use crate::tables::history::number;
use plotters::element::{Circle, PathElement};
use plotters::style::{Color, RGBColor, ShapeStyle};

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Written at its end; empty for none.
    pub name: String,
    /// Its colour.
    pub color: RGBColor,
    /// Points in order of `x`; those that are not finite are left out.
    pub points: Vec<(f64, f64)>,
}

/// A panel of curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Above it.
    pub heading: String,
    /// Below its axis.
    pub x_label: String,
    /// The curves.
    pub series: Vec<Series>,
    /// Words in their colours under the heading, where curves have no names of their own.
    pub legend: Vec<(String, RGBColor)>,
    /// A place on the x axis that is marked by a line and these words.
    pub mark: Option<(f64, String)>,
    /// The only places to label on the x axis (batch sizes), on a logarithmic scale; empty
    /// for an ordinary axis.
    pub x_places: Vec<f64>,
    /// Whether x is counted, and so has whole ticks (epochs).
    pub counted: bool,
    /// Whether each point is a dot too.
    pub dots: bool,
    /// Whether a logarithmic y scale is allowed, where it helps.
    pub may_log: bool,
    /// Whether the y scale is logarithmic wherever all values are positive.
    pub log: bool,
}

/// The largest ratio of positive values that a linear scale shows well: beyond it the
/// smaller part of a curve is a flat line.
const LINEAR_RATIO: f64 = 20.0;

/// Pixels around the plane of the curves: for the heading, for each further line above, below, left.
const ABOVE: i32 = 30;
const LINE: i32 = 18;
const BELOW: i32 = 42;
const LEFT: i32 = 58;
/// A panel's height in pixels.
pub(super) const HEIGHT: u32 = 250;

/// The plane of the curves.
struct Plane {
    x: Axis,
    y: Axis,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Panel {
    /// Draws the panel on all of `area`.
    ///
    /// Errors: the backend's.
    pub fn draw(&self, area: &Canvas<'_>) -> Result<(), DrawingError> {
        let heading = anchored(bold_style(HEADING, INK), 1, 1);
        area.draw_text(&self.heading, &heading, (LEFT * FINE, 6 * FINE))?;
        self.draw_legend(area)?;
        let Some(plane) = self.plane(area) else {
            let (width, height) = area.dim_in_pixel();
            let note = anchored(text_style(LABEL, MUTED), 0, 0);
            return area.draw_text("no values", &note, (width as i32 / 2, height as i32 / 2));
        };
        self.draw_grid(area, &plane)?;
        self.draw_mark(area, &plane)?;
        for series in &self.series {
            self.draw_curve(area, &plane, series)?;
        }
        self.draw_names(area, &plane)
    }

    /// Whether y is drawn on a logarithmic scale: all values positive, and far apart or asked for.
    pub fn is_log(&self) -> bool {
        let (low, high) = self
            .points()
            .filter(|p| p.1.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p.1), high.max(p.1)));
        low > 0.0 && high.is_finite() && (self.log || self.may_log && high / low > LINEAR_RATIO)
    }

    fn draw_legend(&self, area: &Canvas<'_>) -> Result<(), DrawingError> {
        let mut x = LEFT;
        for (words, color) in &self.legend {
            area.draw_text(words, &anchored(bold_style(LABEL, *color), 1, 1), (x * FINE, 27 * FINE))?;
            x += 16 + words.chars().count() as i32 * 7;
        }
        if self.is_log() {
            area.draw_text("log scale", &anchored(text_style(LABEL, MUTED), 1, 1), (x * FINE, 27 * FINE))?;
        }
        Ok(())
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.series.iter().flat_map(|series| series.points.iter().copied())
    }

    /// `None` without a point that can be drawn.
    fn plane(&self, area: &Canvas<'_>) -> Option<Plane> {
        let (width, height) = area.dim_in_pixel();
        // Names are measured roughly: the viewer's font is not known here.
        let names = self.series.iter().map(|s| s.name.chars().count()).max().unwrap_or(0) as i32;
        let (left, right) = (LEFT * FINE, width as i32 - (14 + names * 8) * FINE);
        let lines = i32::from(!self.legend.is_empty() || self.is_log()) + i32::from(self.mark.is_some());
        // Values are written over points and under them.
        let y_margin = if self.dots { 0.16 } else { 0.05 };
        let (top, bottom) = ((ABOVE + lines * LINE) * FINE, height as i32 - BELOW * FINE);
        let finite = || self.points().filter(|p| p.0.is_finite() && p.1.is_finite());
        let x_scale = if self.x_places.is_empty() { Scale::Linear } else { Scale::Log };
        let x_margin = if self.x_places.is_empty() { 0.0 } else { 0.06 };
        let y_scale = if self.is_log() { Scale::Log } else { Scale::Linear };
        Some(Plane {
            x: Axis::over(
                x_scale,
                finite().map(|p| p.0).chain(self.x_places.iter().copied()),
                x_margin,
                [left, right],
            )?,
            y: Axis::over(y_scale, finite().map(|p| p.1), y_margin, [bottom, top])?,
            left,
            right,
            top,
            bottom,
        })
    }

    fn draw_grid(&self, area: &Canvas<'_>, plane: &Plane) -> Result<(), DrawingError> {
        let grid = stroke(GRID, 1);
        let right_of = anchored(text_style(LABEL, MUTED), -1, 0);
        for (value, text) in plane.y.ticks(5) {
            let y = plane.y.pixel(value);
            area.draw(&PathElement::new(vec![(plane.left, y), (plane.right, y)], grid))?;
            area.draw_text(&text, &right_of, (plane.left - 6 * FINE, y))?;
        }
        let below = anchored(text_style(LABEL, MUTED), 0, 1);
        let places: Vec<(f64, String)> = if self.x_places.is_empty() {
            if self.counted { plane.x.whole_ticks(6) } else { plane.x.ticks(6) }
        } else {
            self.x_places.iter().map(|&place| (place, format!("{place}"))).collect()
        };
        for (value, text) in places {
            let x = plane.x.pixel(value);
            area.draw(&PathElement::new(vec![(x, plane.bottom), (x, plane.bottom + 4 * FINE)], grid))?;
            area.draw_text(&text, &below, (x, plane.bottom + 7 * FINE))?;
        }
        let frame = vec![(plane.left, plane.bottom), (plane.right, plane.bottom)];
        area.draw(&PathElement::new(frame, stroke(MUTED, 1)))?;
        area.draw_text(&self.x_label, &below, ((plane.left + plane.right) / 2, plane.bottom + 24 * FINE))
    }

    fn draw_mark(&self, area: &Canvas<'_>, plane: &Plane) -> Result<(), DrawingError> {
        let Some((place, words)) = &self.mark else { return Ok(()) };
        let x = plane.x.pixel(*place);
        let mut y = plane.top;
        while y < plane.bottom {
            area.draw(&PathElement::new(vec![(x, y), (x, y + 4 * FINE)], stroke(MUTED, 1)))?;
            y += 8 * FINE;
        }
        // Above the curves, and on the side with more room.
        let side = if x * 2 > plane.left + plane.right { -1 } else { 1 };
        let style = anchored(text_style(LABEL, MUTED), side, -1);
        area.draw_text(words, &style, (x - i32::from(side) * 3 * FINE, plane.top - 2 * FINE))
    }

    fn draw_curve(&self, area: &Canvas<'_>, plane: &Plane, series: &Series) -> Result<(), DrawingError> {
        let drawable = |p: &&(f64, f64)| p.0.is_finite() && p.1.is_finite();
        let points: Vec<(i32, i32)> =
            series.points.iter().filter(drawable).map(|p| (plane.x.pixel(p.0), plane.y.pixel(p.1))).collect();
        if points.len() > 1 {
            area.draw(&PathElement::new(points.clone(), stroke(series.color, 2)))?;
        }
        let filled = series.color.filled();
        if self.dots || points.len() == 1 {
            for &point in &points {
                area.draw(&Circle::new(point, 4 * FINE, filled))?;
            }
            if self.dots {
                self.draw_values(area, plane, series)?;
            }
        } else if let Some((place, _)) = &self.mark {
            let marked = series.points.iter().filter(drawable).find(|p| p.0 == *place);
            if let Some(p) = marked {
                area.draw(&Circle::new((plane.x.pixel(p.0), plane.y.pixel(p.1)), 4 * FINE, filled))?;
            }
        }
        Ok(())
    }

    /// The value of each point, away from the lines to the points beside it.
    fn draw_values(&self, area: &Canvas<'_>, plane: &Plane, series: &Series) -> Result<(), DrawingError> {
        let points: Vec<&(f64, f64)> =
            series.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
        for (index, (x, y)) in points.iter().enumerate() {
            let (px, py) = (plane.x.pixel(*x), plane.y.pixel(*y));
            let beside = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
            let rise: f64 =
                beside.filter_map(|at| points.get(at)).map(|p| f64::from(plane.y.pixel(p.1) - py)).sum();
            let over = if rise < 0.0 { 1 } else { -1 };
            let from_left = px - plane.left;
            let side = match plane.right - plane.left {
                width if from_left * 5 < width => 1,
                width if from_left * 5 > width * 4 => -1,
                _ => 0,
            };
            let style = anchored(bold_style(LABEL, INK), side, over);
            let place = (px - i32::from(side) * 6 * FINE, py + i32::from(over) * 7 * FINE);
            area.draw_text(&number(*y), &style, place)?;
        }
        Ok(())
    }

    fn draw_names(&self, area: &Canvas<'_>, plane: &Plane) -> Result<(), DrawingError> {
        let last = |series: &Series| series.points.iter().rev().map(|p| p.1).find(|y| y.is_finite());
        let mut names: Vec<(i32, &Series)> = self
            .series
            .iter()
            .filter(|series| !series.name.is_empty())
            .filter_map(|series| Some((plane.y.pixel(last(series)?), series)))
            .collect();
        names.sort_by_key(|(y, _)| *y);
        let places = spread(names.iter().map(|(y, _)| *y).collect(), 15 * FINE, plane.top, plane.bottom);
        for ((_, series), y) in names.iter().zip(places) {
            let style = anchored(bold_style(LABEL, series.color), 1, 0);
            area.draw_text(&series.name, &style, (plane.right + 7 * FINE, y))?;
        }
        Ok(())
    }
}

/// A line of `width` pixels.
pub(super) fn stroke(color: RGBColor, width: u32) -> ShapeStyle {
    color.stroke_width(width * FINE as u32)
}

/// Moves sorted places at least `gap` apart, within `low` and `high` where they fit.
fn spread(mut places: Vec<i32>, gap: i32, low: i32, high: i32) -> Vec<i32> {
    for index in 1..places.len() {
        places[index] = places[index].max(places[index - 1] + gap);
    }
    if let Some(last) = places.last_mut() {
        *last = (*last).min(high.max(low));
    }
    for index in (1..places.len()).rev() {
        places[index - 1] = places[index - 1].min(places[index] - gap);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn names_are_moved_apart_and_stay_in_order() {
        assert_eq!(spread(vec![0, 1, 50], 10, 0, 100), [0, 10, 50]);
        assert_eq!(spread(vec![95, 96, 97], 10, 0, 100), [80, 90, 100]);
        assert_eq!(spread(vec![], 10, 0, 100), [0_i32; 0]);
    }
}
