"""Meaning: from the tree of a formula to its value in a small network.

The stages, each with what goes in and what comes out:

    lookup          a letter                 the quantity, size or function that it stands for
    surroundings    an equation              which letters count nodes, layers and samples in it
    worlds          a model                  small networks of unequal widths, several samples each
    context         all of these             what a formula is evaluated in
    meaning         a tree in a context      a number, a column or a matrix; a module a kind of node
"""
