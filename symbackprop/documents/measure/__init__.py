"""Measure: how wide and high formulas are set, and where they are broken; estimates in points."""
