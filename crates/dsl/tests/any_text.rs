//! Any text at all: reading and formatting never panic, and formatting loses nothing.
//!
//! Texts come from four sources: random characters, soups of the language's own words, real
//! specs with random edits, and random specs that are right, written as untidily as the
//! grammar allows.

use kiln_diag::{Diagnostics, FileId, Sources, render, to_json};
use kiln_dsl::{dump, format, parse};
use proptest::prelude::*;

const SPEC: &str = include_str!("golden/design.txt");

/// What must hold for every text. True where it was formatted.
fn check(text: &str) -> bool {
    let mut sources = Sources::new();
    let file = sources.add("any.model", text);
    let mut diags = Diagnostics::new();
    let tree = dump(&parse(text, file, &mut diags));
    assert_eq!(render(&diags, &sources, false).is_empty(), diags.is_empty());
    assert!(to_json(&diags, &sources).ends_with("]\n"));
    for diagnostic in diags.iter() {
        for label in &diagnostic.labels {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(text.get(start..end).is_some(), "a label lies outside of the text: {label:?}");
        }
    }
    let Ok(tidy) = format(text) else {
        assert!(diags.has_errors(), "not formatted, but there is no mistake");
        return false;
    };
    assert!(!diags.has_errors(), "formatted, but there are mistakes");
    let mut again = Diagnostics::new();
    assert_eq!(dump(&parse(&tidy, FileId(0), &mut again)), tree, "formatting changed\n{text}\nto\n{tidy}");
    assert_eq!(format(&tidy).as_ref(), Ok(&tidy), "formatting twice differs for\n{text}\nonce:\n{tidy}");
    assert_eq!(comments(&tidy), comments(text), "a comment was lost:\n{text}\nto\n{tidy}");
    assert!(tidy.lines().all(|l| l == l.trim_end()), "blanks at the end of a line:\n{tidy}");
    assert!(!tidy.contains("\n\n\n"), "two blank lines:\n{tidy}");
    true
}

/// The comments of a text, sorted: their order may change where one moves above its statement.
fn comments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let (mut is_text, mut skip) = (false, false);
        for (at, c) in line.char_indices() {
            match c {
                _ if skip => skip = false,
                '\\' if is_text => skip = true,
                '"' => is_text = !is_text,
                '/' if !is_text && line[at..].starts_with("//") => {
                    found.push(line[at..].trim_end());
                    break;
                }
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found
}

fn specs() -> Vec<&'static str> {
    SPEC.split("==== ")
        .filter_map(|case| case.split("\n---- ").next())
        .filter_map(|case| case.split_once('\n').map(|(_, spec)| spec))
        .collect()
}

#[test]
fn the_real_specs_are_formatted() {
    assert_eq!(specs().len(), 4);
    assert!(specs().into_iter().all(check));
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "title", "use", "data", "block", "model", "train", "report", "input", "target", "class", "loss",
        "metric", "stack", "sweep", "kiln", "true", "a", "x1", "dense", "relu", "1", "0.5", "80%", "1e-3",
        "3..4", "\"t\"", "\"", "\\", "(", ")", "[", "]", "{", "}", ",", ":", "=", "->", "..", ".", "+", "-",
        "*", "/", "// c\n", "\n", "\n\n", " ", "é", "\r\n", "a.T", "f(", "x: ", "k = ", "#", ";",
    ])
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, usize, &'static str)> {
    (any::<prop::sample::Index>(), 0..12_usize, word())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_characters(text in "\\PC{0,60}(\n[ -~\t\n]{0,80})?") {
        check(&text);
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn soups_of_words(words in prop::collection::vec(word(), 0..80)) {
        check(&words.concat());
        check(&words.join(" "));
    }

    #[test]
    fn edited_specs(spec in prop::sample::select(specs()), edits in prop::collection::vec(edit(), 1..4)) {
        let mut text: Vec<char> = spec.chars().collect();
        for (at, length, insert) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, insert.chars());
        }
        check(&text.into_iter().collect::<String>());
    }

    #[test]
    fn untidy_specs(text in untidy::spec()) {
        prop_assert!(check(&text), "this spec is right, but was refused:\n{}", text);
    }
}

/// Random specs that are right.
mod untidy {
    use proptest::prelude::*;
    use proptest::strategy::Union;

    type Part = BoxedStrategy<String>;

    /// Between tokens in brackets: blanks, line breaks, comments.
    fn gap() -> Part {
        prop_oneof![
            6 => Just(String::new()),
            4 => Just(" ".to_owned()),
            1 => Just("\n\n  ".to_owned()),
            1 => "[a-z]{0,2}".prop_map(|c| format!(" // {c}\n")),
        ]
        .boxed()
    }

    /// Between statements.
    fn line() -> Part {
        prop_oneof![
            4 => Just("\n".to_owned()),
            1 => Just("\n\n\n".to_owned()),
            1 => Just("  ".to_owned()),
            1 => Just(" // beside\n// below\n\n".to_owned()),
            1 => Just("//beside \r\n".to_owned()),
        ]
        .boxed()
    }

    /// Before `->`.
    fn before_arrow() -> Part {
        prop_oneof![
            4 => Just(" ".to_owned()),
            1 => Just(String::new()),
            1 => Just("\n".to_owned()),
            1 => Just(" // beside\n // below\n".to_owned()),
        ]
        .boxed()
    }

    fn name() -> Part {
        prop_oneof![
            Just("a"),
            Just("bb"),
            Just("loss_of_it"),
            Just("enc1"),
            Just("a_rather_long_name_for_a_layer")
        ]
        .prop_map(str::to_owned)
        .boxed()
    }

