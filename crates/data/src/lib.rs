//! Files and generators to fields, splits and batches.
