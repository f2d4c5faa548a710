"""A derivation laid out: views for the templates and one writer per format."""
