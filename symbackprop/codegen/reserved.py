"""The names in generated modules that are not those of quantities: nothing else is called so."""

from __future__ import annotations

RESERVED = frozenset(
    {"np", "xp", "math", "sys", "parameters", "samples", "single", "theta", "workspace"}
    | {"count", "index", "Parameters", "Array", "Any", "ArrayLike", "SHAPES", "SAMPLE_SHAPES"}
    | {"forward", "cost", "gradient", "flatten", "unflatten", "initialise", "len", "sum", "list"}
    | {"range", "tuple", "cost_and_gradient", "cost_and_gradient_flat", "gradient_flat"}
    | {"gradient_inputs", "gradient_per_sample", "Workspace", "NamedTuple", "DTypeLike"}
    | {"abs", "all", "any", "bool", "dict", "float", "int", "iter", "map", "max", "min", "next"}
    | {"object", "print", "prod", "slice", "sorted", "str", "type", "zip", "isinstance"}
    | {"AttributeError", "TypeError", "ValueError", "annotations", "array_namespace"}
    | {"attrgetter", "field", "njit", "compiled", "is_", "add", "divide", "exp", "multiply"}
    | {"reciprocal", "square", "subtract", "ndarray", "alone", "arguments", "array"}
    | {"arrays", "columns", "cut", "cuts", "difference", "dtype", "ends", "entries", "entry"}
    | {"fixed", "found", "function", "given", "kind", "kinds", "knows", "leaf", "leaves", "left"}
    | {"memory", "moved", "name", "out", "part", "parts", "passed", "remember", "rest", "right"}
    | {"rng", "row", "rows", "sample", "seed", "self", "several", "shape", "shapes", "sign"}
    | {"size", "sizes", "slope", "start", "step", "total", "value", "values", "vector", "worst"}
    | {"wrong"}
)
"""Public names, arguments and variables of the templates, and what they use of Python."""

PRIVATE = frozenset(
    {"_ALONE", "_ERF", "_ERFC", "_FAST", "_KIND"}
    | {"_NAMES", "_SHAPES", "_STEPS", "_TOLERANCE", "_accepted"}
    | {"_accepts", "_aligned", "_batch", "_blocks", "_both"}
    | {"_checked", "_complaint", "_converted"}
    | {"_differences", "_each", "_erf", "_erfc", "_error"}
    | {"_filled", "_given", "_given_back"}
    | {"_leaves", "_log_sum_exp", "_mean"}
    | {"_parameters", "_places", "_polynomial", "_prepared", "_product"}
    | {"_random", "_rows", "_self_check", "_slope", "_split"}
    | {"_spread"}
    | {
        f"_{public}{rows}{how}"
        for public in ("cost", "cost_and_gradient", "forward", "gradient", "gradient_inputs")
        for rows in ("", "_one", "_rows")
        for how in ("", "_arrays", "_loops")
    }
)
"""Private names of the templates, and of what is written beside them."""


def function_name(head: str, order: int = 0) -> str:
    """How a named function, or its derivative, is called in code.

    >>> function_name("sigmoid", 1), function_name("rows")
    ('_sigmoid_slope', '_rows_')
    """
    taken = f"_{head}" in PRIVATE or head.endswith("_slope")
    return f"_{head}" + "_" * taken + "_slope" * order
