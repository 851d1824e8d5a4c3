//! A sweep in words: what differs between its runs, what came of it, and what the numbers say about why.
//!
//! In: the runs of a sweep in the order of their values. Out: paragraphs for someone who knows neither the spec nor
//! the code. Every sentence is made from recorded numbers and is left out where they do not bear it.

use super::load::Run;
use super::overview::{accuracy, grouped};
use super::sweep::{goals, updates_in_all};
use crate::tables::history::number;

/// The paragraphs; `what` is the name of the swept value.
pub(super) fn told(what: &str, runs: &[&Run]) -> Vec<String> {
    let told = [setting(what, runs), result(what, runs), reason(what, runs), time(what, runs)];
    told.into_iter().filter(|words| !words.is_empty()).map(|words| words.trim_end().to_owned()).collect()
}

/// `a, b and c`
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// Each run's value and name, where it has such a value.
fn values(runs: &[&Run], of: &dyn Fn(&Run) -> Option<f64>) -> Vec<(f64, String)> {
    let finite = |run: &&Run| Some((of(run).filter(|x| x.is_finite())?, run.short_name()));
    runs.iter().filter_map(finite).collect()
}

/// Which run has the smallest and which the largest value; nothing where they are equal.
fn ends(values: &[(f64, String)]) -> Option<[&(f64, String); 2]> {
    let least = values.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let most = values.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    (least.0 < most.0).then_some([least, most])
}

fn by_batch(runs: &[&Run]) -> bool {
    runs.windows(2).any(|pair| pair[0].record.batch != pair[1].record.batch)
}

/// What differs, and what that means.
fn setting(what: &str, runs: &[&Run]) -> String {
    let names: Vec<String> = runs.iter().map(|run| run.short_name()).collect();
    let mut words =
        format!("These {} runs differ in nothing but the {what}: {}. ", runs.len(), listed(&names));
    if !by_batch(runs) {
        return words;
    }
    words.push_str(
        "The batch size is the number of training samples that are looked at before the weights are changed once. ",
    );
    let epochs: Vec<usize> = runs.iter().map(|run| run.history.epochs.len()).collect();
    let rows = runs.first().map_or(0, |run| run.record.data.train_rows);
    let updates = values(runs, &|run| updates_in_all(run).map(|count| count as f64));
    if updates.len() == runs.len() {
        let counts: Vec<String> =
            updates.iter().map(|(count, name)| format!("{} times with {name}", grouped(*count))).collect();
        if epochs.iter().all(|&count| count == epochs[0]) {
            words.push_str(&format!(
                "All of them saw each of the {} training samples {} times, but changed their weights {}. ",
                grouped(rows as f64),
                epochs[0],
                listed(&counts)
            ));
        } else {
            words.push_str(&format!("They changed their weights {}. ", listed(&counts)));
        }
    }
    if let Some(run) = runs.iter().find(|run| rows > 0 && run.record.batch >= rows) {
        words.push_str(&format!("With {} the whole training data is one batch. ", run.short_name()));
    }
    words
}

/// Best and worst, and by how much.
fn result(what: &str, runs: &[&Run]) -> String {
    let mut words = String::new();
    if let Some([worst, best]) = ends(&values(runs, &accuracy)) {
        words.push_str(&format!(
            "With {what} {}, {:.1}% of the test samples are classified correctly, the most of all runs; with {} it is \
             {:.1}%, the fewest. ",
            best.1,
            best.0 * 100.0,
            worst.1,
            worst.0 * 100.0
        ));
    }
    if let Some([best, worst]) = ends(&values(runs, &Run::squared_error)) {
        words.push_str(&format!(
            "Reconstructions are truest with {what} {}, with a mean squared error of {} a pixel, and worst with {}, \
             with {}{}. ",
            best.1,
            number(best.0),
            worst.1,
            number(worst.0),
            if best.0 > 0.0 { format!(", {:.1} times as much", worst.0 / best.0) } else { String::new() }
        ));
    }
    words
}

/// Who was still learning at the end, and who had long stopped.
fn reason(what: &str, runs: &[&Run]) -> String {
    let (mut learning, mut stopped) = (Vec::new(), Vec::new());
    for run in runs {
        let (Some(best), count) = (&run.record.best, run.history.epochs.len()) else { continue };
        let best = usize::try_from(best.epoch).unwrap_or(0);
        if best == count && count > 1 {
            learning.push(run.short_name());
        } else if best * 2 <= count {
            stopped.push(format!("{} (epoch {best})", run.short_name()));
        }
    }
    let mut words = String::new();
    if !learning.is_empty() {
        let them = if learning.len() > 1 { "them" } else { "it" };
        let too_few =
            if by_batch(runs) && !stopped.is_empty() { "there were too few updates, and " } else { "" };
        words.push_str(&format!(
            "With {what} {} the last epoch was the best: {too_few}more epochs would have made {them} better. ",
            listed(&learning)
        ));
    }
    if !stopped.is_empty() {
        words.push_str(&format!(
            "With {} the validation loss was lowest early and rose again: from there on the network learned its \
             training samples by heart. What is shown are the weights of the best epoch. ",
            listed(&stopped)
        ));
    }
    words
}

/// How long an epoch takes, and how long it takes to get somewhere.
fn time(what: &str, runs: &[&Run]) -> String {
    let mut words = String::new();
    let an_epoch = |run: &Run| Some(run.history.seconds() / run.history.epochs.len() as f64);
    if let Some([fast, slow]) = ends(&values(runs, &an_epoch)) {
        words.push_str(&format!(
            "An epoch is shortest with {what} {} ({} s) and longest with {} ({} s). ",
            fast.1,
            two(fast.0),
            slow.1,
            two(slow.0)
        ));
    }
    for (goal, seconds) in goals(runs) {
        let values: Vec<(f64, String)> =
            seconds.iter().zip(runs).map(|(s, run)| (*s, run.short_name())).collect();
        if let Some([fast, slow]) = ends(&values) {
            words.push_str(&format!(
                "To reach {goal} on the validation data took {} s with {} and {} s with {}. ",
                two(fast.0),
                fast.1,
                two(slow.0),
                slow.1
            ));
        }
    }
    words
}

/// Seconds as one says them.
fn two(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.2}") } else { format!("{seconds:.1}") }
}
