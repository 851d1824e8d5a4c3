//! From a spec to a folder with everything that a run leaves behind.

mod bed;

mod folders;

mod learning;

mod stages;
