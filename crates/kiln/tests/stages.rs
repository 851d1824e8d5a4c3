//! Golden files of every stage of exp01, exp06 and exp11: `tests/golden/stages/SPEC.STAGE.txt`.
//!
//! `KILN_BLESS=1` (or `cargo xtask test --bless`) rewrites them; the diff is to be read. They are
//! the same on every host: code is made for a named target, and only its text is kept. The model,
//! graph and gradients of all specs are with the crate `model`; here are the stages around them.

use kiln::codegen::Target;
use kiln::{Spec, Stage};
use std::path::{Path, PathBuf};

const SPECS: [&str; 3] = ["exp01", "exp06", "exp11"];
const STAGES: [Stage; 3] = [Stage::Ast, Stage::Schedule, Stage::Clif];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The stage as text, from the spec's first run.
fn dump(name: &str, stage: Stage) -> String {
    let path = root().join(format!("specs/{name}.model"));
    let spec = Spec::load(&path, &[]).unwrap_or_else(|e| panic!("{name}: {e}"));
    let run = spec.runs().next().unwrap_or_else(|| panic!("{name} has a run"));
    run.dump(stage, Target::GOLDEN)
}

/// Compares with the golden file, or writes it.
fn check(name: &str, stage: Stage) -> Result<(), String> {
    let file = root().join(format!("tests/golden/stages/{name}.{}.txt", stage.name()));
    let now = dump(name, stage);
    if std::env::var_os("KILN_BLESS").is_some() {
        let folder = file.parent().ok_or("a folder")?;
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        return std::fs::write(&file, now).map_err(|e| e.to_string());
    }
    let golden = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let differs = golden.lines().zip(now.lines()).position(|(a, b)| a != b);
    match differs {
        _ if golden == now => Ok(()),
        Some(line) => Err(format!(
            "{name}.{}, line {}:\n  golden: {}\n  now:    {}",
            stage.name(),
            line + 1,
            golden.lines().nth(line).unwrap_or_default(),
            now.lines().nth(line).unwrap_or_default()
        )),
        None => Err(format!("{name}.{}: one is longer", stage.name())),
    }
}

#[test]
fn stages_are_as_printed() {
    let all = SPECS.iter().flat_map(|name| STAGES.map(|stage| check(name, stage)));
    let wrong: Vec<String> = all.filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "golden files differ (KILN_BLESS=1 rewrites them):\n{}", wrong.join("\n"));
}

#[test]
fn a_dump_is_the_same_twice() {
    assert_eq!(dump("exp06", Stage::Clif), dump("exp06", Stage::Clif));
}
