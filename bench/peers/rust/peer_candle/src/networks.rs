//! The networks of exp01, exp06 and exp11 in Candle's tensors, with their losses.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::loss::{cross_entropy, mse};
use candle_nn::ops::{dropout, sigmoid};
use candle_nn::{BatchNorm, ModuleT};
use measure::{CLASSES, DROP, Network};

/// A network that can say how wrong it is.
pub(crate) trait Loss {
    /// The mean over `x` (`[samples, pixels]`) and `labels` (`[samples]`).
    fn loss(&self, x: &Tensor, labels: &Tensor) -> Result<Tensor>;
}

/// The network and what it learns.
pub(crate) fn new(network: Network) -> Result<(Box<dyn Loss>, Vec<Var>)> {
    let widths = network.widths();
    let mut weights = Weights { vars: Vec::new() };
    let network: Box<dyn Loss> = match network {
        Network::Exp01 => Box::new(Mlp::new(widths, &mut weights)?),
        Network::Exp06 => Box::new(Heads::new(widths, &mut weights)?),
        Network::Exp11 => Box::new(Tied::new(widths, &mut weights)?),
    };
    Ok((network, weights.vars))
}

/// exp01: four hidden layers of dense + relu, batch norm and dropout.
struct Mlp {
    hidden: Vec<(Dense, BatchNorm)>,
    classifier: Dense,
}

impl Mlp {
    fn new(widths: [usize; 5], weights: &mut Weights) -> Result<Mlp> {
        let mut hidden = Vec::new();
        for pair in widths.windows(2) {
            hidden.push((weights.dense(pair[0], pair[1])?, weights.norm(pair[1])?));
        }
        Ok(Mlp { hidden, classifier: weights.dense(widths[4], CLASSES)? })
    }
}

impl Loss for Mlp {
    fn loss(&self, x: &Tensor, labels: &Tensor) -> Result<Tensor> {
        let mut h = x.clone();
        for (dense, norm) in &self.hidden {
            h = norm.forward_t(&dense.forward(&h)?.relu()?, true)?;
            h = dropout(&h, DROP as f32)?;
        }
        cross_entropy(&self.classifier.forward(&h)?, labels)
    }
}

/// exp06: an autoencoder whose code also feeds a classifier.
struct Heads {
    encoder: Vec<Dense>,
    decoder: Vec<Dense>,
    image: Dense,
    classifier: Dense,
}

impl Heads {
    fn new(widths: [usize; 5], weights: &mut Weights) -> Result<Heads> {
        Ok(Heads {
            encoder: widths.windows(2).map(|pair| weights.dense(pair[0], pair[1])).collect::<Result<_>>()?,
            decoder: widths[1..]
                .windows(2)
                .rev()
                .map(|pair| weights.dense(pair[1], pair[0]))
                .collect::<Result<_>>()?,
            image: weights.dense(widths[1], widths[0])?,
            classifier: weights.dense(widths[4], CLASSES)?,
        })
    }
}

impl Loss for Heads {
    fn loss(&self, x: &Tensor, labels: &Tensor) -> Result<Tensor> {
        let layer = |h: Tensor, layer: &Dense| layer.forward(&h)?.relu();
        let code = self.encoder.iter().try_fold(x.clone(), layer)?;
        let logits = self.classifier.forward(&code)?;
        let h = self.decoder.iter().try_fold(code, layer)?;
        let image = sigmoid(&self.image.forward(&h)?)?;
        mse(&image, x)? + cross_entropy(&logits, labels)?
    }
}

/// exp11: an autoencoder whose decoder has the encoder's kernels, transposed, and biases of its own.
struct Tied {
    forth: Vec<Dense>,
    back: Vec<Var>,
}

impl Tied {
    fn new(widths: [usize; 5], weights: &mut Weights) -> Result<Tied> {
        let forth = widths.windows(2).map(|pair| weights.dense(pair[0], pair[1])).collect::<Result<_>>()?;
        let back = widths[..4].iter().map(|width| weights.constant(*width, 0.0)).collect::<Result<_>>()?;
        Ok(Tied { forth, back })
    }

    fn back(&self, at: usize, h: &Tensor) -> Result<Tensor> {
        plus_bias(h.matmul(&self.forth[at].kernel.t()?)?, &self.back[at])
    }
}

impl Loss for Tied {
    fn loss(&self, x: &Tensor, _labels: &Tensor) -> Result<Tensor> {
        let code = self.forth.iter().try_fold(x.clone(), |h, layer| layer.forward(&h)?.relu())?;
        let h = [3, 2, 1].into_iter().try_fold(code, |h, at| self.back(at, &h)?.relu())?;
        binary_cross_entropy(&self.back(0, &h)?, x)
    }
}

/// `x · kernel + bias`, the kernel `[inputs, units]`: its gradient then has its own layout, while the gradient of
/// `candle_nn::Linear`'s comes transposed, and every pass of the optimizer would walk it by strides.
struct Dense {
    kernel: Var,
    bias: Var,
}

impl Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        plus_bias(x.matmul(&self.kernel)?, &self.bias)
    }
}

/// The bias spread over all rows by a product with ones: so its gradient is a product too. That of `broadcast_add`
/// is a sum over rows, which Candle takes with a division for each element: a twentieth of an epoch and more.
fn plus_bias(product: Tensor, bias: &Var) -> Result<Tensor> {
    let ones = Tensor::ones((product.dim(0)?, 1), DType::F32, &Device::Cpu)?;
    product + ones.matmul(&bias.reshape((1, ()))?)?
}

/// What has been made so far.
struct Weights {
    vars: Vec<Var>,
}

impl Weights {
    /// Xavier's uniform kernel, and no bias to begin with.
    fn dense(&mut self, inputs: usize, units: usize) -> Result<Dense> {
        let limit = (6.0 / (inputs + units) as f64).sqrt();
        let kernel = Var::rand_f64(-limit, limit, (inputs, units), DType::F32, &Device::Cpu)?;
        self.vars.push(kernel.clone());
        Ok(Dense { kernel, bias: self.constant(units, 0.0)? })
    }

    fn norm(&mut self, units: usize) -> Result<BatchNorm> {
        let (gamma, beta) = (self.constant(units, 1.0)?, self.constant(units, 0.0)?);
        let (mean, variance) = (beta.zeros_like()?, gamma.ones_like()?);
        let (gamma, beta) = (gamma.as_tensor().clone(), beta.as_tensor().clone());
        // Keras' momentum 0.99 is 0.01 here.
        BatchNorm::new_with_momentum(units, mean, variance, gamma, beta, 1e-3, 0.01)
    }

    fn constant(&mut self, units: usize, value: f32) -> Result<Var> {
        let var = Var::from_vec(vec![value; units], units, &Device::Cpu)?;
        self.vars.push(var.clone());
        Ok(var)
    }
}

/// −mean(x · z + ln σ(−z)): half the passes of `candle_nn`'s own from logits, and no infinity where σ(z) is 1.
fn binary_cross_entropy(logits: &Tensor, x: &Tensor) -> Result<Tensor> {
    let rest = sigmoid(&logits.neg()?)?.log()?;
    ((logits * x)? + rest)?.mean_all()?.neg()
}
