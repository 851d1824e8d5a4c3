//! Burn on its two CPU backends: flex, which it recommends, and ndarray, which flex replaces.
//!
//! ```text
//! peer_burn flex exp01:128 --threads 2
//! ```
//!
//! As in its own examples: modules, its optimizers, its losses where it has them. Pixels of a batch become a
//! tensor without a copy, and do not ask for a gradient.

mod networks;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use measure::{Batch, Network, Optimizer, Options, PIXELS, Training};
use networks::{Heads, Loss, Mlp, Tied};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let options = measure::begin(&["flex", "ndarray"]);
    let device = device(options.mode).autodiff();
    device.seed(1);
    match options.network {
        Network::Exp01 => run(&options, &device, Mlp::new),
        Network::Exp06 => run(&options, &device, Heads::new),
        Network::Exp11 => run(&options, &device, Tied::new),
    }
}

#[expect(deprecated, reason = "Burn will remove ndarray; many still use it")]
fn device(mode: &str) -> Device {
    if mode == "flex" { Device::flex() } else { Device::ndarray() }
}

fn run<N: Module + Loss>(options: &Options, device: &Device, new: fn([usize; 5], &Device) -> N) {
    measure::run(options, &format!("burn-{}", options.mode), measure::version("burn"), || {
        let (optimizer, rate) = optimizer(options.optimizer());
        let network = Some(new(options.network.widths(), device));
        Trained { network, optimizer, rate, device: device.clone() }
    });
}

fn optimizer(wanted: Optimizer) -> (ModuleOptimizer, f64) {
    match wanted {
        Optimizer::Sgd { rate, momentum } => {
            let momentum = MomentumConfig::new().with_momentum(momentum).with_dampening(0.0);
            (SgdConfig::new().with_momentum(Some(momentum)).init(), rate)
        }
        Optimizer::Adam { rate, epsilon } => (AdamConfig::new().with_epsilon(epsilon as f32).init(), rate),
    }
}

struct Trained<N> {
    /// Always there between steps. A step takes it out: weights that nobody else holds are changed in place.
    network: Option<N>,
    optimizer: ModuleOptimizer,
    rate: f64,
    device: Device,
}

impl<N: Module + Loss> Training for Trained<N> {
    fn parameters(&self) -> usize {
        let mut learned = Learned { parameters: 0 };
        self.network.iter().for_each(|network| network.visit(&mut learned));
        learned.parameters
    }

    fn step(&mut self, batch: Batch) -> f32 {
        let samples = batch.samples();
        let x = Tensor::from_data(TensorData::new(batch.pixels, [samples, PIXELS]), &self.device);
        let labels: Vec<i64> = batch.labels.into_iter().map(i64::from).collect();
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [samples]), &self.device);

        let network = self.network.take().expect("a step puts it back");
        let loss = network.loss(x, labels);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        self.network = Some(self.optimizer.step(self.rate, network, gradients));
        loss.into_scalar()
    }
}

/// Counts what is learned; `num_params` counts the running statistics of batch norm too.
struct Learned {
    parameters: usize,
}

impl ModuleVisitor for Learned {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        if tensor.is_require_grad() {
            self.parameters += tensor.shape().num_elements();
        }
    }
}
