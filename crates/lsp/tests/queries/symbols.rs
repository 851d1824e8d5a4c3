//! Document symbols.

use crate::fixture::Fixture;
use kiln_lsp::symbols::{Symbol, symbols};

fn outline(symbols: &[Symbol], depth: usize, lines: &mut Vec<String>) {
    for symbol in symbols {
        assert!(
            symbol.span.start <= symbol.name_span.start && symbol.name_span.end <= symbol.span.end,
            "{symbol:?}"
        );
        lines.push(format!("{}{} | {}", " ".repeat(depth), symbol.name, symbol.detail));
        outline(&symbol.children, depth + 1, lines);
    }
}

#[test]
fn the_outline_of_a_file() {
    let mut fixture = Fixture::in_library("block hidden");
    let (project, file) = fixture.project();
    let mut lines = Vec::new();
    outline(&symbols(&project, file), 0, &mut lines);
    let want = [
        "hidden | block",
        " dense(units, relu) | ",
        " dropout(drop) | ",
        "net | model",
        " image | input, `[784]`",
        " label | target, one of 11 classes",
        " hidden(128) | ",
        " hidden(width, drop = 0.1) | ",
        " code | dense(32, relu)",
        " classifier | dense(11, softmax)",
        " decoder | stack",
        "  up | dense(tie = code.T, relu)",
        "  dense(784, sigmoid) | ",
        " loss classifier | cross_entropy(label)",
        " loss decoder | mse(image)",
        " metric classifier | accuracy, f1(macro)",
    ];
    assert_eq!(lines, want);
}

#[test]
fn sections_and_broken_files() {
    let mut fixture =
        Fixture::new("|train {\n epochs = 3\n batch = \n}\nreport { table }\nmodel m {\n input x [\n}\n");
    let (project, file) = fixture.project();
    let mut lines = Vec::new();
    outline(&symbols(&project, file), 0, &mut lines);
    assert_eq!(lines, ["train | ", " epochs | 3", "report | ", " table | ", "m | model"]);
}
