//! The networks of exp01, exp06 and exp11 as Burn's modules, with their losses.

use burn::module::{Initializer, Module, Param};
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::activation::{log_sigmoid, relu, sigmoid};
use burn::tensor::module::linear;
use burn::tensor::{Device, Int, Tensor};
use measure::{CLASSES, DROP};

/// A network that can say how wrong it is.
pub(crate) trait Loss {
    /// The mean over `x` (`[samples, pixels]`) and `labels` (`[samples]`).
    fn loss(&self, x: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1>;
}

/// exp01: four hidden layers of dense + relu, batch norm and dropout.
#[derive(Module, Debug)]
pub(crate) struct Mlp {
    hidden: Vec<Hidden>,
    classifier: Linear,
}

#[derive(Module, Debug)]
struct Hidden {
    dense: Linear,
    norm: BatchNorm,
    dropout: Dropout,
}

impl Mlp {
    pub(crate) fn new(widths: [usize; 5], device: &Device) -> Mlp {
        let hidden = |pair: &[usize]| Hidden {
            dense: dense(pair[0], pair[1], device),
            // Keras' momentum 0.99 is 0.01 here.
            norm: BatchNormConfig::new(pair[1]).with_epsilon(1e-3).with_momentum(0.01).init(device),
            dropout: DropoutConfig::new(DROP).init(),
        };
        let hidden = widths.windows(2).map(hidden).collect();
        Mlp { hidden, classifier: dense(widths[4], CLASSES, device) }
    }
}

impl Loss for Mlp {
    fn loss(&self, x: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
        let hidden = |h, layer: &Hidden| {
            let h = layer.norm.forward(relu(layer.dense.forward(h)));
            layer.dropout.forward(h)
        };
        let h = self.hidden.iter().fold(x, hidden);
        cross_entropy(self.classifier.forward(h), labels)
    }
}

/// exp06: an autoencoder whose code also feeds a classifier.
#[derive(Module, Debug)]
pub(crate) struct Heads {
    encoder: Vec<Linear>,
    decoder: Vec<Linear>,
    image: Linear,
    classifier: Linear,
}

impl Heads {
    pub(crate) fn new(widths: [usize; 5], device: &Device) -> Heads {
        let forth = |pair: &[usize]| dense(pair[0], pair[1], device);
        let back = |pair: &[usize]| dense(pair[1], pair[0], device);
        Heads {
            encoder: widths.windows(2).map(forth).collect(),
            decoder: widths[1..].windows(2).rev().map(back).collect(),
            image: dense(widths[1], widths[0], device),
            classifier: dense(widths[4], CLASSES, device),
        }
    }
}

impl Loss for Heads {
    fn loss(&self, x: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
        let layer = |h, layer: &Linear| relu(layer.forward(h));
        let code = self.encoder.iter().fold(x.clone(), layer);
        let logits = self.classifier.forward(code.clone());
        let h = self.decoder.iter().fold(code, layer);
        let image = sigmoid(self.image.forward(h));
        MseLoss::new().forward(image, x, Reduction::Mean) + cross_entropy(logits, labels)
    }
}

/// exp11: an autoencoder whose decoder has the encoder's kernels, transposed, and biases of its own.
#[derive(Module, Debug)]
pub(crate) struct Tied {
    forth: Vec<Linear>,
    back: Vec<Param<Tensor<1>>>,
}

impl Tied {
    pub(crate) fn new(widths: [usize; 5], device: &Device) -> Tied {
        let forth = |pair: &[usize]| dense(pair[0], pair[1], device);
        let back = |width: &usize| Initializer::Zeros.init([*width], device);
        Tied { forth: widths.windows(2).map(forth).collect(), back: widths[..4].iter().map(back).collect() }
    }

    fn back(&self, at: usize, h: Tensor<2>) -> Tensor<2> {
        linear(h, self.forth[at].weight.val().transpose(), Some(self.back[at].val()))
    }
}

impl Loss for Tied {
    fn loss(&self, x: Tensor<2>, _labels: Tensor<1, Int>) -> Tensor<1> {
        let code = self.forth.iter().fold(x.clone(), |h, layer| relu(layer.forward(h)));
        let h = [3, 2, 1].into_iter().fold(code, |h, at| relu(self.back(at, h)));
        binary_cross_entropy(self.back(0, h), x)
    }
}

/// Xavier's uniform kernel, and no bias to begin with.
fn dense(inputs: usize, units: usize, device: &Device) -> Linear {
    let kernel = LinearConfig::new(inputs, units).with_initializer(Initializer::XavierUniform { gain: 1.0 });
    let bias = Initializer::Zeros.init([units], device);
    Linear { bias: Some(bias), ..kernel.with_bias(false).init(device) }
}

fn cross_entropy(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, labels)
}

/// As Burn's own from logits, which takes integers only.
fn binary_cross_entropy(logits: Tensor<2>, x: Tensor<2>) -> Tensor<1> {
    ((x.neg() + 1.0) * logits.clone() - log_sigmoid(logits)).mean()
}
