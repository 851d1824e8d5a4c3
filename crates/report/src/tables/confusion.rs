//! Who is taken for whom: counts of (true class, predicted class).

use super::LabelError;
use std::fmt::Write;

/// How often each class was predicted as each: rows are true classes, columns predicted ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    names: Vec<String>,
    /// Row-major; `names.len()` squared.
    counts: Vec<u64>,
}

/// A pair of classes, and how often the first was taken for the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of the true class.
    pub truth: usize,
    /// Index of the predicted class; another one.
    pub predicted: usize,
    /// How often; at least once.
    pub count: u64,
}

impl Confusion {
    /// Counts the rows of `targets` and `predictions`, both labels of the classes `names`.
    ///
    /// Errors: unequal lengths, or a label that is no class.
    pub fn of(targets: &[usize], predictions: &[usize], names: &[String]) -> Result<Confusion, LabelError> {
        if targets.len() != predictions.len() {
            return Err(LabelError::Lengths { targets: targets.len(), predictions: predictions.len() });
        }
        let classes = names.len();
        let mut counts = vec![0; classes * classes];
        for (row, (&target, &prediction)) in targets.iter().zip(predictions).enumerate() {
            if let Some(&label) = [target, prediction].iter().find(|&&label| label >= classes) {
                return Err(LabelError::OutOfRange { label, row, classes });
            }
            counts[target * classes + prediction] += 1;
        }
        Ok(Confusion { names: names.to_vec(), counts })
    }

    /// The classes' names, by index.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Rows of the class `truth` that were predicted as `predicted`.
    ///
    /// # Panics
    /// If one of them is no class.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.names.len() + predicted]
    }

    /// Rows of the class `truth`.
    pub fn support(&self, truth: usize) -> u64 {
        (0..self.names.len()).map(|predicted| self.count(truth, predicted)).sum()
    }

    /// Rows predicted as `predicted`.
    pub fn predicted(&self, predicted: usize) -> u64 {
        (0..self.names.len()).map(|truth| self.count(truth, predicted)).sum()
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of the rows of `truth` that were predicted as `predicted`, 0 to 1; 0 where
    /// the class has no rows.
    pub fn share(&self, truth: usize, predicted: usize) -> f64 {
        match self.support(truth) {
            0 => 0.0,
            support => self.count(truth, predicted) as f64 / support as f64,
        }
    }

    /// Pairs of different classes, the most frequent first, equal ones in the classes' order.
    pub fn most_confused(&self) -> Vec<Pair> {
        let n = self.names.len();
        let cells = (0..n).flat_map(|truth| (0..n).map(move |predicted| (truth, predicted)));
        let mut pairs: Vec<Pair> = cells
            .map(|(truth, predicted)| Pair { truth, predicted, count: self.count(truth, predicted) })
            .filter(|pair| pair.truth != pair.predicted && pair.count > 0)
            .collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.count));
        pairs
    }

    /// As text: rows are true classes, columns predicted ones; nothing for a zero.
    pub fn counts_text(&self) -> String {
        self.text(|truth, predicted| match self.count(truth, predicted) {
            0 => "·".to_owned(),
            count => count.to_string(),
        })
    }

    /// As text, each row in hundredths of its class's rows.
    pub fn shares_text(&self) -> String {
        self.text(|truth, predicted| match self.count(truth, predicted) {
            0 => "·".to_owned(),
            _ => format!("{:.2}", self.share(truth, predicted)),
        })
    }

    fn text(&self, cell: impl Fn(usize, usize) -> String) -> String {
        let n = self.names.len();
        let cells: Vec<Vec<String>> = (0..n).map(|t| (0..n).map(|p| cell(t, p)).collect()).collect();
        let name_width = self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
        let widest = cells.iter().flatten().map(|cell| cell.chars().count()).max().unwrap_or(0);
        let width = widest.max(self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0));
        let mut text = format!("{:>name_width$} ", "true");
        for name in &self.names {
            let _ = write!(text, " {name:>width$}");
        }
        text.push_str("  <- predicted\n");
        for (name, row) in self.names.iter().zip(&cells) {
            let _ = write!(text, "{name:>name_width$} ");
            for cell in row {
                let _ = write!(text, " {cell:>width$}");
            }
            text.push('\n');
        }
        text
    }
}
