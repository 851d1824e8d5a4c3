//! Trains and evaluates a compiled program.
//!
//! In: a [`Session`] (a compiled program, its memory, what its states are), a data set, and
//! plain [`Settings`]. Out: states that have learned, a history, and files in a run's folder
//! ([`Keep`]) from which a killed training goes on to the same bytes.
//!
//! ```text
//! fit:  for each epoch:  order of the samples → training step for each batch → validation
//!                        → history → best weights → early stopping → checkpoint
//! ```
//!
//! The one idea: **everything random is a function of seed, stream and step**, and every sum
//! has an order that depends on shapes only, so the epoch's number and the states are all
//! that an exact resume needs, and the number of threads changes no bit.
//!
//! A choice: the total in validation (`val_loss`) takes the heads' weights of the *last* epoch, so that
//! it can be compared from epoch to epoch while a weight ramps up.
//!
//! Not here: what is computed (the program), what a rate schedule or a metric is (the caller
//! gives them as [`Rate`] and [`Count`]), what a run's record says of the spec (the facade).

// What is given.
pub mod settings; // blank lines keep the formatter from sorting

pub mod progress;

pub mod error;

// What works.
pub mod session;

mod fields;

mod tally;

mod epoch;

pub mod evaluate;

mod keep;

mod position;

pub mod fit;

pub use error::RuntimeError;
pub use evaluate::{Evaluation, evaluate};
pub use fit::{Divergence, End, Outcome, fit};
pub use keep::Keep;
pub use progress::{Batch, Event, Progress, Silent};
pub use session::Session;
pub use settings::{
    Count, Counted, Head, Metric, Monitor, Rate, RateContext, Settings, Stopping, Verdict, Weight, all_cores,
};
