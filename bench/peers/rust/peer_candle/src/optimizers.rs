//! Adam as Candle has it, and descent with momentum, which it has not.

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, bail};
use candle_nn::optim::{AdamW, Optimizer as _, ParamsAdamW};
use measure::Optimizer;

/// An optimizer of either kind.
pub(crate) trait Steps {
    /// Changes the weights by their gradients.
    fn step(&mut self, gradients: &GradStore) -> Result<()>;
}

pub(crate) fn new(wanted: Optimizer, weights: Vec<Var>) -> Result<Box<dyn Steps>> {
    Ok(match wanted {
        Optimizer::Adam { rate, epsilon } => {
            let settings =
                ParamsAdamW { lr: rate, eps: epsilon, weight_decay: 0.0, ..ParamsAdamW::default() };
            Box::new(AdamW::new(weights, settings)?)
        }
        Optimizer::Sgd { rate, momentum } => {
            let velocities = weights.iter().map(|var| var.zeros_like()).collect::<Result<_>>()?;
            Box::new(Momentum { weights, velocities, rate: rate as f32, momentum: momentum as f32 })
        }
    })
}

impl Steps for AdamW {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        candle_nn::optim::Optimizer::step(self, gradients)
    }
}

/// `candle_nn`'s SGD has no momentum. Weights and velocities are changed in place: two passes, no new tensors.
struct Momentum {
    weights: Vec<Var>,
    velocities: Vec<Tensor>,
    rate: f32,
    momentum: f32,
}

impl Steps for Momentum {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        for (var, velocity) in self.weights.iter().zip(&self.velocities) {
            let Some(gradient) = gradients.get(var) else { bail!("a weight has no gradient") };
            velocity.inplace_op2(&gradient.contiguous()?, &Scaled { own: self.momentum, other: 1.0 })?;
            var.inplace_op2(velocity, &Scaled { own: 1.0, other: -self.rate })?;
        }
        Ok(())
    }
}

/// `a = own · a + other · b`
struct Scaled {
    own: f32,
    other: f32,
}

impl InplaceOp2 for Scaled {
    fn name(&self) -> &'static str {
        "scaled"
    }

    fn cpu_fwd(&self, a: &mut CpuStorage, at: &Layout, b: &CpuStorage, bt: &Layout) -> Result<()> {
        let (CpuStorage::F32(a), CpuStorage::F32(b)) = (a, b) else { bail!("not f32") };
        let (Some((a0, a1)), Some((b0, b1))) = (at.contiguous_offsets(), bt.contiguous_offsets()) else {
            bail!("not contiguous")
        };
        for (a, b) in a[a0..a1].iter_mut().zip(&b[b0..b1]) {
            *a = self.own * *a + self.other * b;
        }
        Ok(())
    }
}