    /// `open a gap, gap b close`, with or without a comma at the end.
    fn bracket(open: &'static str, element: Part, close: &'static str) -> Part {
        let element = (gap(), element, gap()).prop_map(|(a, e, b)| format!("{a}{e}{b}"));
        (prop::collection::vec(element, 0..5), any::<bool>(), gap())
            .prop_map(move |(all, comma, gap)| {
                let comma = if comma && !all.is_empty() { "," } else { "" };
                format!("{open}{}{comma}{gap}{close}", all.join(","))
            })
            .boxed()
    }

    fn value() -> Part {
        let leaf = prop_oneof![
            Just("14_000"),
            Just("1e-3"),
            Just("80%"),
            Just("\"a // \\\"b\\\\\""),
            Just("relu"),
            Just("code.T"),
            Just("true"),
            Just("\"P\"..\"Z\""),
            Just("0 .. 783"),
        ]
        .prop_map(str::to_owned);
        leaf.prop_recursive(3, 24, 4, |inner| {
            let inner = inner.boxed();
            let operand = inner.clone().prop_filter("a range is no operand", |v| !v.contains(".."));
            Union::new(vec![
                bracket("[", inner.clone(), "]"),
                bracket("sweep [", inner.clone(), "]"),
                bracket("f(", argument(inner), ")"),
                operand
                    .clone()
                    .prop_filter("one sign is enough", |v| !v.starts_with('-'))
                    .prop_map(|v| format!("-{v}"))
                    .boxed(),
                (operand.clone(), prop::sample::select(vec!["+", " -", "*", " / "]), operand.clone())
                    .prop_map(|(a, o, b)| format!("({a}{o} {b})"))
                    .boxed(),
                (gap(), operand, gap()).prop_map(|(a, v, b)| format!("({a}{v}{b})")).boxed(),
            ])
        })
        .boxed()
    }

    fn argument(value: Part) -> Part {
        prop_oneof![
            value.clone(),
            (name(), value.clone()).prop_map(|(n, v)| format!("{n}={v}")),
            (name(), gap(), value.clone(), gap(), value)
                .prop_map(|(n, g, a, h, b)| format!("{n} ={g}{a}{h}->{b}")),
        ]
        .boxed()
    }

    fn arguments() -> Part {
        bracket("(", argument(value()), ")")
    }

    fn stage() -> Part {
        (prop::option::of(name()), name(), prop::option::of(arguments()))
            .prop_map(|(label, name, args)| {
                let label = label.map_or_else(String::new, |l| format!("{l} :"));
                format!("{label}{name}{}", args.unwrap_or_default())
            })
            .boxed()
    }

    fn stages(least: usize) -> Part {
        let arrow = prop_oneof![4 => Just("->"), 1 => Just("->  "), 1 => Just("-> // after\n")];
        let step = (before_arrow(), arrow, stage()).prop_map(|(b, a, s)| format!("{b}{a}{s}"));
        prop::collection::vec(step, least..5).prop_map(|all| all.concat()).boxed()
    }

    fn statement() -> Part {
        let head = || (name(), value());
        prop_oneof![
            (name(), bracket("[", value(), "]")).prop_map(|(n, l)| format!("input {n}:{l}")),
            head().prop_map(|(n, v)| format!("target {n} :class({v},)")),
            (name(), stages(1)).prop_map(|(n, s)| format!("{n}{s}")),
            (name(), stage(), stages(0)).prop_map(|(n, a, s)| format!("{n}={a}{s}")),
            (arguments(), stages(0)).prop_map(|(a, s)| format!("joined:concat{a}{s}")),
            (name(), arguments(), prop::option::of(value())).prop_map(|(n, a, w)| {
                match w.filter(|w| !w.contains("..")) {
                    Some(weight) => format!("loss {n}:mse{a}*{weight}"),
                    None => format!("loss {n}:mse{a}"),
                }
            }),
            (name(), arguments())
                .prop_map(|(n, a)| format!("metric {n}:accuracy,f1{a} , // more\n top_k(5)")),
            lines(stages(0).prop_flat_map(|s| stage().prop_map(move |a| format!("{a}{s}"))).boxed())
                .prop_map(|body| format!("stack s(a) {{{body}}}")),
        ]
        .boxed()
    }

    fn lines(statement: Part) -> Part {
        let one = (statement, line()).prop_map(|(s, l)| format!("{s}{l}"));
        (line(), prop::collection::vec(one, 0..5)).prop_map(|(l, all)| format!("{l}{}", all.concat())).boxed()
    }

    fn item() -> Part {
        let setting = || (name(), value()).prop_map(|(n, v)| format!("{n}={v}")).boxed();
        let section = (name(), prop::option::of(arguments())).prop_map(|(n, a)| n + &a.unwrap_or_default());
        prop_oneof![
            Just("title \"t\"".to_owned()),
            Just("use \"lib/a.model\"".to_owned()),
            (stage(), stages(0)).prop_map(|(s, more)| format!("block b(u,d=0.2)={s}{more}")),
            lines(setting()).prop_map(|body| format!("data d{{{body}}}")),
            lines(setting()).prop_map(|body| format!("train // why\n {{{body}}}")),
            lines(section.boxed()).prop_map(|body| format!("report{{{body}}}")),
            (bracket("(", setting(), ")"), lines(statement()))
                .prop_map(|(p, body)| format!("model m{p}{{ // head\n{body}}}")),
        ]
        .boxed()
    }

    /// A file of such items.
    pub(super) fn spec() -> Part {
        (any::<bool>(), lines(item()))
            .prop_map(|(version, items)| if version { format!("kiln 1\n{items}") } else { items })
            .boxed()
    }
}
