"""Configuration of the documentation; `make docs` builds it with warnings as errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gallery
import training

import symbackprop

project = "symbackprop"
author = "The symbackprop authors"
copyright = "2026, The symbackprop authors"
version = release = symbackprop.__version__

extensions = ["myst_parser", "sphinx.ext.mathjax", "symbackprop.sphinx"]
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"symbackprop {release}"
html_static_path = ["_static"]
exclude_patterns = ["_build", "gallery/files"]
nitpicky = True


def setup(app):
    """Write the gallery and run the training example before each build."""
    app.connect("builder-inited", lambda app: gallery.build(Path(app.srcdir) / "gallery"))
    app.connect("builder-inited", lambda app: training.run(Path(app.srcdir) / "training"))
