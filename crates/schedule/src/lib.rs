//! From a graph to fused kernels, a memory plan and a run order.
