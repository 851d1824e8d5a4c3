//! Check: no spec makes the front end panic, and a spec comes out exactly where nothing is wrong.
//!
//! In: any bytes as the main file; the files of `specs/lib/` can be used. Out of a spec without
//! mistakes: its canonical text reads as the same model, its table has lines, and its graph passes
//! the verifier.
#![no_main]

use kiln_diag::{render, to_json};
use kiln_model::{Checked, Model, build, check, load_text, summary};
use libfuzzer_sys::fuzz_target;

/// Graphs of larger models would only take time: each layer is built like the one before.
const LAYERS_MAX: usize = 40;

fn library(path: &str) -> Result<String, String> {
    Ok(match path {
        "lib/letters.model" => include_str!("../../specs/lib/letters.model"),
        "lib/mlp.model" => include_str!("../../specs/lib/mlp.model"),
        "lib/autoencoder.model" => include_str!("../../specs/lib/autoencoder.model"),
        _ => return Err("not found".to_owned()),
    }
    .to_owned())
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let loaded = load_text("main.model", &text, &mut library);
    let Checked { spec, diagnostics } = check(&loaded);
    assert_eq!(spec.is_none(), diagnostics.has_errors());
    assert_eq!(render(&diagnostics, &loaded.sources, false).is_empty(), diagnostics.is_empty());
    assert!(to_json(&diagnostics, &loaded.sources).ends_with("]\n"));
    let Some(run) = spec.as_ref().and_then(|spec| spec.runs.first()) else { return };
    assert!(!summary(&run.model).to_string().is_empty());
    assert_eq!(Model::from_ron(&run.model.to_ron()).expect("its own text"), run.model);
    if run.model.layers.len() <= LAYERS_MAX {
        let graphs = build(&run.model);
        assert!(!graphs.train.to_string().is_empty());
    }
});
