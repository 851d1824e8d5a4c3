//! The numbers of all runs for programs: `results.csv`, one row a run; `classification.csv`, one row a class and
//! average of each class head; and `results.json` with both.

use super::load::{Experiment, Run};
use super::overview::{accuracy, samples_per_second, status};
use serde_json::{Value, json};

const COLUMNS: [&str; 18] = [
    "experiment",
    "run",
    "batch",
    "status",
    "parameters",
    "epochs",
    "best_epoch",
    "accuracy",
    "macro_f1",
    "weighted_f1",
    "squared_error",
    "seconds",
    "samples_per_second",
    "seed",
    "data",
    "fingerprint",
    "content",
    "kiln",
];

/// One row a run, with a header; cells with commas or quotes are quoted, unknown ones empty.
pub(super) fn csv(experiments: &[Experiment]) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for run in experiments.iter().flat_map(|experiment| &experiment.runs) {
        let cells: Vec<String> = cells(run).iter().map(|cell| quoted(cell)).collect();
        text.push_str(&(cells.join(",") + "\n"));
    }
    text
}

/// One row a class and average, with a header.
pub(super) fn classification_csv(experiments: &[Experiment]) -> String {
    let mut text = "experiment,run,content,head,class,precision,recall,f1_score,support\n".to_owned();
    for run in experiments.iter().flat_map(|experiment| &experiment.runs) {
        for head in &run.classes {
            let averages =
                [("macro avg", &head.scores.macro_average), ("weighted avg", &head.scores.weighted_average)];
            let classes = head.scores.classes.iter().map(|(name, scores)| (name.as_str(), scores));
            for (class, scores) in classes.chain(averages) {
                let names =
                    [&run.record.spec, &run.name(), &run.record.content, &head.name, class].map(quoted);
                let numbers = [scores.precision, scores.recall, scores.f1].map(|x| format!("{x:?}"));
                text.push_str(&format!("{},{},{}\n", names.join(","), numbers.join(","), scores.support));
            }
        }
    }
    text
}

fn cells(run: &Run) -> [String; 18] {
    let number = |value: Option<f64>| value.map_or_else(String::new, |x| format!("{x:?}"));
    let scores = run.classes.first().map(|head| &head.scores);
    let record = &run.record;
    [
        record.spec.clone(),
        run.name(),
        record.batch.to_string(),
        status(run).to_owned(),
        record.parameters.total().to_string(),
        run.history.epochs.len().to_string(),
        record.best.as_ref().map_or_else(String::new, |best| best.epoch.to_string()),
        number(accuracy(run)),
        number(scores.map(|s| s.macro_average.f1)),
        number(scores.map(|s| s.weighted_average.f1)),
        number(run.squared_error()),
        number(Some(run.history.seconds())),
        number(samples_per_second(run)),
        record.seed.to_string(),
        record.data.name.clone(),
        record.data.fingerprint.clone(),
        record.content.clone(),
        record.kiln.clone(),
    ]
}

/// As RFC 4180 wants it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A list of runs, each with its measures and its classification reports by head.
pub(super) fn json(experiments: &[Experiment]) -> String {
    let runs: Vec<Value> = experiments.iter().flat_map(|experiment| &experiment.runs).map(run_json).collect();
    let mut text = serde_json::to_string_pretty(&Value::from(runs)).unwrap_or_default();
    text.push('\n');
    text
}

fn run_json(run: &Run) -> Value {
    let columns =
        COLUMNS.iter().zip(cells(run)).map(|(name, cell)| ((*name).to_owned(), typed(name, cell))).collect();
    let measures = run.record.results.iter().map(|m| (m.name.clone(), json!(m.value))).collect();
    let reports = run.classes.iter().map(|head| (head.name.clone(), head.scores.to_json())).collect();
    let mut value = Value::Object(columns);
    value["results"] = Value::Object(measures);
    value["classification"] = Value::Object(reports);
    value
}

/// Texts stay texts, whatever they look like; empty numbers are null.
fn typed(name: &str, cell: String) -> Value {
    let is_text = ["experiment", "run", "status", "data", "fingerprint", "content", "kiln"].contains(&name);
    if is_text { cell.into() } else { serde_json::from_str(&cell).unwrap_or(Value::Null) }
}
