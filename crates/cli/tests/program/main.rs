//! The built program, run in temporary folders as a user would.

mod arguments;
mod check;
mod data;
mod documents;
mod dump;
mod eval;
mod explain;
mod fmt;
mod graph;
mod kiln;
mod lsp;
mod new;
mod report;
// Signals are Unix's.
#[cfg(unix)]
mod stop;
mod summary;
// So are terminals as files.
#[cfg(unix)]
mod terminal;
mod train;
mod watch;
