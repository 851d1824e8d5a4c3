//! Learning curves: training and validation, each loss and each metric in a panel of its own.
//!
//! In: a history. Out: a figure. The best epoch is marked; losses that span more than a
//! decade or so are drawn on a logarithmic scale.

use super::figure::{DrawingError, FINE, Figure, anchored, bold_style, text_style};
use super::palette::{LABEL, MUTED, TRAIN, VALIDATION, WIDE};
use super::panel::{Panel, Series};
use crate::tables::history::number;
use kiln_record::{Best, History};

/// Height of a panel in pixels.
const PANEL: u32 = 250;
/// Room for the words above the panels.
const TOP: u32 = 30;

/// The curves of a run: a panel for the total loss, one for each head's, one for each
/// metric, and one for each head's weight where it changes. `best` is marked. With `log`, losses
/// are on a logarithmic scale even where a linear one shows them well.
///
/// Errors: the backend's.
pub fn learning_curves(
    title: &str,
    history: &History,
    best: Option<&Best>,
    log: bool,
) -> Result<Figure, DrawingError> {
    let panels = panels(history, best, log);
    let rows = (panels.len() as u32).div_ceil(2);
    let size = [WIDE, TOP + rows * PANEL];
    Figure::draw(title, describe(history, best), size, |area| {
        for (x, color, words) in [(56, TRAIN, "training"), (130, VALIDATION, "validation")] {
            area.draw_text(words, &anchored(bold_style(LABEL, color), 1, 1), (x * FINE, 8 * FINE))?;
        }
        if panels.is_empty() {
            area.draw_text("no epochs", &anchored(text_style(LABEL, MUTED), 1, 1), (240 * FINE, 8 * FINE))?;
        }
        let (_, below) = area.split_vertically((TOP as i32 * FINE) as u32);
        for (panel, cell) in panels.iter().zip(below.split_evenly((rows.max(1) as usize, 2))) {
            panel.draw(&cell)?;
        }
        Ok(String::new())
    })
}

/// One for each series without `val_`; its counterpart with `val_` joins it.
fn panels(history: &History, best: Option<&Best>, log: bool) -> Vec<Panel> {
    if history.epochs.is_empty() {
        return Vec::new();
    }
    let shown = |name: &&String| {
        !name.starts_with("val_") && (!name.starts_with("weight.") || changes(history, name))
    };
    let mark = best.map(|best| (f64::from(best.epoch), format!("best: {}", best.epoch)));
    let panel = |name: &String| {
        let curves = [(name.clone(), TRAIN), (format!("val_{name}"), VALIDATION)];
        let series = curves.into_iter().filter_map(|(name, color)| curve(history, &name, color)).collect();
        let is_loss = name == "loss" || name.starts_with("loss.");
        let is_only_total = name == "loss" && !history.names.iter().any(|n| n.starts_with("loss."));
        Panel {
            heading: heading(name, is_only_total),
            x_label: "epoch".to_owned(),
            series,
            mark: mark.clone(),
            counted: true,
            may_log: is_loss,
            log: log && is_loss,
            ..Panel::default()
        }
    };
    history.names.iter().filter(shown).map(panel).collect()
}

fn changes(history: &History, name: &str) -> bool {
    let values = history.series(name).unwrap_or_default();
    values.windows(2).any(|pair| pair[0] != pair[1])
}

/// The series as a nameless curve over the epochs.
fn curve(history: &History, name: &str, color: plotters::style::RGBColor) -> Option<Series> {
    let values = history.series(name)?;
    let points = history.epochs.iter().zip(values).map(|(row, y)| (f64::from(row.epoch), y)).collect();
    Some(Series { name: String::new(), color, points })
}

/// `loss.decoder` as `loss of decoder`, `classifier.f1_macro` as `f1_macro of classifier`.
pub(crate) fn heading(name: &str, is_only_total: bool) -> String {
    match name.split_once('.') {
        None if name == "loss" && !is_only_total => "loss, total".to_owned(),
        None => name.to_owned(),
        Some(("loss", head)) => format!("loss of {head}"),
        Some(("weight", head)) => format!("weight of {head}"),
        Some((head, metric)) => format!("{metric} of {head}"),
    }
}

fn describe(history: &History, best: Option<&Best>) -> String {
    let Some(last) = history.epochs.last() else { return "No epoch has ended yet.".to_owned() };
    let mut text = format!("Curves over {} epochs.", history.epochs.len());
    for (name, value) in history.names.iter().zip(&last.values) {
        let counterpart = name.strip_prefix("val_").unwrap_or(name);
        let words = heading(counterpart, false);
        let which = if name.starts_with("val_") { "validation" } else { "training" };
        text.push_str(&format!(" At the end {words} is {} in {which}.", number(*value)));
    }
    if let Some(best) = best {
        text.push_str(&format!(
            " Best epoch: {}, where {} is {}.",
            best.epoch,
            best.monitor,
            number(best.value)
        ));
    }
    text
}
