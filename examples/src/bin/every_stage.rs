//! Prints what each stage of the compiler makes of a tiny spec.

#![allow(clippy::print_stdout, reason = "a program that shows something")]

use kiln::codegen::Target;
use kiln::{Spec, Stage};

const SPEC: &str = r#"
data letters {
    source = glyphs(classes = "P".."Q", samples = 100, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}

model tiny {
    input  image: [784]
    target label: class(2)
    image -> hidden: dense(4, relu) -> out: dense(2, softmax)
    loss out: cross_entropy(label)
}

train {
    data      = letters
    optimizer = sgd(rate = 0.1)
    epochs    = 1
    batch     = 8
    seed      = 1
}
"#;

/// Lines of a stage that are shown.
const LINES: usize = 30;

fn main() -> Result<(), kiln::Error> {
    let spec = Spec::parse("tiny", SPEC)?;
    for run in spec.runs() {
        println!("{}", run.summary());
        for stage in Stage::ALL {
            let text = run.dump(stage, Target::GOLDEN);
            println!("──── {}", stage.name());
            text.lines().take(LINES).for_each(|line| println!("{line}"));
            let lines = text.lines().count();
            if lines > LINES {
                println!("… {} more lines", lines - LINES);
            }
            println!();
        }
    }
    Ok(())
}
