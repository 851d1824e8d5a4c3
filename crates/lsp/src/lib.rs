//! What an editor asks about specs, and the language server that answers.
//!
//! In: specs as they are being written, whole or broken. Out: mistakes, shapes, names, completions, edits.
//!
//! ```text
//! open texts ──workspace──▶ specs that belong together ──project──▶ checked, inspected, indexed
//!                                                                        │
//!        hover · completion · navigate · rename · symbols · inlay · actions · formatting
//!                                                                        │
//! editor ◀──────────────────── server (JSON-RPC over stdio) ◀────────────┘
//! ```
//!
//! Queries are functions of a spec and a place to an answer in bytes; they know no protocol. [`server`]
//! turns answers into the protocol's words. Nothing is kept between two states of a text but the specs
//! as they were last read: reading and checking all of them takes about a millisecond.
//!
//! Not here: what is wrong with a spec (crate `model`), and how it is laid out (crate `dsl`).

// What is known of a spec.
pub mod workspace; // blank lines keep the formatter from sorting

pub mod project;

pub mod index;

// A place in a text.
pub mod context;

pub mod calls;

pub mod describe;

// The queries.
pub mod hover;

pub mod completion;

pub mod navigate;

pub mod rename;

pub mod symbols;

pub mod inlay;

pub mod actions;

pub mod formatting;

// The protocol.
pub mod server;

pub mod lines;

pub mod uri;
