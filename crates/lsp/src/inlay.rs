//! Inlay hints: the shape after each layer.
//!
//! In: a spec, a file of it, a part of its text. Out: places and what is shown there. A layer in a block
//! has a hint where all uses of the block agree.

use crate::describe;
use crate::project::Project;
use kiln_diag::FileId;
use std::collections::BTreeMap;
use std::ops::Range;

/// Something shown within the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The byte that it stands before.
    pub at: u32,
    /// What is shown.
    pub text: String,
    /// What is shown when it is pointed at.
    pub more: String,
}

/// The hints of a part of a file, in the order of the text.
pub fn hints(project: &Project, file: FileId, part: Range<u32>) -> Vec<Hint> {
    // By the ends of stages; `None` where uses disagree.
    let mut shapes: BTreeMap<u32, Option<(Vec<u32>, String)>> = BTreeMap::new();
    for (model, applied) in project.inspected.iter().flat_map(|m| m.applied.iter().map(move |a| (m, a))) {
        let Some(dims) = &applied.dims else { continue };
        let is_here =
            applied.stage.file == file && part.start <= applied.stage.end && applied.stage.end <= part.end;
        if !is_here {
            continue;
        }
        let shape = (dims.clone(), describe::applied(applied, model));
        let known = shapes.entry(applied.stage.end).or_insert_with(|| Some(shape));
        if known.as_ref().is_some_and(|(first, _)| first != dims) {
            *known = None;
        }
    }
    let shown = shapes.into_iter().filter_map(|(at, shape)| shape.map(|shape| (at, shape)));
    shown.map(|(at, (dims, more))| Hint { at, text: format!("{dims:?}"), more }).collect()
}
