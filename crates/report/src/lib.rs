//! Records to tables, plots and pages.

pub mod tables;
