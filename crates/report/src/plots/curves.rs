//! Learning curves: training and validation, each loss and each metric in a figure of its own.
//!
//! In: a history. Out: figures. The best epoch is marked; losses that span more than a
//! decade or so are drawn on a logarithmic scale.

use super::figure::{DrawingError, Figure};
use super::palette::{TRAIN, UNIT, VALIDATION};
use super::panel::{self, Panel, Series};
use crate::tables::history::number;
use kiln_record::{Best, History};

/// The curves of a run, a figure each, with the name of its series: the total loss, each head's, each metric, and
/// the weight of each head where it changes. `best` is marked. With `log`, losses are on a logarithmic scale even
/// where a linear one shows them well. The total is left out where it is the loss of the only head.
///
/// Errors: the backend's.
pub fn learning_curves(
    title: &str,
    history: &History,
    best: Option<&Best>,
    log: bool,
) -> Result<Vec<(String, Figure)>, DrawingError> {
    let figure = |(name, panel): (&str, Panel)| {
        let words = format!("{title}, {}", panel.heading);
        let description = describe(history, best, name);
        let figure = Figure::draw(words, description, [UNIT, panel::HEIGHT], |area| {
            panel.draw(area)?;
            Ok(String::new())
        })?;
        Ok((name.to_owned(), figure))
    };
    panels(history, best, log).into_iter().map(figure).collect()
}

/// One for each series without `val_`; its counterpart with `val_` joins it.
fn panels<'a>(history: &'a History, best: Option<&Best>, log: bool) -> Vec<(&'a str, Panel)> {
    if history.epochs.is_empty() {
        return Vec::new();
    }
    let shown = |name: &&String| {
        let is_part = name.starts_with("val_");
        let is_constant = name.starts_with("weight.") && !changes(history, name);
        let is_told = *name == "loss" && is_of_one_head(history);
        !(is_part || is_constant || is_told)
    };
    let mark = best.map(|best| (f64::from(best.epoch), format!("best: {}", best.epoch)));
    let panel = |name: &'a String| {
        let curves = [("training", name.clone(), TRAIN), ("validation", format!("val_{name}"), VALIDATION)];
        let (mut series, mut legend) = (Vec::new(), Vec::new());
        for (words, name, color) in curves {
            if let Some(curve) = curve(history, &name, color) {
                series.push(curve);
                legend.push((words.to_owned(), color));
            }
        }
        let is_loss = name == "loss" || name.starts_with("loss.");
        let is_only_total = name == "loss" && !history.names.iter().any(|n| n.starts_with("loss."));
        let panel = Panel {
            heading: heading(name, is_only_total),
            x_label: "epoch".to_owned(),
            series,
            legend,
            mark: mark.clone(),
            counted: true,
            may_log: is_loss,
            log: log && is_loss,
            ..Panel::default()
        };
        (name.as_str(), panel)
    };
    history.names.iter().filter(shown).map(panel).collect()
}

/// Whether the total says nothing that a head's loss does not.
fn is_of_one_head(history: &History) -> bool {
    let heads: Vec<&String> = history.names.iter().filter(|name| name.starts_with("loss.")).collect();
    let same = |a: &str, b: &str| match (history.series(a), history.series(b)) {
        (Some(a), Some(b)) => a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()),
        (a, b) => a.is_none() && b.is_none(),
    };
    match heads.as_slice() {
        [head] => same("loss", head) && same("val_loss", &format!("val_{head}")),
        _ => false,
    }
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

fn describe(history: &History, best: Option<&Best>, name: &str) -> String {
    let mut text = format!("{} over {} epochs.", heading(name, false), history.epochs.len());
    for (which, name) in [("training", name.to_owned()), ("validation", format!("val_{name}"))] {
        let series = history.series(&name).unwrap_or_default();
        let [Some(first), Some(last)] = [series.first(), series.last()] else { continue };
        text.push_str(&format!(" In {which} from {} to {}.", number(*first), number(*last)));
    }
    if let Some(best) = best {
        let value = number(best.value);
        text.push_str(&format!(" Best epoch: {}, where {} is {value}.", best.epoch, best.monitor));
    }
    text
}
