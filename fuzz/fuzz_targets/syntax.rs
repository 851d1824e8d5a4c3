//! Parse → print → parse: no text makes reading or formatting panic, and formatting loses nothing.
//!
//! In: any bytes; what is not UTF-8 is read with its replacement characters. A text without mistakes
//! is formatted; the result reads as the same tree, and formatting it again changes nothing.
#![no_main]

use kiln_diag::{Diagnostics, Sources, render, to_json};
use kiln_dsl::{dump, format, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = Sources::new();
    let file = sources.add("any.model", &text);
    let mut diagnostics = Diagnostics::new();
    let tree = dump(&parse(&text, file, &mut diagnostics));
    for label in diagnostics.iter().flat_map(|d| &d.labels) {
        let place = label.span.start as usize..label.span.end as usize;
        assert!(text.get(place).is_some(), "a label lies outside of the text: {label:?}");
    }
    assert_eq!(render(&diagnostics, &sources, false).is_empty(), diagnostics.is_empty());
    assert!(to_json(&diagnostics, &sources).ends_with("]\n"));
    let Ok(tidy) = format(&text) else {
        assert!(diagnostics.has_errors(), "not formatted, but there is no mistake");
        return;
    };
    assert!(!diagnostics.has_errors(), "formatted, but there are mistakes");
    let mut again = Diagnostics::new();
    assert_eq!(dump(&parse(&tidy, file, &mut again)), tree, "formatting changed the spec to\n{tidy}");
    assert_eq!(format(&tidy).as_ref(), Ok(&tidy), "formatting twice differs from\n{tidy}");
});
