//! Goldens of the model's stages for the specs of the repository: resolved models, tables, graphs.

mod golden;

use golden::{differs, none_differ, workspace};
use kiln_model::{Checked, Spec, build, check, load, summary};

/// Reads and checks a spec of the repository.
fn spec(name: &str) -> Spec {
    let path = workspace().join("specs").join(format!("{name}.model"));
    let loaded = load(&path).expect("the spec is there");
    let Checked { spec, diagnostics } = check(&loaded);
    let messages = kiln_diag::render(&diagnostics, &loaded.sources, false);
    assert!(diagnostics.is_empty(), "{name} is not clean:\n{messages}");
    spec.expect("a clean spec")
}

fn experiments() -> impl Iterator<Item = String> {
    (1..=11).map(|i| format!("exp{i:02}"))
}

#[test]
fn every_spec_of_the_repository_is_clean() {
    for entry in std::fs::read_dir(workspace().join("specs")).expect("the specs are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "model") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(!spec(&name).runs.is_empty());
        }
    }
}

#[test]
fn every_spec_of_the_repository_is_in_canonical_layout() {
    for folder in ["specs", "specs/lib"] {
        for entry in std::fs::read_dir(workspace().join(folder)).expect("the specs are there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "model") {
                let text = std::fs::read_to_string(&path).expect("a spec");
                let formatted = kiln_dsl::format(&text).expect("a spec that can be read");
                assert_eq!(formatted, text, "{}", path.display());
            }
        }
    }
}

#[test]
fn models() {
    let all = experiments().filter_map(|name| {
        let spec = spec(&name);
        differs(&format!("model/{name}.ron"), &format!("{}\n", spec.runs[0].model.to_ron()))
    });
    none_differ(all.collect());
}

#[test]
fn tables() {
    let all = experiments().filter_map(|name| {
        let spec = spec(&name);
        differs(&format!("summary/{name}.txt"), &summary(&spec.runs[0].model).to_string())
    });
    none_differ(all.collect());
}

/// The source document's tables, row by row.
#[test]
fn tables_are_those_of_the_document() {
    let mlp: &[(&str, &str, u32, u64)] = &[
        ("input_20", "InputLayer", 784, 0),
        ("dense_77", "Dense", 512, 401_920),
        ("batch_normalization_77", "BatchNormalization", 512, 2048),
        ("dropout_77", "Dropout", 512, 0),
        ("dense_78", "Dense", 170, 87_210),
        ("batch_normalization_78", "BatchNormalization", 170, 680),
        ("dropout_78", "Dropout", 170, 0),
        ("dense_79", "Dense", 56, 9576),
        ("batch_normalization_79", "BatchNormalization", 56, 224),
        ("dropout_79", "Dropout", 56, 0),
        ("dense_80", "Dense", 18, 1026),
        ("batch_normalization_80", "BatchNormalization", 18, 72),
        ("dropout_80", "Dropout", 18, 0),
        ("classifier", "Dense", 11, 209),
    ];
    for name in ["exp01", "exp02", "exp03", "exp04", "exp05"] {
        let s = summary(&spec(name).runs[0].model);
        assert_eq!(plain(&s), mlp);
        assert!(!s.branches);
        assert_eq!((s.total, s.trainable, s.non_trainable), (502_965, 501_453, 1512));
    }
}

#[test]
fn tables_of_the_autoencoders_are_those_of_the_document() {
    let rows: &[(&str, &str, u32, u64, &str)] = &[
        ("input_4", "InputLayer", 784, 0, ""),
        ("dense_14", "Dense", 512, 401_920, "input_4"),
        ("dense_15", "Dense", 256, 131_328, "dense_14"),
        ("dense_16", "Dense", 128, 32_896, "dense_15"),
        ("encoder", "Dense", 64, 8256, "dense_16"),
        ("dense_17", "Dense", 128, 8320, "encoder"),
        ("dense_18", "Dense", 256, 33_024, "dense_17"),
        ("dense_19", "Dense", 512, 131_584, "dense_18"),
        ("classifier", "Dense", 11, 715, "encoder"),
        ("decoder", "Dense", 784, 402_192, "dense_19"),
    ];
    for name in ["exp06", "exp07", "exp08", "exp09", "exp10"] {
        let s = summary(&spec(name).runs[0].model);
        let found: Vec<_> = s
            .rows
            .iter()
            .map(|r| (r.name.as_str(), r.kind.as_str(), r.dims[0], r.parameters, r.connected_to.join(",")))
            .collect();
        let found: Vec<_> = found.iter().map(|(n, k, d, p, c)| (*n, *k, *d, *p, c.as_str())).collect();
        assert_eq!(found, rows);
        assert!(s.branches);
        assert_eq!((s.total, s.trainable, s.non_trainable), (1_150_235, 1_150_235, 0));
    }
    let s = summary(&spec("exp11").runs[0].model);
    assert_eq!(s.model, "sequential_20");
    assert_eq!(
        plain(&s),
        [("sequential_18", "Sequential", 32, 244_192), ("sequential_19", "Sequential", 784, 245_424)]
    );
    assert_eq!((s.total, s.trainable, s.non_trainable), (245_424, 245_424, 0));
    assert!(s.to_string().contains("counted once"));
}

fn plain(s: &kiln_model::Summary) -> Vec<(&str, &str, u32, u64)> {
    s.rows.iter().map(|r| (r.name.as_str(), r.kind.as_str(), r.dims[0], r.parameters)).collect()
}

#[test]
fn graphs() {
    let mut all = Vec::new();
    for name in ["exp01", "exp06", "exp11"] {
        let graphs = build(&spec(name).runs[0].model);
        for graph in [&graphs.forward, &graphs.train, &graphs.evaluate, &graphs.predict] {
            kiln_graph::verify(graph).expect("a built graph is valid");
            assert_eq!(graph.inputs, graphs.train.inputs);
            assert_eq!(graph.scalars, graphs.train.scalars);
        }
        assert_eq!(graphs.evaluate.states, graphs.train.states);
        assert_eq!(graphs.predict.states, graphs.train.states);
        assert!(graphs.evaluate.assignments.is_empty() && graphs.predict.assignments.is_empty());
        all.extend(differs(&format!("graph/{name}.txt"), &kiln_graph::print(&graphs.forward)));
        all.extend(differs(&format!("gradients/{name}.txt"), &kiln_graph::print(&graphs.train)));
    }
    none_differ(all);
}

#[test]
fn batch_sizes_are_those_of_the_document() {
    let batches = |name: &str| spec(name).runs.iter().map(|r| r.model.train.batch).collect::<Vec<_>>();
    assert_eq!(batches("exp06"), [11_200, 16, 128]);
    assert_eq!(batches("exp07"), [128]);
    assert_eq!(batches("exp08"), [128, 11_200]);
    assert_eq!(batches("exp11"), [512, 128, 64, 32]);
}
