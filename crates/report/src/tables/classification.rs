//! The classification report: precision, recall and F1 of each class, in the layout of
//! scikit-learn's `classification_report(…, digits=2, zero_division=0)`.
//!
//! ```text
//! precision = hits / predicted    recall = hits / support    f1 = 2 · hits / (support + predicted)
//! ```
//!
//! A quotient by zero is 0. The two averages are over all classes, plain and weighted by
//! support. To agree in every digit, sums are taken in NumPy's order: where a mean falls on
//! half a digit, the last bit decides what is printed.

use super::{Confusion, LabelError};
use serde_json::{Map, Value, json};
use std::fmt;

/// Scores of one class, or their average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Share of the predictions that are right, 0 to 1.
    pub precision: f64,
    /// Share of the rows that are found, 0 to 1.
    pub recall: f64,
    /// Harmonic mean of both, 0 to 1.
    pub f1: f64,
    /// Rows.
    pub support: u64,
}

/// Scores of all classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// Name and scores by class.
    pub classes: Vec<(String, Scores)>,
    /// Share of all rows that are right, 0 to 1.
    pub accuracy: f64,
    /// Mean of the classes.
    pub macro_average: Scores,
    /// Mean of the classes, each weighted by its support.
    pub weighted_average: Scores,
}

/// The report as text.
///
/// Errors: unequal lengths, or a label that is no class.
pub fn classification_report(
    targets: &[usize],
    predictions: &[usize],
    names: &[String],
) -> Result<String, LabelError> {
    Ok(Classification::of(&Confusion::of(targets, predictions, names)?).to_string())
}

impl Classification {
    /// The scores of these counts.
    pub fn of(confusion: &Confusion) -> Classification {
        let class = |index: usize| {
            let (hits, support) = (confusion.count(index, index), confusion.support(index));
            let predicted = confusion.predicted(index);
            Scores {
                precision: ratio(hits, predicted),
                recall: ratio(hits, support),
                f1: ratio(2 * hits, support + predicted),
                support,
            }
        };
        let names = confusion.names();
        let classes: Vec<_> =
            names.iter().enumerate().map(|(index, name)| (name.clone(), class(index))).collect();
        let hits = (0..names.len()).map(|index| confusion.count(index, index)).sum();
        let scores: Vec<Scores> = classes.iter().map(|(_, scores)| *scores).collect();
        Classification {
            accuracy: ratio(hits, confusion.total()),
            macro_average: average(&scores, |_| 1.0),
            weighted_average: average(&scores, |class| class.support as f64),
            classes,
        }
    }

    /// All rows.
    pub fn support(&self) -> u64 {
        self.macro_average.support
    }

    /// The numbers as scikit-learn gives them with `output_dict=True`.
    pub fn to_json(&self) -> Value {
        let scores = |s: &Scores| {
            json!({
                "precision": s.precision, "recall": s.recall, "f1-score": s.f1, "support": s.support as f64,
            })
        };
        let mut map: Map<String, Value> =
            self.classes.iter().map(|(name, s)| (name.clone(), scores(s))).collect();
        map.insert("accuracy".to_owned(), self.accuracy.into());
        map.insert("macro avg".to_owned(), scores(&self.macro_average));
        map.insert("weighted avg".to_owned(), scores(&self.weighted_average));
        Value::Object(map)
    }
}

/// `a / b`, 0 where `b` is 0.
fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// The mean of `scores` with these weights; zeros where they sum to nothing.
fn average(scores: &[Scores], weight: impl Fn(&Scores) -> f64) -> Scores {
    let weights: Vec<f64> = scores.iter().map(weight).collect();
    let total = pairwise_sum(&weights);
    let mean = |value: fn(&Scores) -> f64| {
        let terms: Vec<f64> = scores.iter().zip(&weights).map(|(s, w)| value(s) * w).collect();
        if total == 0.0 { 0.0 } else { pairwise_sum(&terms) / total }
    };
    Scores {
        precision: mean(|s| s.precision),
        recall: mean(|s| s.recall),
        f1: mean(|s| s.f1),
        support: scores.iter().map(|s| s.support).sum(),
    }
}

/// The sum in the order of NumPy's `add.reduce`: eight running sums over up to 128 terms,
/// halves of more, one by one below eight.
fn pairwise_sum(terms: &[f64]) -> f64 {
    match terms.len() {
        0..8 => terms.iter().fold(0.0, |sum, x| sum + x),
        8..=128 => {
            let (blocks, rest) = terms.as_chunks::<8>();
            let mut sums = blocks[0];
            for block in &blocks[1..] {
                for (sum, x) in sums.iter_mut().zip(block) {
                    *sum += x;
                }
            }
            let [a, b, c, d, e, f, g, h] = sums;
            let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
            rest.iter().fold(sum, |sum, x| sum + x)
        }
        more => {
            let half = more / 2 - more / 2 % 8;
            pairwise_sum(&terms[..half]) + pairwise_sum(&terms[half..])
        }
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 2)
    }
}

/// A report with that many digits after the point.
struct WithDigits<'a>(&'a Classification, usize);

impl fmt::Display for WithDigits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, self.1)
    }
}

impl Classification {
    /// The report as text, with `digits` after the point.
    pub fn text(&self, digits: usize) -> String {
        WithDigits(self, digits).to_string()
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, digits: usize) -> fmt::Result {
        let names = self.classes.iter().map(|(name, _)| name.chars().count());
        let width = names.max().unwrap_or(0).max("weighted avg".len()).max(digits);
        writeln!(
            f,
            "{:>width$}  {:>9} {:>9} {:>9} {:>9}\n",
            "", "precision", "recall", "f1-score", "support"
        )?;
        // Without a single hit scikit-learn's supports are floats, and print as such.
        let decimals = usize::from(self.accuracy == 0.0);
        let write_row = |f: &mut fmt::Formatter<'_>, name: &str, scores: &Scores| {
            let Scores { precision, recall, f1, support } = *scores;
            let support = support as f64;
            writeln!(
                f,
                "{name:>width$}  {precision:>9.digits$} {recall:>9.digits$} {f1:>9.digits$} {support:>9.decimals$}"
            )
        };
        for (name, scores) in &self.classes {
            write_row(f, name, scores)?;
        }
        let (accuracy, support) = (self.accuracy, self.support() as f64);
        writeln!(
            f,
            "\n{:>width$}  {:>9} {:>9} {accuracy:>9.digits$} {support:>9.decimals$}",
            "accuracy", "", ""
        )?;
        write_row(f, "macro avg", &self.macro_average)?;
        write_row(f, "weighted avg", &self.weighted_average)
    }
}
