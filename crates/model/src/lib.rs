//! From a spec to the model that it describes, and from a model to its graphs.
//!
//! ```text
//! path ──load──▶ items ──check──▶ Model, one a run ──build──▶ graphs
//!                   ▲                  └──summary──▶ Keras' table
//!               overrides
//! ```
//!
//! In: `.model` files. Out: every mistake in them; or for each run a [`Model`] with every name,
//! shape and default settled, its table ([`summary()`]) and its graphs ([`build()`]).
//!
//! After [`check()`] nothing downstream fails because of the user.
//!
//! Not here: reading data, and training (crates `data` and `runtime`).

pub mod load;

pub mod overrides;

pub mod check;

mod mistakes;

pub mod registry;

pub mod contradiction;

pub mod model;

pub mod runs;

pub mod serial;

pub mod build;

pub mod summary;

pub mod vocabulary;

pub use build::{Graphs, ScalarSource, ScalarUse, build};
pub use check::{Checked, check, inspect};
pub use load::{Items, Loaded, load, load_text, read_file};
pub use model::Model;
pub use overrides::set;
pub use runs::{Axis, Run, Spec};
pub use summary::{Summary, parameters, summary};
