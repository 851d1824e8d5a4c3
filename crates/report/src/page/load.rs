//! Run folders as values, grouped by experiment; what is damaged is named and left out.

use crate::tables::{Classification, Confusion, LabelError};
use kiln_record::{
    Array, HeadKind, HeadRecord, History, Predictions, Problem, RecordError, RunFolder, RunRecord,
};
use std::cmp::Ordering;
use std::path::Path;

/// A run, read.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it is.
    pub folder: RunFolder,
    /// What ran.
    pub record: RunRecord,
    /// Its epochs.
    pub history: History,
    /// What it says of the test rows; without it, why not.
    pub predictions: Result<Predictions, String>,
    /// Its class heads and their confusions.
    pub classes: Vec<ClassHead>,
    /// What is wrong with the predictions, in words.
    pub warnings: Vec<String>,
}

/// A class head on the test rows.
#[derive(Clone, Debug)]
pub struct ClassHead {
    /// The head's name.
    pub name: String,
    /// True classes by row.
    pub targets: Vec<usize>,
    /// Predicted classes by row.
    pub predicted: Vec<usize>,
    /// Who is taken for whom.
    pub confusion: Confusion,
    /// Its scores.
    pub scores: Classification,
}

/// The runs of one spec.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The spec's name.
    pub spec: String,
    /// Its runs.
    pub runs: Vec<Run>,
}

impl Run {
    /// Reads a folder.
    ///
    /// Errors: the record or the history is missing or damaged. Predictions are not needed:
    /// what is wrong with them is said where they would be used.
    pub fn load(folder: &RunFolder) -> Result<Run, RecordError> {
        let record = RunRecord::load(folder.run_ron())?;
        let history = History::load(folder.history_csv())?;
        let mut warnings = Vec::new();
        let predictions = Predictions::load(folder.predictions()).map_err(|error| match *error.problem {
            // With some of its files there, it is a folder that was copied half.
            Problem::Missing if !folder.predictions().is_dir() => {
                "this run has no predictions yet: train it to its end".to_owned()
            }
            _ => {
                warnings.push(error.to_string());
                "the predictions are damaged".to_owned()
            }
        });
        let mut run =
            Run { folder: folder.clone(), record, history, predictions, classes: Vec::new(), warnings };
        run.look_for_gaps();
        run.read_class_heads();
        Ok(run)
    }

    /// What is there and whole, but does not fit the record: a folder that was copied half, or mixed with another.
    fn look_for_gaps(&mut self) {
        let gap = |path: &Path, why: String| RecordError::new(path, Problem::Damaged(why)).to_string();
        let epochs = self.history.epochs.len();
        if let Some(best) =
            self.record.best.as_ref().filter(|best| usize::try_from(best.epoch).is_ok_and(|e| e > epochs))
        {
            let why = format!("it ends with epoch {epochs}, the best one is {}", best.epoch);
            self.warnings.push(gap(&self.folder.history_csv(), why));
        }
        let Ok(predictions) = &self.predictions else { return };
        let folder = self.folder.predictions();
        if predictions.ids.len() as u64 != self.record.data.test_rows {
            let (found, rows) = (predictions.ids.len(), self.record.data.test_rows);
            self.warnings
                .push(gap(&folder.join("ids.npy"), format!("{found} rows, the test data has {rows}")));
        }
        for head in &self.record.heads {
            let field = head.loss.as_ref().map(|loss| loss.target.as_str());
            let has_field = field.is_none_or(|field| predictions.field(field).is_some());
            let missing = [
                (predictions.output(&head.name).is_none()).then(|| format!("output.{}.npy", head.name)),
                (!has_field).then(|| format!("field.{}.npy", field.unwrap_or_default())),
            ];
            for name in missing.into_iter().flatten() {
                let error = RecordError::new(folder.join(name), Problem::Missing).to_string();
                if !self.warnings.contains(&error) {
                    self.warnings.push(error);
                }
            }
        }
    }

    fn read_class_heads(&mut self) {
        let Ok(predictions) = &self.predictions else { return };
        for head in self.record.heads.iter().filter(|head| head.kind == HeadKind::Class) {
            match class_head(&self.record, predictions, head) {
                Some(Ok(class_head)) => self.classes.push(class_head),
                Some(Err(why)) => {
                    let folder = self.folder.predictions();
                    self.warnings.push(format!(
                        "{}: head {}: {why}; train this run again",
                        folder.display(),
                        head.name
                    ));
                }
                None => {}
            }
        }
    }

    /// What sets the run apart within its experiment.
    pub fn name(&self) -> String {
        let label = if self.record.label.is_empty() {
            format!("batch={}", self.record.batch)
        } else {
            without_groups(&self.record.label)
        };
        label.replace(" = ", "=").replace('=', " = ")
    }

    /// As [`Run::name`], for the end of a curve: the swept values alone.
    pub fn short_name(&self) -> String {
        let values: Vec<String> = self.record.sweep.iter().map(|(_, value)| without_groups(value)).collect();
        if values.is_empty() { self.record.batch.to_string() } else { values.join(", ") }
    }

    /// The first head that reconstructs a field, with its prediction and that field.
    pub fn reconstruction(&self, head: Option<&str>) -> Option<(&HeadRecord, &Array, &Array)> {
        let predictions = self.predictions.as_ref().ok()?;
        let wanted = |h: &&HeadRecord| h.kind == HeadKind::Value && head.is_none_or(|name| h.name == name);
        self.record.heads.iter().filter(wanted).find_map(|head| {
            let output = predictions.output(&head.name)?;
            let field = predictions.field(&head.loss.as_ref()?.target)?;
            (output.columns() == field.columns()).then_some((head, output, field))
        })
    }

