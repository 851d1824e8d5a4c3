//! Records to tables, plots and pages.
