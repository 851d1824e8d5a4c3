//! What holds for every item of every kind.

use crate::bed::arguments;
use kiln_library::page::{page, reference, takes};
use kiln_library::{ArgKind, ArgSpec, Kind, Value, early_stopping, registry};
use std::collections::BTreeSet;

fn check_spec(what: &str, spec: &ArgSpec) {
    let name = spec.name;
    assert!(spec.doc.ends_with('.') && spec.doc.len() > 8, "{what}: `{name}` has no line of documentation");
    assert!(
        spec.default.is_none() || !spec.optional,
        "{what}: `{name}` has a default and need not be called optional"
    );
    let Some(value) = registry::default_value(spec) else { return };
    let number = match (spec.kind, value) {
        (ArgKind::Float, Value::Float(x)) => x,
        (ArgKind::Int, Value::Int(x)) => x as f64,
        (ArgKind::Bool, Value::Bool(_))
        | (ArgKind::Word(_), Value::Word(_))
        | (ArgKind::Item(_), Value::Item(_)) => return,
        (kind, value) => panic!("{what}: `{name}` takes {kind:?}, its default is {value:?}"),
    };
    let above = spec.min.is_none_or(|(min, open)| number > min || (open && number == min));
    let below = spec.max.is_none_or(|(max, open)| number < max || (open && number == max));
    assert!(above && below, "{what}: default {number} of `{name}` is out of its range");
}

fn check_specs(what: &str, specs: &[ArgSpec]) {
    let mut names = BTreeSet::new();
    for spec in specs {
        assert!(names.insert(spec.name), "{what}: `{}` twice", spec.name);
        check_spec(what, spec);
    }
    let positional: Vec<bool> = specs.iter().map(|s| s.positional).collect();
    assert!(positional.is_sorted_by(|a, b| a >= b), "{what}: positional arguments come first");
}

#[test]
fn every_item_is_named_summarised_and_documented() {
    for kind in registry::KINDS {
        let mut names = BTreeSet::new();
        for item in registry::items(kind) {
            let what = format!("{kind:?} {}", item.name());
            assert!(names.insert(item.name()), "{what} twice");
            assert!(item.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            assert!(item.summary().ends_with('.') && item.summary().len() > 8, "{what} has no summary");
            check_specs(&what, item.args());
            assert_eq!(registry::find(kind, item.name()).map(|i| i.name()), Some(item.name()));
        }
    }
    check_specs("early_stopping", early_stopping::ARGS);
}

#[test]
fn what_is_not_registered_is_not_found() {
    for kind in registry::KINDS {
        assert!(registry::find(kind, "no_such_item").is_none());
        assert!(registry::args(kind, "").is_none());
        assert!(registry::defaults(kind, "Relu").is_none());
    }
}

#[test]
fn the_items_that_the_language_promises_are_there() {
    use kiln_library::Kind::{Activation, Initializer, Layer, Loss, Metric, Optimizer, Schedule};
    let promised = [
        (Layer, "dense batch_norm layer_norm dropout gaussian_noise activation flatten reshape concat add"),
        (Activation, "linear relu leaky_relu elu selu gelu silu sigmoid tanh softplus softmax"),
        (Loss, "mse mae huber binary_cross_entropy cross_entropy"),
        (Optimizer, "sgd adam adamw nadam rmsprop adagrad"),
        (Schedule, "constant step exponential cosine warmup reduce_on_plateau"),
        (
            Initializer,
            "glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal \
             orthogonal zeros ones constant",
        ),
        (Metric, "accuracy top_k precision recall f1 mse mae"),
    ];
    for (kind, names) in promised {
        let promised: BTreeSet<&str> = names.split_whitespace().collect();
        let there: BTreeSet<&str> = registry::names(kind).into_iter().collect();
        assert!(promised.is_subset(&there), "{kind:?}: {:?} missing", promised.difference(&there));
    }
}

#[test]
fn required_arguments_can_be_met_within_their_ranges() {
    for kind in registry::KINDS {
        for item in registry::items(kind) {
            let args = arguments(kind, item.name());
            for spec in item.args().iter().filter(|s| !s.optional) {
                assert!(args.get(spec.name).is_some(), "{kind:?} {}: no `{}`", item.name(), spec.name);
            }
        }
    }
}

/// A folder's files and its registry agree: a file that is not registered would be dead code.
#[test]
fn every_file_of_a_folder_is_an_item_of_its_registry() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for kind in registry::KINDS {
        let folder = source.join(kind.plural());
        let files = std::fs::read_dir(&folder).expect("the folder of a kind");
        let files = files.map(|f| f.expect("a file").path());
        let mut stems: Vec<String> = files
            .map(|p| p.file_stem().expect("a name").to_string_lossy().into_owned())
            .filter(|stem| stem != "mod")
            .collect();
        stems.sort();
        let mut names = registry::names(kind);
        names.sort_unstable();
        assert_eq!(stems, names, "{}", folder.display());
        for stem in stems {
            let text = std::fs::read_to_string(folder.join(format!("{stem}.rs"))).expect("a file");
            let item = registry::find(kind, &stem).expect("a registered item");
            assert_eq!(item.file(), text, "{stem}.rs gives the text of another file");
        }
    }
}

#[test]
fn every_page_is_whole() {
    for kind in registry::KINDS {
        for item in registry::items(kind) {
            let page = page(kind, item);
            let what = format!("{kind:?} {}", page.name);
            assert!(page.title.ends_with('.'), "{what}: its header does not begin with a sentence");
            assert!(!page.formula.is_empty(), "{what} has no formula");
            assert!(page.source.ends_with('.'), "{what} names no source");
            assert!(page.shapes.ends_with('.') || kind == Kind::Schedule, "{what} has no shapes");
            assert!(page.trap.is_empty() || page.trap.ends_with('.'), "{what}: its trap is no sentence");
            assert!(page.example.contains(page.name), "{what}: its example does not show it");
            let words = [page.title.as_str(), &page.source, &page.shapes, &page.trap];
            let words = words.into_iter().chain(page.notes.iter().map(String::as_str));
            for words in words {
                // Pages are read outside of the source, where its own links lead nowhere.
                assert!(!words.contains("[`") && !words.contains("crate::"), "{what}: {words}");
            }
            let (markdown, plain) = (page.markdown(), page.plain());
            for spec in page.args {
                let row = format!("| `{}` | {} |", spec.name, takes(spec));
                assert!(markdown.contains(&row) && plain.contains(spec.name), "{what}: {}", spec.name);
            }
        }
    }
}

#[test]
fn the_reference_has_a_section_for_every_item() {
    let files = reference::files();
    for kind in registry::KINDS {
        let name = format!("{}.md", kind.plural());
        let (_, text) = files.iter().find(|(file, _)| *file == name).expect("a page for the kind");
        for item in registry::names(kind) {
            assert!(text.contains(&format!("\n## {item}\n")), "{name}: {item}");
            assert!(files[0].1.contains(&format!("({name}#{item})")), "the index lacks {item}");
        }
        assert_eq!(reference::frame(kind).matches(reference::HERE).count(), 1, "{kind:?}");
    }
}
