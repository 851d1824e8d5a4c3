//! From a code of many columns to points of the plane.
//!
//! In: rows of numbers. Out: `[x, y]` for each row, the same bits each time on any machine.
//!
//! The published crates for t-SNE and UMAP were tried: their sums depend on the number of
//! threads, or their random numbers on the clock, so two reports of one record differ.
//!
//! Not here: how points are drawn (`plots::scatter`).

mod neighbours;
mod pca;
mod quadtree;
mod tsne;
mod umap;

pub use pca::pca;
pub use tsne::tsne;
pub use umap::umap;

use kiln_record::npy::Elements;
use kiln_record::{Array, content_id};
use std::path::Path;

/// How a code is laid out in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Along the two directions of the largest variance.
    Pca,
    /// So that neighbours stay neighbours.
    Tsne,
    /// So that neighbours stay neighbours and heaps part.
    Umap,
}

impl Method {
    /// The method that a spec calls so.
    pub fn named(name: &str) -> Option<Method> {
        [Method::Pca, Method::Tsne, Method::Umap].into_iter().find(|method| method.name() == name)
    }

    /// As in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Method::Pca => "pca",
            Method::Tsne => "tsne",
            Method::Umap => "umap",
        }
    }

    /// What the plane shows.
    pub fn meaning(self) -> &'static str {
        match self {
            Method::Pca => {
                "The two directions in which the codes differ most: distances are true, but what lies behind each \
                 other in the other directions overlaps."
            }
            Method::Tsne => {
                "Samples with similar codes are neighbours. How far heaps are from each other, and how wide they \
                 are, means little."
            }
            Method::Umap => {
                "Samples with similar codes are neighbours, drawn more tightly than by t-SNE; heaps that touch have \
                 codes in common."
            }
        }
    }

    /// As in a text.
    pub fn title(self) -> &'static str {
        match self {
            Method::Pca => "PCA",
            Method::Tsne => "t-SNE",
            Method::Umap => "UMAP",
        }
    }
}

/// Changes whenever a layout's numbers do, so that no cache keeps older ones.
const VERSION: &[u8] = b"layouts 1";

/// Where a method needs numbers at random they come from here, whatever the run's own seed was: two runs of equal
/// codes look alike.
const SEED: u64 = 0;

/// The rows of `code` (`[n, columns]`, row-major) as points. Where `cache` is given, a
/// layout that took long is kept there under a name made of everything that decides it;
/// a cache that cannot be read or written is passed over.
pub fn embed(method: Method, code: &[f32], columns: usize, cache: Option<&Path>) -> Vec<[f32; 2]> {
    let compute = || match method {
        Method::Pca => pca(code, columns),
        Method::Tsne => tsne(code, columns),
        Method::Umap => umap(code, columns, SEED),
    };
    let Some(folder) = cache.filter(|_| method != Method::Pca) else { return compute() };
    let bytes: Vec<u8> = code.iter().flat_map(|x| x.to_le_bytes()).collect();
    let id = content_id(&[VERSION, method.name().as_bytes(), &columns.to_le_bytes(), &bytes]);
    let path = folder.join(format!("{}-{id}.npy", method.name()));
    let rows = code.len().checked_div(columns).unwrap_or(0);
    if let Ok(Array { dims, elements: Elements::F32(numbers) }) = Array::load(&path)
        && dims == [rows, 2]
    {
        return numbers.as_chunks::<2>().0.to_vec();
    }
    let points = compute();
    if std::fs::create_dir_all(folder).is_ok() {
        // A report without its cache is slower, not wrong.
        let _ = Array::f32([points.len(), 2], points.as_flattened().to_vec()).save(&path);
    }
    points
}
