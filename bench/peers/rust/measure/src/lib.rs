//! What the peers in Rust share: the cells, the data, the clock and the line of JSON.
//!
//! The same as `measure.py` for the peers in Python: a process measures one cell in one mode. A peer gives a
//! [`Training`], which takes a step on a batch; the order of the samples, the gather and the epochs are here.

mod data;
mod options;
mod process;

pub use data::{Batch, CLASSES, PIXELS};
pub use options::{Network, Optimizer, Options};

use data::Data;
use serde::Serialize;
use std::time::Instant;

/// The share of values that dropout drops.
pub const DROP: f64 = 0.2;

/// A network in training.
pub trait Training {
    /// How many numbers are learned.
    fn parameters(&self) -> usize;

    /// Takes a step on the batch, ends when the weights are there, and gives the loss before it.
    fn step(&mut self, batch: Batch) -> f32;
}

/// Reads the command line of a peer, and limits the process to the threads that it gives.
///
/// Must be the first that `main` does: the process starts anew for the environment that the frameworks' pools read.
pub fn begin(modes: &'static [&'static str]) -> Options {
    let options = options::read(modes);
    process::limit_threads(options.threads);
    options
}

/// The version of a package, as locked.
pub fn version(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../../Cargo.lock").lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    version.expect("the package is in Cargo.lock").trim_matches('"')
}

#[derive(Serialize)]
struct Line<'a> {
    peer: &'a str,
    version: &'a str,
    task: &'a str,
    cell: &'a str,
    batch: usize,
    threads: usize,
    optimizer: &'a str,
    first_step_s: f64,
    loss_first_epoch: f64,
    epochs: usize,
    epoch_s_median: f64,
    epoch_s_min: f64,
    epoch_s_max: f64,
    peak_mib: f64,
}

/// Measures the cell of the command line; prints one line of JSON.
pub fn run<T: Training>(options: &Options, peer: &str, version: &str, train: impl FnOnce() -> T) {
    let begun = Instant::now();
    let data = Data::random();
    let made = begun.elapsed().as_secs_f64();
    let mut training = train();
    let parameters = training.parameters();
    assert_eq!(parameters, options.network.parameters(), "another network: the number of parameters differs");
    let mut random = fastrand::Rng::with_seed(3);

    training.step(data.gather(&(0..options.batch).collect::<Vec<_>>()));
    // Data come from a file elsewhere: making them up is not the framework's time.
    let first_step_s = process::since_start() - made;
    let loss_first_epoch = epoch(&mut training, &data, options.batch, &mut random);
    epoch(&mut training, &data, options.batch, &mut random);

    let mut seconds = Vec::new();
    while seconds.len() < options.epochs || seconds.iter().sum::<f64>() < options.seconds {
        let begun = Instant::now();
        epoch(&mut training, &data, options.batch, &mut random);
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let line = Line {
        peer,
        version,
        task: "train",
        cell: options.network.name(),
        batch: options.batch,
        threads: options.threads,
        optimizer: options.optimizer_said(),
        first_step_s,
        loss_first_epoch,
        epochs: seconds.len(),
        epoch_s_median: median(&seconds),
        epoch_s_min: seconds[0],
        epoch_s_max: seconds[seconds.len() - 1],
        peak_mib: process::peak_mib(),
    };
    println!("{}", serde_json::to_string(&line).expect("numbers and names are JSON"));
}

/// One pass over all samples in a new order, the smaller last batch included; gives the mean of the steps' losses.
fn epoch(training: &mut impl Training, data: &Data, batch: usize, random: &mut fastrand::Rng) -> f64 {
    let mut order: Vec<usize> = (0..data::SAMPLES).collect();
    random.shuffle(&mut order);
    let losses: Vec<f64> =
        order.chunks(batch).map(|rows| f64::from(training.step(data.gather(rows)))).collect();
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    assert!(mean.is_finite(), "the loss is not finite");
    mean
}

/// Of sorted values.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
