"""The matrix form: what an array program says once every axis is a row or a column.

The stages, each with what goes in and what comes out:

    form            a model                  its matrix equations, at stand-in sizes, by layers
    equations       an array program         which values have an equation, and where they stand
    convert         operations               matrix expressions
    judge           matrix equations         both sides as matrices, compared in numbers
    entries         a matrix equation        the index equation behind it
    reasons         a matrix equation        why it has its transposes and products
    print           matrix expressions       formulas in a notation and a style, with shapes
"""
