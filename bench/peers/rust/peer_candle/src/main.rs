//! Candle on the processor.
//!
//! ```text
//! peer_candle plain exp01:128 --threads 2
//! ```
//!
//! Layers are `Var`s and tensor operations; batch norm, dropout, the losses and Adam are `candle_nn`'s. Pixels of a
//! batch become a tensor without a copy. Candle's random numbers on the processor take no seed.

mod networks;
mod optimizers;

use candle_core::{Device, Result, Tensor, Var};
use measure::{Batch, Options, PIXELS, Training};
use networks::Loss;
use optimizers::Steps;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let options = measure::begin(&["plain"]);
    measure::run(&options, "candle", measure::version("candle-core"), || {
        Trained::new(&options).expect("Candle builds the network")
    });
}

struct Trained {
    network: Box<dyn Loss>,
    weights: Vec<Var>,
    optimizer: Box<dyn Steps>,
}

impl Training for Trained {
    fn parameters(&self) -> usize {
        self.weights.iter().map(|var| var.elem_count()).sum()
    }

    fn step(&mut self, batch: Batch) -> f32 {
        self.try_step(batch).expect("Candle takes the step")
    }
}

impl Trained {
    fn new(options: &Options) -> Result<Trained> {
        let (network, weights) = networks::new(options.network)?;
        let optimizer = optimizers::new(options.optimizer(), weights.clone())?;
        Ok(Trained { network, weights, optimizer })
    }

    fn try_step(&mut self, batch: Batch) -> Result<f32> {
        let samples = batch.samples();
        let x = Tensor::from_vec(batch.pixels, (samples, PIXELS), &Device::Cpu)?;
        let labels = Tensor::from_vec(batch.labels, samples, &Device::Cpu)?;
        let loss = self.network.loss(&x, &labels)?;
        self.optimizer.step(&loss.backward()?)?;
        loss.to_scalar()
    }
}
