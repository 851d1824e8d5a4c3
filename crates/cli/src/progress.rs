//! What a training shows while it goes on: a bar and one line an epoch on a terminal, the lines alone
//! otherwise. All of it on standard error.
//!
//! ```text
//! epoch      loss  val_loss  val_classifier.accuracy  seconds  samples/s
//!  1/30    1.9231    1.4310                   0.5321     0.21     53,333
//! ```
//!
//! A line has the total loss and the first metric of each head, on the validation data where there is
//! some; the history's files have every series.

use crate::console::Console;
use indicatif::{ProgressBar, ProgressStyle};
use kiln::record::Epoch;
use kiln::runtime::{Batch, Event, Progress};
use std::time::{Duration, Instant};

/// A time left that was measured over less than this would be a guess.
const SURE_AFTER: Duration = Duration::from_secs(1);

/// How often a sign of life moves.
const TICK: Duration = Duration::from_millis(100);

/// Draws a training.
pub(crate) struct Drawing<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
    columns: Vec<Column>,
    begun: Instant,
    /// Epochs that were done before.
    resumed_at: u32,
    epochs: u32,
    rows: usize,
}

/// A series of the history that is shown.
struct Column {
    index: usize,
    name: String,
}

impl<'a> Drawing<'a> {
    pub(crate) fn new(console: &'a Console) -> Drawing<'a> {
        Drawing {
            console,
            bar: console.is_terminal().then(|| bar(console)),
            columns: Vec::new(),
            begun: Instant::now(),
            resumed_at: 0,
            epochs: 0,
            rows: 0,
        }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.console.say(text)),
            None => self.console.say(text),
        }
    }

    fn head(&self) {
        let mut line = format!("{:>width$}", "epoch", width = self.epoch_width());
        for column in &self.columns {
            line.push_str(&format!("  {:>width$}", column.name, width = column.width()));
        }
        self.line(&format!("{line}  {:>7}  {:>9}", "seconds", "samples/s"));
    }

    fn row(&self, row: &Epoch) {
        let epoch = format!("{}/{}", row.epoch, self.epochs);
        let mut line = format!("{epoch:>width$}", width = self.epoch_width());
        for column in &self.columns {
            let value = row.values.get(column.index).copied().map_or(String::new(), number);
            line.push_str(&format!("  {value:>width$}", width = column.width()));
        }
        self.line(&format!("{line}  {:>7.2}  {:>9}", row.seconds, grouped(row.samples_per_second)));
    }

    fn epoch_width(&self) -> usize {
        (2 * self.epochs.to_string().len() + 1).max("epoch".len())
    }

    fn batch(&self, batch: &Batch<'_>) {
        let Some(bar) = &self.bar else { return };
        bar.set_length(batch.steps as u64);
        bar.set_position(batch.step as u64);
        bar.set_prefix(format!("epoch {}/{}", batch.epoch, self.epochs));
        let mut words = Vec::new();
        for column in self.columns.iter().filter(|column| !column.name.starts_with("val_loss")) {
            // The training pass has the same measure without `val_`.
            let name = column.name.strip_prefix("val_").unwrap_or(&column.name);
            let found = batch.names.iter().position(|n| n == name);
            if let Some(value) = found.and_then(|i| batch.values.get(i)) {
                words.push(format!("{name} {}", number(*value)));
            }
        }
        words.push(format!("{} samples/s", grouped(batch.rows as f64 / batch.seconds.max(1e-9))));
        words.extend(self.left(batch).map(|left| format!("{} left", clock(left))));
        bar.set_message(words.join("  "));
    }

    /// Time until the last epoch, at the pace so far.
    fn left(&self, batch: &Batch<'_>) -> Option<Duration> {
        let elapsed = self.begun.elapsed();
        let whole = f64::from(batch.epoch - 1 - self.resumed_at.min(batch.epoch - 1));
        let done = whole + batch.rows as f64 / self.rows.max(1) as f64;
        let todo = f64::from(self.epochs - self.resumed_at.min(self.epochs)) - done;
        let left = elapsed.as_secs_f64() * todo.max(0.0) / done.max(1e-9);
        (elapsed >= SURE_AFTER).then(|| Duration::try_from_secs_f64(left).ok()).flatten()
    }
}

