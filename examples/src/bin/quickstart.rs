//! Trains a small tied autoencoder from the text of its spec, and prints how its loss falls.

#![allow(clippy::print_stdout, reason = "a program that shows something")]

use kiln::data::Paths;
use kiln::runtime::Event;
use kiln::{Datasets, Options, Spec};
use std::sync::atomic::AtomicBool;

const SPEC: &str = r#"
title "A small tied autoencoder"

data letters {
    source = glyphs(classes = "P".."Z", samples = 1_100, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}

model autoencoder {
    input image: [784]

    stack encoder(image) {
        enc1: dense(64, relu)
        code: dense(16, relu)
    }
    stack decoder(encoder) {
        dec1: dense(tie = code.T, relu)      // the transpose of code's kernel, and a bias of its own
        out:  dense(tie = enc1.T, sigmoid)
    }
    loss decoder: binary_cross_entropy(image)
}

train {
    data      = letters
    optimizer = adam(rate = 3e-3)
    epochs    = 5
    batch     = sweep [64, 32]
    seed      = 11
}
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // All mistakes of a spec come at once, with carets under the places.
    let spec = Spec::parse("quickstart", SPEC)?;

    // Runs are kept in folders; this program's are gone when it ends.
    let runs = std::env::temp_dir().join(format!("kiln-quickstart-{}", std::process::id()));
    let options = Options { runs: runs.clone(), data: Datasets::new(Paths::default()), ..Options::default() };

    for run in spec.runs() {
        println!("{} ({})", spec.title(), run.label());
        let mut print_epoch = |event: Event<'_>| {
            if let Event::Epoch { row, names, .. } = event {
                let losses = names.iter().zip(&row.values).filter(|(name, _)| !name.contains('.'));
                let losses: Vec<String> = losses.map(|(name, value)| format!("{name} {value:.4}")).collect();
                println!("  epoch {}: {}", row.epoch, losses.join(", "));
            }
        };
        let trained = run.train(&options, &mut print_epoch, &AtomicBool::new(false))?;
        println!("  best epoch: {:?}", trained.record.best.map(|best| best.epoch));
    }
    std::fs::remove_dir_all(runs)?;
    Ok(())
}
