//! From the text of a spec, or a spec of the repository, to its graphs.

use kiln_graph::Graph;
use kiln_model::{Checked, Loaded, build, check, load_text};
use std::path::{Path, PathBuf};

/// The steps of the first run of a spec.
pub(crate) struct Steps {
    pub(crate) batch: u32,
    pub(crate) train: Graph,
    pub(crate) evaluate: Graph,
}

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The steps of a spec of the repository.
pub(crate) fn spec(name: &str) -> Steps {
    let path = workspace().join("specs").join(format!("{name}.model"));
    text(&std::fs::read_to_string(path).expect("the spec is there"))
}

/// The steps that a text describes; it may use the repository's files.
pub(crate) fn text(text: &str) -> Steps {
    let read =
        |used: &str| std::fs::read_to_string(workspace().join("specs").join(used)).map_err(|e| e.to_string());
    let loaded: Loaded = load_text("main.model", text, &mut { read });
    let Checked { spec, diagnostics } = check(&loaded);
    let spec = spec.unwrap_or_else(|| panic!("{diagnostics:?} in\n{text}"));
    let model = &spec.runs[0].model;
    let graphs = build(model);
    Steps { batch: model.train.batch, train: graphs.train, evaluate: graphs.evaluate }
}
