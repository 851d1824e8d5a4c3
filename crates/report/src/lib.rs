//! Records to tables, plots and pages.

pub mod embed;
pub mod page;
pub mod plots;
pub mod tables;
