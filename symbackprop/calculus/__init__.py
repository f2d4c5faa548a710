"""Reverse mode in index notation: local derivatives, contraction of deltas, adjoints, unfolding."""
