//! The queries on small specs with a cursor mark.

mod actions;
mod completion;
mod fixture;
mod hover;
mod inlay;
mod navigate;
mod rename;
mod symbols;
mod workspace;
