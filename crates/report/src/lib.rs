//! Records to tables, plots and pages.

pub mod embed;
pub mod plots;
pub mod tables;