impl Progress for Drawing<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Started { done, epochs, rows, names, .. } => {
                (self.resumed_at, self.epochs, self.rows) = (done, epochs, rows);
                (self.columns, self.begun) = (columns(names), Instant::now());
                if done > 0 {
                    self.line(&format!("going on after epoch {done} of {epochs}"));
                }
                if done < epochs {
                    self.head();
                }
            }
            Event::Batch(batch) => self.batch(&batch),
            Event::Validating { .. } | Event::Saved { .. } => {}
            Event::Epoch { row, .. } => self.row(row),
            Event::Restored { epoch } => self.line(&format!("back to the weights of epoch {epoch}")),
        }
    }
}

impl Column {
    fn width(&self) -> usize {
        self.name.chars().count().max(8)
    }
}

/// A sign of life on a terminal, for what cannot tell how far it is.
pub(crate) struct Waiting(Option<ProgressBar>);

impl Waiting {
    pub(crate) fn new(console: &Console, what: &str) -> Waiting {
        Waiting(console.is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
            spinner.enable_steady_tick(TICK);
            spinner
        }))
    }

    /// Takes it away.
    pub(crate) fn end(self) {
        if let Some(spinner) = self.0 {
            spinner.finish_and_clear();
        }
    }
}

pub(crate) fn bar(console: &Console) -> ProgressBar {
    let template = if console.is_message_colored() {
        "{prefix} {bar:20.green/dim} {pos}/{len}  {msg}"
    } else {
        "{prefix} {bar:20} {pos}/{len}  {msg}"
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style.progress_chars("━╸ "))
}

/// The total loss, and the first metric of each head, or its loss where it has none and there are
/// several heads.
fn columns(names: &[String]) -> Vec<Column> {
    let find = |name: &str| names.iter().position(|n| n == name);
    let column = |name: String| find(&name).map(|index| Column { index, name });
    let best = |name: &str| column(format!("val_{name}")).or_else(|| column(name.to_owned()));
    let heads: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix("loss.")).collect();
    let mut shown: Vec<Column> = ["loss", "val_loss"].into_iter().filter_map(|n| column(n.into())).collect();
    for head in &heads {
        let prefix = format!("{head}.");
        let metric = names.iter().find(|name| name.starts_with(&prefix));
        match metric {
            Some(metric) => shown.extend(best(metric)),
            None if heads.len() > 1 => shown.extend(best(&format!("loss.{head}"))),
            None => {}
        }
    }
    shown
}

/// A number in about eight characters.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e5).contains(&size) { format!("{value:.4}") } else { format!("{value:.2e}") }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1:02` or `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.12345), "0.1235");
        assert_eq!(number(0.00012345), "1.23e-4");
        assert_eq!(number(1e9), "1.00e9");
        assert_eq!(number(f64::NAN), "NaN");
        assert_eq!(grouped(1234567.4), "1,234,567");
        assert_eq!(grouped(999.0), "999");
        assert_eq!(clock(Duration::from_secs(62)), "1:02");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn a_line_has_the_losses_and_a_metric_of_each_head() {
        let shown = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
            columns(&names).into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(shown(&["loss", "loss.out"]), ["loss"]);
        let names = [
            "loss",
            "loss.a",
            "loss.b",
            "b.mae",
            "b.mse",
            "val_loss",
            "val_loss.a",
            "val_loss.b",
            "val_b.mae",
        ];
        assert_eq!(shown(&names), ["loss", "val_loss", "val_loss.a", "val_b.mae"]);
    }
}
