"""Array programs, and instances, printed as the source code of a module.

The stages, each with what goes in and what comes out:

    row_judge       the functions of a model the same, or what is wrong with one of their forms
    targets         a target's name          how it prints, its modules and its template
    printers        a program                statements of the target, laid out
    modules         a model                  what the template of the target receives
    generate        a model                  the text of the module; or the module, imported
"""

from symbackprop.codegen.generate import generate, load, targets

__all__ = ["generate", "load", "targets"]
