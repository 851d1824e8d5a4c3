//! The confusion matrix: who is taken for whom, as counts or as shares of each true class.

use super::figure::{Canvas, DrawingError, FINE, Figure, anchored, bold_style, text_style};
use super::palette::{FILL, HEADING, INK, LABEL, MUTED, ON_MARK, UNIT};
use crate::tables::Confusion;
use plotters::element::Rectangle;
use plotters::style::{Color, FontTransform};

/// What the cells say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// How many rows.
    Counts,
    /// The share of the true class's rows, 0 to 1.
    Shares,
}

/// The most letters of a name that are shown.
const LETTERS: usize = 8;
/// Room for a letter, in pixels.
const LETTER: i32 = 8;
/// The words above the matrix, in pixels.
const WORDS: i32 = 48;
/// Right of the matrix and below it, in pixels.
const MARGIN: i32 = 6;

/// Above this share a cell is so dark that its text must be light.
const DARK: f64 = 0.72;

/// Where the matrix is, in pixels.
struct Layout {
    left: i32,
    top: i32,
    side: i32,
    /// Cells in a row.
    n: usize,
    /// Whether the names above the columns are too long to stand side by side.
    is_upright: bool,
}

impl Layout {
    fn of(confusion: &Confusion) -> Layout {
        let names = confusion.names();
        let longest =
            names.iter().map(|name| name.chars().count()).max().unwrap_or(1).clamp(1, LETTERS) as i32;
        let left = 22 + longest * LETTER;
        let side = UNIT as i32 - left - MARGIN;
        let is_upright = longest > 1 && longest * (LETTER + 1) > side / names.len().max(1) as i32;
        let top = WORDS + if is_upright { longest * (LETTER + 1) + 4 } else { 18 };
        Layout { left, top, side, n: names.len(), is_upright }
    }

    /// Where cell `index` begins, in drawing units from the matrix' edge.
    fn edge(&self, index: usize) -> i32 {
        (index as i64 * i64::from(self.side * FINE) / self.n.max(1) as i64) as i32
    }
}

/// The matrix; rows are true classes. A cell is as dark as its share of its row, whatever
/// its text says, so that rare classes are seen too.
///
/// Errors: the backend's.
pub fn confusion_matrix(title: &str, confusion: &Confusion, cells: Cells) -> Result<Figure, DrawingError> {
    let layout = Layout::of(confusion);
    let size = [UNIT, (layout.top + layout.side + MARGIN) as u32];
    Figure::draw(title, describe(confusion), size, |area| {
        let heading = match cells {
            Cells::Counts => "Confusion: test samples",
            Cells::Shares => "Confusion: share of each row",
        };
        let left = layout.left * FINE;
        area.draw_text(heading, &anchored(bold_style(HEADING, INK), 1, 1), (left, 6 * FINE))?;
        let words = anchored(text_style(LABEL, MUTED), 1, 1);
        let below = match cells {
            Cells::Counts => "rows: true class, columns: predicted",
            Cells::Shares => "each row sums to 1; · is less than .005",
        };
        area.draw_text(below, &words, (left, 27 * FINE))?;
        draw_names(area, confusion, &layout)?;
        draw_cells(area, confusion, cells, &layout)?;
        Ok(String::new())
    })
}

fn draw_names(area: &Canvas<'_>, confusion: &Confusion, layout: &Layout) -> Result<(), DrawingError> {
    // With very many classes only some have room for their name.
    let every = layout.n.div_ceil(22).max(1);
    let (left, top) = (layout.left * FINE, layout.top * FINE);
    for (index, name) in confusion.names().iter().enumerate().step_by(every) {
        let middle = (layout.edge(index) + layout.edge(index + 1)) / 2;
        let name: String = name.chars().take(LETTERS).collect();
        let style = bold_style(LABEL, INK);
        let (over, (x, y)) = if layout.is_upright {
            let upwards = anchored(style.clone(), 1, 0).transform(FontTransform::Rotate270);
            (upwards, (left + middle, top - 5 * FINE))
        } else {
            (anchored(style.clone(), 0, -1), (left + middle, top - 4 * FINE))
        };
        area.draw_text(&name, &over, (x, y))?;
        area.draw_text(&name, &anchored(style, -1, 0), (left - 7 * FINE, top + middle))?;
    }
    Ok(())
}

fn draw_cells(
    area: &Canvas<'_>,
    confusion: &Confusion,
    cells: Cells,
    layout: &Layout,
) -> Result<(), DrawingError> {
    let n = layout.n;
    let (edge_left, edge_top) = (layout.left * FINE, layout.top * FINE);
    for (truth, predicted) in (0..n).flat_map(|t| (0..n).map(move |p| (t, p))) {
        let count = confusion.count(truth, predicted);
        let share = confusion.share(truth, predicted);
        let (left, right) =
            (edge_left + layout.edge(predicted), edge_left + layout.edge(predicted + 1) - FINE);
        let (top, bottom) = (edge_top + layout.edge(truth), edge_top + layout.edge(truth + 1) - FINE);
        // Zero is a pale frame of nothing; the least error is already visible.
        let strength = if count == 0 { 0.05 } else { 0.14 + 0.86 * share };
        let style = FILL.mix(hundredths(strength)).filled();
        area.draw(&Rectangle::new([(left, top), (right, bottom)], style))?;
        let text = match cells {
            Cells::Counts => count.to_string(),
            // Less than half a hundredth is not nothing: no zero is written.
            Cells::Shares if share < 0.005 => "·".to_owned(),
            Cells::Shares => format!("{share:.2}").trim_start_matches('0').to_owned(),
        };
        let has_room = text.len() as i32 * LETTER * FINE <= right - left && bottom - top >= 16 * FINE;
        if count == 0 || !has_room {
            continue;
        }
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
