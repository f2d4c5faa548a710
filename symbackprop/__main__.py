"""``python -m symbackprop``: the command line."""

from symbackprop.cli import main

main()
