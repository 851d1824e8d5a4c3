//! Describe a neural network, get the trained network and an honest report.
