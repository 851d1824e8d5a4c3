//! What the front end costs as a text grows: pathological specs at four sizes, each twice the one before.
//!
//! ```sh
//! cargo run --release -p kiln-model --example front_end
//! ```
//!
//! Reading, checking and drawing the messages together; the last column is the time of the largest text
//! over that of the one half as long: 2 is linear. Bounds (64 brackets, 4,096 layers, 1,024 runs, 16
//! files deep, 1 MiB, 100 messages) end some of the growth early.

use kiln_model::{check, load_text};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

/// Elements of the smallest text.
const SMALLEST: usize = 500;
const SIZES: usize = 5;
/// The least of so many times is kept.
const ROUNDS: usize = 5;

type Make = fn(usize) -> String;

/// A name and a maker of texts of so many elements.
const CASES: &[(&str, Make)] = &[
    ("brackets side by side", |n| train(&format!("a = [{}]", "[[1], [2]], ".repeat(n)))),
    ("brackets open", |n| train(&format!("a = {}", "f(".repeat(n)))),
    ("one long line", |n| train(&format!("a = [{}]", "1_000, ".repeat(n)))),
    ("a long sum", |n| train(&format!("a = 1{}", " + 1".repeat(n)))),
    ("strings never closed", |n| train(&"a = \"x\n".repeat(n))),
    ("a long chain", |n| model(&format!("    image{} -> out: dense(784)\n", " -> dense(4)".repeat(n)))),
    ("labels", |n| model(&lines(n, |i| format!("    image -> l{i}: dense(4)\n")))),
    ("second names", |n| model(&lines(n, |i| format!("    a{i} = image\n")))),
    ("names used too early", |n| model(&lines(n, |i| format!("    a{i} = a{} -> dense(4)\n", i + 1)))),
    ("unknown names", |n| model(&lines(n, |i| format!("    u{i} -> dense(4)\n")))),
    ("duplicate names", |n| model(&lines(n, |_| "    same = image\n".to_owned()))),
    ("losses", |n| model(&lines(n, |i| format!("    b{i} = out0\n    loss b{i}: mse(image)\n")))),
    ("ties in a row", |n| {
        model(
            &lines(n, |i| format!("    l{i} -> l{}: dense(tie = l{i})\n", i + 1))
                .replacen("l0 ->", "image ->", 1),
        )
    }),
    ("keys", |n| train(&lines(n, |i| format!("k{i} = 1\n")))),
    ("sweeps of two", |n| train(&lines(n, |i| format!("k{i} = sweep [1, 2]\n")))),
    ("one sweep", |n| {
        train(&format!("optimizer = adam()\nepochs = 1\nseed = sweep [{}]", lines(n, |i| format!("{i}, "))))
    }),
    ("blocks", |n| lines(n, |i| format!("block b{i}(n) = dense(n)\n"))),
    ("uses", |n| lines(n, |i| format!("use \"{i}.model\"\n"))),
    ("data sets", |n| lines(n, |i| format!("data d{i} {{ image = pixels }}\n"))),
];

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

fn train(body: &str) -> String {
    format!("train {{\n{body}\n}}\n")
}

fn model(body: &str) -> String {
    format!(
        "model m {{\n    input image: [784]\n    image -> out0: dense(784)\n{body}    loss out0: mse(image)\n}}\n\
         data d {{\n    source = glyphs(classes = \"P\"..\"Z\")\n    split = all\n    image = pixels / 255\n}}\n\
         train {{ optimizer = adam()  epochs = 1 }}\n"
    )
}

/// Milliseconds to read, check and draw.
fn milliseconds(text: &str) -> f64 {
    let one = || {
        let begun = Instant::now();
        let loaded = load_text("main.model", text, &mut |_| Ok("title \"used\"\n".to_owned()));
        let checked = check(&loaded);
        std::hint::black_box(kiln_diag::render(&checked.diagnostics, &loaded.sources, false));
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..ROUNDS).map(|_| one()).fold(f64::INFINITY, f64::min)
}

fn main() -> std::io::Result<()> {
    let mut table = format!("{:<22} {:>8}", "milliseconds", "kB");
    for size in 0..SIZES {
        let _ = write!(table, " {:>9}", format!("n = {}", SMALLEST << size));
    }
    table.push_str("   ratio\n");
    for (name, make) in CASES {
        let times: Vec<f64> = (0..SIZES).map(|size| milliseconds(&make(SMALLEST << size))).collect();
        let bytes = make(SMALLEST << (SIZES - 1)).len();
        let _ = write!(table, "{name:<22} {:>8}", bytes / 1000);
        for time in &times {
            let _ = write!(table, " {time:>9.2}");
        }
        let _ = writeln!(table, " {:>7.2}", times[SIZES - 1] / times[SIZES - 2]);
    }
    std::io::stdout().write_all(table.as_bytes())
}
