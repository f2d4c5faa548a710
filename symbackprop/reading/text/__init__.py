"""Files: where their formulas are, and places in them that can be named."""