    /// Rows and columns of a field that is a picture: as recorded, or else a square.
    pub fn picture_size(&self, field: &str, columns: usize) -> Option<[usize; 2]> {
        let recorded = self.record.data.fields.iter().find(|f| f.name == field).and_then(|f| f.picture);
        if let Some((rows, cols)) = recorded {
            let size = [usize::try_from(rows).ok()?, usize::try_from(cols).ok()?];
            return (size[0].checked_mul(size[1]) == Some(columns) && columns > 0).then_some(size);
        }
        let side = columns.isqrt();
        (side * side == columns && side > 1).then_some([side, side])
    }

    /// Mean squared error of the first head that reconstructs a field, over the stored test rows:
    /// comparable between runs whatever their losses are.
    pub fn squared_error(&self) -> Option<f64> {
        self.squared_error_of(None)
    }

    /// As [`Run::squared_error`], of this head.
    pub fn squared_error_of(&self, head: Option<&str>) -> Option<f64> {
        let (_, output, field) = self.reconstruction(head)?;
        let rows = output.rows();
        let of_row = |row| super::pictures::squared_error(output, field, row);
        let sum: f64 = (0..rows).map(of_row).sum();
        (rows > 0 && sum.is_finite()).then(|| sum / rows as f64)
    }

    /// The labels in the field of this name.
    pub fn labels_in(&self, field: &str) -> Option<Vec<usize>> {
        let classes = self.record.data.classes.len();
        let labels = self.predictions.as_ref().ok()?.field(field)?.labels()?;
        labels.iter().all(|&label| label < classes).then_some(labels)
    }

    /// The labels that colour the test rows: the first class head's truth.
    pub fn labels(&self) -> Option<Vec<usize>> {
        if let Some(head) = self.classes.first() {
            return Some(head.targets.clone());
        }
        let predictions = self.predictions.as_ref().ok()?;
        let classes = self.record.data.classes.len();
        let fields = predictions.fields.iter().filter(|(_, array)| array.columns() == 1);
        fields
            .filter_map(|(_, array)| array.labels())
            .find(|labels| labels.iter().all(|&label| label < classes))
    }
}

/// `None` where the head was not stored; an error where it cannot be read as classes.
fn class_head(
    record: &RunRecord,
    predictions: &Predictions,
    head: &HeadRecord,
) -> Option<Result<ClassHead, String>> {
    let output = predictions.output(&head.name)?;
    let field = predictions.field(&head.loss.as_ref()?.target)?;
    let Some(targets) = field.labels() else {
        return Some(Err("its targets are no class labels".to_owned()));
    };
    let predicted = output.argmax();
    // Data without names for its classes still has as many as the head has columns.
    let named = record.data.classes.len();
    let classes = output.columns().max(named);
    let names: Vec<String> =
        (0..classes).map(|i| record.data.classes.get(i).cloned().unwrap_or_else(|| i.to_string())).collect();
    let head = Confusion::of(&targets, &predicted, &names).map(|confusion| {
        let scores = Classification::of(&confusion);
        ClassHead { name: head.name.clone(), targets, predicted, confusion, scores }
    });
    Some(head.map_err(|error: LabelError| error.to_string()))
}

/// `11_200` as `11200`: the underscores between a number's digits left out.
pub(super) fn without_groups(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let is_group = |at: usize| chars[at] == '_' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    (0..chars.len()).filter(|&at| !is_group(at)).map(|at| chars[at]).collect()
}

/// Reads all folders. Experiments and their runs are in the order in which they are given.
pub fn load_all(folders: &[RunFolder]) -> (Vec<Experiment>, Vec<RecordError>) {
    let (mut experiments, mut damaged): (Vec<Experiment>, Vec<RecordError>) = (Vec::new(), Vec::new());
    for folder in folders {
        match Run::load(folder) {
            Err(error) => damaged.push(error),
            Ok(run) => match experiments.iter_mut().find(|e| e.spec == run.record.spec) {
                Some(experiment) => experiment.runs.push(run),
                None => experiments.push(Experiment { spec: run.record.spec.clone(), runs: vec![run] }),
            },
        }
    }
    (experiments, damaged)
}

/// Names in which numbers count by their value.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (a_parts, b_parts) = (parts(a), parts(b));
    for (x, y) in a_parts.iter().zip(&b_parts) {
        let numbers = (x.parse::<u64>(), y.parse::<u64>());
        let order = match numbers {
            (Ok(x), Ok(y)) => x.cmp(&y),
            _ => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a_parts.len().cmp(&b_parts.len()).then_with(|| a.cmp(b))
}

/// Runs of digits and runs of others.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{natural, without_groups};

    #[test]
    fn numbers_are_plain_and_names_are_kept() {
        assert_eq!(without_groups("batch=11_200, drop_rate=0.1"), "batch=11200, drop_rate=0.1");
        assert_eq!(without_groups("_1_x_2_"), "_1_x_2_");
    }

    #[test]
    fn numbers_in_names_count_by_their_value() {
        let mut names = ["exp10", "exp2", "exp", "exp02", "b", "128", "64", "1e-3", "11200"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["1e-3", "64", "128", "11200", "b", "exp", "exp02", "exp2", "exp10"]);
    }
}
