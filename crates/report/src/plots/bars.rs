//! Bars of F1 by class, with precision and recall as marks on them.

use super::axis::{Axis, Scale};
use super::figure::{Canvas, DrawingError, FINE, Figure, anchored, bold_style, text_style};
use super::palette::{FILL, GRID, HEADING, INK, LABEL, MUTED, TRAIN, UNIT, VALIDATION};
use super::panel::stroke;
use crate::tables::Classification;
use plotters::element::{Circle, PathElement, Rectangle, TriangleMarker};
use plotters::style::Color;

/// Room for a class's name of one letter and for each further one, in pixels.
const LEFT: i32 = 30;
const LETTER: i32 = 8;
const RIGHT: i32 = 46;
const TOP: i32 = 54;
const BELOW: i32 = 30;
/// The height of a bar and the space after it, in pixels.
const BAR: i32 = 26;
/// The most letters of a name that are shown.
const LETTERS: usize = 9;

/// A bar for each class's F1; its precision is a dot, its recall a triangle. The axis
/// begins at the round number below the smallest score, and says so.
///
/// Errors: the backend's.
pub fn class_scores(title: &str, scores: &Classification) -> Result<Figure, DrawingError> {
    let rows = scores.classes.len() as i32;
    let longest = scores.classes.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(1);
    let left = LEFT + (longest.clamp(1, LETTERS) as i32 - 1) * LETTER;
    let size = [UNIT, (TOP + rows * BAR + BELOW) as u32];
    Figure::draw(title, describe(scores), size, |area| {
        let low = scores.classes.iter().flat_map(|(_, s)| [s.f1, s.precision, s.recall]).fold(1.0, f64::min);
        let low = ((low * 10.0 - 0.5).floor() / 10.0).max(0.0);
        let pixels = [left * FINE, (UNIT as i32 - RIGHT) * FINE];
        let Some(axis) = Axis::over(Scale::Linear, [low, 1.0].into_iter(), 0.0, pixels) else {
            return Ok(String::new());
        };
        draw_legend(area, left, low)?;
        let bottom = (TOP + rows * BAR) * FINE;
        for (value, text) in axis.ticks(4) {
            let x = axis.pixel(value);
            area.draw(&PathElement::new(vec![(x, (TOP - 4) * FINE), (x, bottom)], stroke(GRID, 1)))?;
            area.draw_text(&text, &anchored(text_style(LABEL, MUTED), 0, 1), (x, bottom + 6 * FINE))?;
        }
        for (row, (name, scores)) in scores.classes.iter().enumerate() {
            let top = (TOP + row as i32 * BAR + 3) * FINE;
            let (bottom, middle) = (top + (BAR - 7) * FINE, top + (BAR - 7) * FINE / 2);
            let name: String = name.chars().take(LETTERS).collect();
            area.draw_text(&name, &anchored(bold_style(LABEL, INK), -1, 0), ((left - 7) * FINE, middle))?;
            let bar = [(pixels[0], top), (axis.pixel(scores.f1), bottom)];
            area.draw(&Rectangle::new(bar, FILL.mix(0.45).filled()))?;
            area.draw(&Circle::new((axis.pixel(scores.precision), middle), 4 * FINE, TRAIN.filled()))?;
            area.draw(&TriangleMarker::new(
                (axis.pixel(scores.recall), middle),
                5 * FINE,
                VALIDATION.filled(),
            ))?;
            let label = anchored(text_style(LABEL, INK), 1, 0);
            area.draw_text(&format!("{:.2}", scores.f1), &label, (pixels[1] + 9 * FINE, middle))?;
        }
        Ok(String::new())
    })
}

fn draw_legend(area: &Canvas<'_>, left: i32, low: f64) -> Result<(), DrawingError> {
    let from = if low > 0.0 { format!("F1 by class, from {low:.1}") } else { "F1 by class".to_owned() };
    area.draw_text(&from, &anchored(bold_style(HEADING, INK), 1, 1), (left * FINE, 6 * FINE))?;
    let (precision, recall) = (((left + 5) * FINE, 37 * FINE), ((left + 100) * FINE, 37 * FINE));
    area.draw(&Circle::new(precision, 4 * FINE, TRAIN.filled()))?;
    area.draw(&TriangleMarker::new(recall, 5 * FINE, VALIDATION.filled()))?;
    let words = |color| anchored(bold_style(LABEL, color), 1, 0);
    area.draw_text("precision", &words(TRAIN), (precision.0 + 9 * FINE, precision.1))?;
    area.draw_text("recall", &words(VALIDATION), (recall.0 + 9 * FINE, recall.1))
}

fn describe(scores: &Classification) -> String {
    let mut text = format!(
        "F1 by class; the mean is {:.2}, the accuracy {:.2}.",
        scores.macro_average.f1, scores.accuracy
    );
    let by_f1 = |a: &&(String, crate::tables::Scores), b: &&(String, crate::tables::Scores)| {
        a.1.f1.total_cmp(&b.1.f1)
    };
    if let (Some(worst), Some(best)) =
        (scores.classes.iter().min_by(by_f1), scores.classes.iter().max_by(by_f1))
    {
        text.push_str(&format!(
            " Best is {} with {:.2}, worst {} with {:.2}.",
            best.0, best.1.f1, worst.0, worst.1.f1
        ));
    }
    text
}
