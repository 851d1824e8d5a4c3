//! What a run leaves behind: one folder of files that outlive the program.
//!
//! In: what the runtime knows while it trains. Out: files, and the same values read back.
//!
//! The one idea: **these are the only serialised types of the project**, and they stand
//! alone. Nothing here knows a graph or a model, so a report or another program can read
//! a run for as long as [`FORMAT`] is understood. A folder holds
//!
//! ```text
//! runs/<spec>/<content id>/
//!     run.ron                    what ran, with what, how it ended    [`RunRecord`]
//!     history.csv, .jsonl        one row an epoch                     [`History`]
//!     model.safetensors          the weights of the best epoch        [`Weights`]
//!     model-final.safetensors    the weights after the last epoch     [`Weights`]
//!     progress.json              how far the epoch at hand is         [`Position`]
//!     tensorboard/               the history for TensorBoard          [`EventWriter`]
//!     checkpoint/state.safetensors   everything for an exact resume   [`Checkpoint`]
//!     predictions/*.npy          what the model says of the test rows [`Predictions`]
//!     lock                       held by the process that writes      [`Lock`]
//! ```
//!
//! Invariants: a file is written under a temporary name, synced and renamed, so that a
//! reader sees the old bytes or the new ones (the history is also appended to while a
//! run goes on: see [`history`] and [`tensorboard`]); the same values give the same bytes; no damaged or
//! hostile file makes a reader panic, or take memory in proportion to a number that a
//! header merely claims; each error names the file and what to do.
//!
//! Not here: what is worth recording (crate `runtime`), how it looks (crate `report`).

pub mod checkpoint;
pub mod error;
mod event;
pub mod file;
pub mod folder;
pub mod history;
pub mod network;
pub mod npy;
pub mod predictions;
pub mod progress;
pub mod run;
pub mod tensorboard;
pub mod tensors;
pub mod time;
pub mod weights;

pub use checkpoint::{Checkpoint, Plateau, Stopping};
pub use error::{Problem, RecordError};
pub use file::atomic_write;
pub use folder::{Lock, RunFolder, content_id, discover};
pub use history::{Epoch, History, HistoryWriter};
pub use network::{LossNode, Network, Node, TieEdge};
pub use npy::Array;
pub use predictions::Predictions;
pub use progress::Position;
pub use run::{
    Best, DataRecord, FieldRecord, HeadKind, HeadRecord, Host, LossRecord, Measure, Parameters, RunRecord,
    Section, Status,
};
pub use tensorboard::EventWriter;
pub use tensors::Tensor;
pub use weights::Weights;

/// The version of everything written here. A reader takes this version and older ones,
/// and refuses newer ones by name.
pub const FORMAT: u32 = 1;
