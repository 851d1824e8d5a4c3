//! The pages of the syntax rules tell the truth: the first example of each fails by its rule,
//! the last one is right.

use kiln_diag::{Code, Diagnostics, FileId};
use kiln_dsl::parse;

/// The codes of a text; an excerpt of settings or of a model is read inside one.
fn codes(example: &str) -> Vec<Code> {
    let whole = ["title", "use", "kiln", "train", "data", "model", "//"];
    let text = if whole.iter().any(|word| example.starts_with(word)) {
        example.to_owned()
    } else {
        format!("train {{\n{example}}}\n")
    };
    let mut diags = Diagnostics::new();
    parse(&text, FileId(0), &mut diags);
    diags.iter().map(|d| d.code).collect()
}

fn examples(page: &str) -> Vec<&str> {
    page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn examples_of_the_pages_do_what_they_say() {
    // `NestingTooDeep` is left out: its example is abridged, or it would fill the page.
    let rules = [
        Code::Syntax,
        Code::Unclosed,
        Code::BadNumber,
        Code::BadEscape,
        Code::Misplaced,
        Code::LanguageVersion,
    ];
    for rule in rules {
        let examples = examples(rule.page());
        let [wrong, .., right] = examples.as_slice() else { panic!("{rule}: two examples are needed") };
        let got = codes(wrong);
        assert!(!got.is_empty() && got.iter().all(|code| *code == rule), "{rule}: its example gives {got:?}");
        assert_eq!(codes(right), [], "{rule}: its fix has mistakes");
    }
}
