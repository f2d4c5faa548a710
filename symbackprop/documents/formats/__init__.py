"""Formats: one writer each, from views to text."""
