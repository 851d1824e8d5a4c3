//! Describe a neural network, get the trained network and an honest report.
//!
//! ```text
//! spec text → AST → Model → Graph → Graph with gradients and update → Schedule → CLIF
//!           → machine code → training → Record → report
//! ```
//!
//! In: the path or text of a spec. Out: runs that can be looked at stage by stage ([`Run::dump`]),
//! trained ([`Run::train`]) and evaluated ([`Run::evaluate`]).
//!
//! ```no_run
//! use std::sync::atomic::AtomicBool;
//!
//! # fn main() -> Result<(), kiln::Error> {
//! let spec = kiln::Spec::load("specs/exp11.model", &[])?;
//! let options = kiln::Options::default();
//! for run in spec.runs() {
//!     let trained = run.train(&options, &mut kiln::runtime::Silent, &AtomicBool::new(false))?;
//!     println!("{}: {:?}", run.label(), trained.record.result("loss"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The one idea: **each arrow is one call**; [`mod@compile`] and [`mod@train`] read like the line
//! above. Everything that the stages are made of is re-exported under their crates' names.
//!
//! Not here: what any of the stages does.

// The stages.
pub use kiln_codegen as codegen;
pub use kiln_data as data;
pub use kiln_diag as diag;
pub use kiln_dsl as dsl;
pub use kiln_graph as graph;
pub use kiln_library as library;
pub use kiln_lsp as lsp;
pub use kiln_microkernel as microkernel;
pub use kiln_model as model;
pub use kiln_record as record;
pub use kiln_report as report;
pub use kiln_runtime as runtime;
pub use kiln_schedule as schedule;

// The story.
pub mod error; // blank lines keep the formatter from sorting

pub mod options;

pub mod spec;

pub mod stage;

pub mod compile;

pub mod train;

pub mod evaluate;

// What a stage's words are in the next one's.
pub mod describe;

pub mod settings;

// Before the story: a spec for those who have none.
pub mod starter;

pub mod measure;

mod measured;

mod contradiction;

mod predictions;

mod recorded;

mod network;

pub use compile::{Purpose, compile, plan};
pub use error::Error;
pub use evaluate::Evaluated;
pub use options::{Datasets, Options};
pub use spec::{Run, Spec};
pub use stage::Stage;
pub use train::{How, Trained};

/// The version of the program, as records state it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
