"""Definitions and adjoint equations lowered to array programs: what every target prints.

The stages, each with what goes in and what comes out:

    system               a model                 its equations, and what functions ask of them
    program/instances    definitions             one instance a layer or time, at concrete sizes
    program/lower        instances               an array program: one operation a node
    passes/pipeline      an array program        the same values, in operations that compute faster
    passes/repeats       an array program        groups of operations that repeat, as loops
    passes/storage       a program with loops    which values need a list, which a variable
    passes/nests         an array program        which operations share a loop nest
    passes/buffers       an array program        which array holds which value, and until when
"""
