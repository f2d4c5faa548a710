"""Benchmarks: gradients of dense networks, measured against the bare matrix products."""
