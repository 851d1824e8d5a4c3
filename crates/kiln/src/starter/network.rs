//! The model, the training, the report.

use super::counted;
use super::data::{field, sample};
use super::sizes::Sizes;
use kiln_data::Look;
use std::fmt::Write;

/// A confusion matrix of more classes is no picture.
const CONFUSED_MAX: usize = 40;

/// The model: a classifier where there are labels, else an autoencoder.
pub(super) fn model(look: &Look, sizes: &Sizes) -> String {
    if look.labels.is_some() { classifier(look, sizes) } else { autoencoder(look, sizes) }
}

fn classifier(look: &Look, sizes: &Sizes) -> String {
    let Sizes { inputs, classes, hidden: [first, second], .. } = sizes;
    let (field, sample) = (field(look), sample(look));
    let is_table = field == "features";
    let mut out = format!(
        "model classifier {{\n\
         input {field}: [{inputs}] // {sample}\n\
         target label: class({classes})\n\n"
    );
    if is_table {
        let _ = write!(
            out,
            "// Batch norm first: columns of a table differ in size, and it brings each to the same.\n\
             {field} -> batch_norm() -> dense({first}, relu) -> dropout(0.1) -> dense({second}, relu)\n\
             -> classifier: dense({classes}, softmax)\n\n"
        );
    } else {
        let _ = write!(
            out,
            "// More units fit more, and learn by heart what is no rule; dropout works against that.\n\
             {field} -> dense({first}, relu) -> batch_norm() -> dropout(0.2)\n\
             -> dense({second}, relu) -> batch_norm() -> dropout(0.2)\n\
             -> classifier: dense({classes}, softmax)\n\n"
        );
    }
    out.push_str("loss classifier: cross_entropy(label)\nmetric classifier: accuracy, f1(macro)\n}\n");
    out
}

fn autoencoder(look: &Look, sizes: &Sizes) -> String {
    let Sizes { inputs, hidden: [first, second], code, .. } = sizes;
    let (field, sample) = (field(look), sample(look));
    // Binary cross-entropy is for what is from 0 to 1, as pixels are.
    let is_unit = sizes.unit && field == "image";
    let (end, loss, metric) =
        if is_unit { ("sigmoid", "binary_cross_entropy", "mse") } else { ("linear", "mse", "mae") };
    format!(
        "model autoencoder {{\n\
         input {field}: [{inputs}] // {sample}\n\n\
         // The code is narrow, so what is learned is what samples have in common.\n\
         stack encoder({field}) {{\n\
         enc1: dense({first}, relu)\n\
         enc2: dense({second}, relu)\n\
         code: dense({code})\n\
         }}\n\
         // `tie = code.T` is the kernel of `code`, transposed: the way back has biases of its own only.\n\
         stack decoder(encoder) {{\n\
         dec2: dense(tie = code.T, relu)\n\
         dec1: dense(tie = enc2.T, relu)\n\
         out: dense(tie = enc1.T, {end})\n\
         }}\n\n\
         loss decoder: {loss}({field})\n\
         metric decoder: {metric}\n\
         }}\n"
    )
}

/// How it is trained.
pub(super) fn train(sizes: &Sizes) -> String {
    let Sizes { epochs, batch, rows, .. } = sizes;
    let steps = rows.div_ceil(*batch);
    let validation = if sizes.tested { "" } else { "validation = none // there is nothing to test on\n" };
    format!(
        "train {{\n\
         optimizer = adam(rate = 1e-3)\n\
         schedule = cosine() // the rate falls to 0 by the last epoch\n\
         epochs = {epochs} // passes over {} samples\n\
         batch = {batch} // samples of one step; {} an epoch\n\
         {validation}seed = 1\n\
         }}\n",
        counted(*rows),
        if steps == 1 { "one step".to_owned() } else { format!("{} steps", counted(steps)) },
    )
}

/// What is shown.
pub(super) fn report(look: &Look, sizes: &Sizes) -> String {
    let mut sections = vec!["table", "curves"];
    if look.labels.is_some() && sizes.tested {
        sections.push("classification");
        if sizes.classes <= CONFUSED_MAX {
            sections.push("confusion");
        }
    }
    if look.labels.is_none() && look.picture().is_some() {
        if sizes.tested {
            sections.push("reconstructions(decoder, columns = 10)");
        }
        sections.push("weights(enc1)");
    }
    format!("report {{\n{}\n}}\n", sections.join("\n"))
}
