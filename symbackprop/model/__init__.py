"""Definitions and models; layers, activation and cost tables, model files: all write definitions."""
