"""Definitions and models, and all that writes them: layers, tables, model files."""
