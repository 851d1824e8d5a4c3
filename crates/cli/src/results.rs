//! What a model comes to on the test rows: its measures, and a classification report for each head with
//! class labels. As text and as data.

use crate::progress::number;
use anyhow::{Context, Result};
use kiln::record::{HeadKind, HeadRecord, Predictions};
use kiln::report::tables::{Classification, Confusion};
use serde_json::{Map, Value, json};

/// Measures and reports.
pub(crate) struct Results {
    measures: Vec<(String, f64)>,
    /// By head.
    reports: Vec<(String, Classification)>,
}

impl Results {
    /// # Errors
    /// Where the predictions do not belong to the heads: files of another run.
    pub(crate) fn of(
        measures: Vec<(String, f64)>,
        predictions: &Predictions,
        heads: &[HeadRecord],
        classes: &[String],
    ) -> Result<Results> {
        let mut reports = Vec::new();
        for head in heads.iter().filter(|head| head.kind == HeadKind::Class) {
            let Some(output) = predictions.output(&head.name) else { continue };
            let target = head.loss.as_ref().and_then(|loss| predictions.field(&loss.target));
            let labels = target.and_then(|target| target.labels());
            let labels = labels.with_context(|| format!("the labels of `{}` are not stored", head.name))?;
            let names = names(classes, head.columns);
            let confusion = Confusion::of(&labels, &output.argmax(), &names)
                .with_context(|| format!("the predictions of `{}`", head.name))?;
            reports.push((head.name.clone(), Classification::of(&confusion)));
        }
        Ok(Results { measures, reports })
    }

    /// One line of measures, then the reports.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if !self.measures.is_empty() {
            let words: Vec<String> =
                self.shown().iter().map(|(name, value)| format!("{name} {}", number(*value))).collect();
            text.push_str(&format!("on the test data: {}\n", words.join("  ")));
        }
        for (head, report) in &self.reports {
            let title = if self.reports.len() > 1 { format!("{head}\n") } else { String::new() };
            text.push_str(&format!("\n{title}{report}"));
        }
        text
    }

    /// Measures that a line has room for: the total loss and the metrics; with several heads, their losses.
    pub(crate) fn shown(&self) -> Vec<(&str, f64)> {
        let losses = self.measures.iter().filter(|(name, _)| name.starts_with("loss.")).count();
        // With one head, its loss is the total but for penalties and its weight.
        let shown = self.measures.iter().filter(|(name, _)| losses > 1 || !name.starts_with("loss."));
        shown.map(|(name, value)| (name.as_str(), *value)).collect()
    }

    /// `measures` and `classification`, the latter by head as scikit-learn has it.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let measures: Map<String, Value> =
            self.measures.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let reports: Map<String, Value> =
            self.reports.iter().map(|(head, report)| (head.clone(), report.to_json())).collect();
        Map::from_iter([
            ("measures".to_owned(), measures.into()),
            ("classification".to_owned(), reports.into()),
        ])
    }
}

/// One name a column: those of the data, numbers where it has none.
fn names(classes: &[String], columns: u64) -> Vec<String> {
    if classes.len() as u64 >= columns {
        classes.to_vec()
    } else {
        (0..columns).map(|i| i.to_string()).collect()
    }
}

/// Lines of cells under their titles: the first column to the left, the others to the right.
pub(crate) fn columns(titles: &[String], lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.chain([&titles[column]]).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let mut text = String::new();
    for line in std::iter::once(titles).chain(lines.iter().map(Vec::as_slice)) {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (cell, &width))| match i {
            0 => format!("{cell:<width$}"),
            _ => format!("  {cell:>width$}"),
        });
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn cells_stand_under_their_titles() {
        let text = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
        let lines = [text(&["batch=512", "30", "0.1"]), text(&["batch=32", "7", ""])];
        let want = "run        epochs  loss\nbatch=512      30   0.1\nbatch=32        7\n";
        assert_eq!(columns(&text(&["run", "epochs", "loss"]), &lines), want);
    }
}
