//! The confusion matrix: who is taken for whom, as counts or as shares of each true class.

use super::figure::{Canvas, DrawingError, FINE, Figure, anchored, bold_style, text_style};
use super::palette::{FILL, HEADING, INK, LABEL, MUTED, ON_MARK};
use crate::tables::Confusion;
use plotters::element::Rectangle;
use plotters::style::Color;

/// What the cells say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// How many rows.
    Counts,
    /// The share of the true class's rows, 0 to 1.
    Shares,
}

/// Room for the classes' names and the words, in pixels.
const LEFT: i32 = 78;
const TOP: i32 = 64;
/// The side of the matrix of up to eleven classes, in pixels; more get smaller cells.
const SIDE: i32 = 418;

/// Above this share a cell is so dark that its text must be light.
const DARK: f64 = 0.72;

/// The matrix; rows are true classes. A cell is as dark as its share of its row, whatever
/// its text says, so that rare classes are seen too.
///
/// Errors: the backend's.
pub fn confusion_matrix(title: &str, confusion: &Confusion, cells: Cells) -> Result<Figure, DrawingError> {
    let size = [(LEFT + SIDE + 22) as u32, (TOP + SIDE + 12) as u32];
    Figure::draw(title, describe(confusion), size, |area| {
        let heading = match cells {
            Cells::Counts => "test rows by class",
            Cells::Shares => "share of each true class",
        };
        area.draw_text(heading, &anchored(bold_style(HEADING, INK), 1, 1), (LEFT * FINE, 6 * FINE))?;
        let words = anchored(text_style(LABEL, MUTED), 0, 1);
        area.draw_text("predicted", &words, ((LEFT + SIDE / 2) * FINE, 26 * FINE))?;
        let left_words = anchored(text_style(LABEL, MUTED), 1, 0);
        area.draw_text("true", &left_words, (6 * FINE, (TOP + SIDE / 2) * FINE))?;
        draw_names(area, confusion)?;
        draw_cells(area, confusion, cells)?;
        Ok(String::new())
    })
}

/// Where cell `index` of `n` begins, in drawing units from the matrix' edge.
fn edge(index: usize, n: usize) -> i32 {
    (index as i64 * i64::from(SIDE * FINE) / n.max(1) as i64) as i32
}

fn draw_names(area: &Canvas<'_>, confusion: &Confusion) -> Result<(), DrawingError> {
    let n = confusion.names().len();
    // With very many classes only some have room for their name.
    let every = n.div_ceil(28).max(1);
    for (index, name) in confusion.names().iter().enumerate().step_by(every) {
        let middle = (edge(index, n) + edge(index + 1, n)) / 2;
        let name: String = name.chars().take(6).collect();
        let style = bold_style(LABEL, INK);
        let (x, y) = (LEFT * FINE + middle, (TOP - 4) * FINE);
        area.draw_text(&name, &anchored(style.clone(), 0, -1), (x, y))?;
        area.draw_text(&name, &anchored(style, -1, 0), ((LEFT - 7) * FINE, TOP * FINE + middle))?;
    }
    Ok(())
}

fn draw_cells(area: &Canvas<'_>, confusion: &Confusion, cells: Cells) -> Result<(), DrawingError> {
    let n = confusion.names().len();
    for (truth, predicted) in (0..n).flat_map(|t| (0..n).map(move |p| (t, p))) {
        let count = confusion.count(truth, predicted);
        let share = confusion.share(truth, predicted);
        let (left, right) = (LEFT * FINE + edge(predicted, n), LEFT * FINE + edge(predicted + 1, n) - FINE);
        let (top, bottom) = (TOP * FINE + edge(truth, n), TOP * FINE + edge(truth + 1, n) - FINE);
        // Zero is a pale frame of nothing; the least error is already visible.
        let strength = if count == 0 { 0.05 } else { 0.14 + 0.86 * share };
        let style = FILL.mix(hundredths(strength)).filled();
        area.draw(&Rectangle::new([(left, top), (right, bottom)], style))?;
        if count == 0 || n > 16 {
            continue;
        }
        let text = match cells {
            Cells::Counts => count.to_string(),
            Cells::Shares => format!("{share:.2}").trim_start_matches('0').to_owned(),
        };
        let color = if strength > DARK { ON_MARK } else { INK };
        let middle = ((left + right) / 2, (top + bottom) / 2);
        area.draw_text(&text, &anchored(text_style(LABEL, color), 0, 0), middle)?;
    }
    Ok(())
}

/// Rounded, so that the text of the figure is short.
fn hundredths(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

fn describe(confusion: &Confusion) -> String {
    let name = |index: usize| confusion.names().get(index).map_or("", String::as_str);
    let hits: u64 = (0..confusion.names().len()).map(|i| confusion.count(i, i)).sum();
    let mut text = format!("{hits} of {} rows are right.", confusion.total());
    for pair in confusion.most_confused().iter().take(3) {
        text.push_str(&format!(
            " {} is taken for {} {} times.",
            name(pair.truth),
            name(pair.predicted),
            pair.count
        ));
    }
    text
}
