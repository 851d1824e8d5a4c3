//! The command line of a peer, and the cells that it names.

use clap::{Parser, ValueEnum};
use std::thread::available_parallelism;

/// What to measure.
pub struct Options {
    /// One of the peer's modes.
    pub mode: &'static str,
    /// The network.
    pub network: Network,
    /// Samples a step; the last step of an epoch may have fewer.
    pub batch: usize,
    /// Threads, each with a processor of its own.
    pub threads: usize,
    /// Timed epochs at least.
    pub epochs: usize,
    /// Timed epochs for at least so long.
    pub seconds: f64,
    optimizer: Choice,
}

/// A network of the specs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Each hidden layer is dense + relu, batch norm, dropout.
    Exp01,
    /// An encoder, then two heads.
    Exp06,
    /// An autoencoder whose decoder has the encoder's kernels, transposed.
    Exp11,
}

/// An optimizer with its settings.
#[derive(Clone, Copy, Debug)]
pub enum Optimizer {
    /// Plain descent with momentum (not Nesterov's, not dampened).
    Sgd {
        /// Learning rate.
        rate: f64,
        /// The share of the velocity that stays.
        momentum: f64,
    },
    /// Adam with decays 0.9 and 0.999.
    Adam {
        /// Learning rate.
        rate: f64,
        /// Added to the root of the second moment.
        epsilon: f64,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    Spec,
    Adam,
}

#[derive(Clone, Copy, ValueEnum)]
enum Task {
    Train,
}

#[derive(Parser)]
struct Arguments {
    mode: String,
    /// Such as exp01:128
    #[arg(value_parser = cell)]
    cell: (Network, usize),
    #[arg(long, default_value = "train")]
    task: Task,
    #[arg(long, default_value_t = available_parallelism().map_or(1, usize::from))]
    threads: usize,
    /// The spec's, or Adam for exp01 too
    #[arg(long, default_value = "spec")]
    optimizer: Choice,
    /// Timed epochs at least
    #[arg(long, default_value_t = 5)]
    epochs: usize,
    /// Timed epochs for at least so long
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
}

/// Reads the command line; ends the process where it is wrong.
pub(crate) fn read(modes: &'static [&'static str]) -> Options {
    let Arguments { mode, cell: (network, batch), task: Task::Train, threads, optimizer, epochs, seconds } =
        Arguments::parse();
    let Some(mode) = modes.iter().find(|known| **known == mode) else {
        eprintln!("no mode {mode}; there are {}", modes.join(", "));
        std::process::exit(2);
    };
    Options { mode, network, batch, threads: threads.max(1), epochs: epochs.max(1), seconds, optimizer }
}

fn cell(text: &str) -> Result<(Network, usize), String> {
    let (network, batch) = text.split_once(':').unwrap_or((text, ""));
    let network = [Network::Exp01, Network::Exp06, Network::Exp11].into_iter().find(|n| n.name() == network);
    let batch = batch.parse().ok().filter(|batch| (1..=super::data::SAMPLES).contains(batch));
    network.zip(batch).ok_or_else(|| "write exp01, exp06 or exp11 and a batch, such as exp01:128".to_owned())
}

impl Options {
    /// The spec's, or Adam for all.
    pub fn optimizer(&self) -> Optimizer {
        match (self.network, self.optimizer) {
            (Network::Exp01, Choice::Spec) => Optimizer::Sgd { rate: 0.05, momentum: 0.9 },
            _ => Optimizer::Adam { rate: 1e-3, epsilon: 1e-7 },
        }
    }

    pub(crate) fn optimizer_said(&self) -> &'static str {
        match self.optimizer {
            Choice::Spec => "spec",
            Choice::Adam => "adam",
        }
    }
}

impl Network {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Network::Exp01 => "exp01",
            Network::Exp06 => "exp06",
            Network::Exp11 => "exp11",
        }
    }

    /// The image's width and those of the hidden layers (exp11: of the encoder).
    pub fn widths(self) -> [usize; 5] {
        match self {
            Network::Exp01 => [784, 512, 170, 56, 18],
            Network::Exp06 => [784, 512, 256, 128, 64],
            Network::Exp11 => [784, 256, 128, 64, 32],
        }
    }

    /// What is learned: a peer that has another number has another network.
    pub(crate) fn parameters(self) -> usize {
        match self {
            Network::Exp01 => 501_453,
            Network::Exp06 => 1_150_235,
            Network::Exp11 => 245_424,
        }
    }
}
