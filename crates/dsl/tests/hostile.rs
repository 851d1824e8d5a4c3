//! Texts made to exhaust the stack, the time or the memory.
//!
//! Everything here is near the size bound. A stack overflow, a quadratic loop over a million
//! characters or an exponential grammar would end the test run or make it endless.

use std::thread;

use kiln_diag::{Code, Diagnostics, FileId, Severity};
use kiln_dsl::{MAX_BYTES, MAX_NESTING, dump, format, parse};

/// Reads, prints and formats on a stack far smaller than a thread's usual 2 MiB; gives the codes.
fn codes(text: String) -> Vec<Code> {
    let work = move || {
        let mut diags = Diagnostics::new();
        let spec = parse(&text, FileId(0), &mut diags);
        dump(&spec);
        assert_eq!(format(&text).is_err(), diags.has_errors());
        assert!(diags.iter().all(|d| d.severity == Severity::Error));
        diags.iter().map(|d| d.code).collect()
    };
    let thread = thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread starts");
    thread.join().expect("nothing panics")
}

#[test]
fn one_sign_repeated() {
    for sign in [
        "(", "[", "{", ")", "]", "}", "-", "a ->", "->", "\"", "\\", "\n", "//", "/", "a", "1", "=", "é",
        "a(",
    ] {
        let text = sign.repeat(100_000 / sign.len());
        for text in [format!("train {{ a = {text}"), format!("model m {{ x -> {text}"), text] {
            assert!(codes(text).len() <= 60, "{sign}: one mistake is reported very often");
        }
    }
}

#[test]
fn one_line_repeated() {
    let lines = [
        "a = 1\n",
        "a = \n",
        "a = (\n",
        "a = [1,\n",
        "}\n",
        "stack s(a) {\n",
        "a = \"\n",
        "x -> y // c\n",
        ", \n",
        "a = f(b = 2)  ",
    ];
    for line in lines {
        let text = line.repeat(200_000 / line.len());
        for text in [format!("train {{\n{text}}}"), format!("model m {{\n{text}}}"), text] {
            assert!(codes(text).len() <= 60, "{line:?}: more mistakes than anybody reads");
        }
    }
}

#[test]
fn long_specs_that_are_right() {
    let pipeline = format!("model m {{\n x{}\n}}", " -> dense(4, relu)".repeat(20_000));
    let lines = format!("train {{\n{}}}", "rate = sweep [1e-3, 1e-4]\n".repeat(20_000));
    let list = format!("train {{ a = [{}] }}", "1, ".repeat(100_000));
    let commented = format!("train {{ a = [{}] }}", "1, // c\n".repeat(40_000));
    let words = format!("train {{ {} }}", "a = 1 ".repeat(50_000));
    let broken = format!("block b = x{}", "\n -> y // z".repeat(30_000));
    for text in [pipeline, lines, list, commented, words, broken] {
        assert_eq!(codes(text), []);
    }
}

#[test]
fn the_deepest_value_is_read_and_one_deeper_is_not() {
    let kinds = [("[", "1", "]"), ("f(", "a", ")"), ("(", "1", ")")];
    for (open, middle, close) in kinds {
        // One level is taken by the braces of `train`.
        let deepest = MAX_NESTING - 1;
        let spec = |n: usize| format!("train {{ a = {}{middle}{} }}", open.repeat(n), close.repeat(n));
        assert_eq!(codes(spec(deepest)), [], "{open}");
        assert_eq!(codes(spec(deepest + 1)), [Code::NestingTooDeep], "{open}");
    }
    let sum = |n: usize| format!("train {{ a = 1{} }}", " + 1".repeat(n));
    assert_eq!(codes(sum(MAX_NESTING - 1)), []);
    assert_eq!(codes(sum(MAX_NESTING)), [Code::NestingTooDeep]);
    assert_eq!(codes(sum(100_000)), [Code::NestingTooDeep]);
}

#[test]
fn stacks_in_stacks() {
    let spec =
        |n: usize| format!("model m {{ stack s(x) {{ {} a {} }} }}", "stack t { ".repeat(n), "} ".repeat(n));
    assert_eq!(codes(spec(MAX_NESTING - 2)), []);
    assert_eq!(codes(spec(MAX_NESTING - 1)), [Code::NestingTooDeep]);
}

#[test]
fn files_over_the_bound_are_not_read() {
    assert_eq!(codes(" ".repeat(MAX_BYTES)), []);
    assert_eq!(codes(" ".repeat(MAX_BYTES + 1)), [Code::FileTooLarge]);
}
