"""The prose of the documents, in one place: short, precise, in the terms of the design.

Braces name formulas that the layout puts in; ``[key]`` refers to an equation.
"""

from __future__ import annotations

TITLE = "Backpropagation in {title}"

INTRODUCTION = (
    "The cost of one sample is a composition of the definitions below. Its derivative by any "
    "quantity follows from the chain rule, applied from the cost back to the inputs. "
    "A derivative by name is that of the left quantity by the right one."
)

TITLES = {
    "definitions": "The model",
    "functions": "The functions",
    "cost": "The cost as a composition",
    "instances": "The definitions at these nodes",
    "locals": "Local derivatives",
    "target": "The derivative by {subject}",
    "paths": "Through every node of the next layer",
    "recursion": "The recursion",
    "between": "From layer to layer",
    "output": "At the last layer",
    "layer": "Layer {subject}",
    "given": "The numbers",
    "forward": "Forward, in numbers",
    "backward": "Backward, in numbers",
    "updated": "One step of gradient descent",
    "algorithm": "The algorithm",
    "matrix": "In matrix form",
    "batch": "All samples in matrix form",
    "code": "The code",
    "mean": "All samples",
    "gradient": "The gradient and the update",
}

PARAGRAPHS = {
    "definitions": ("Each quantity is computed from the ones before it.",),
    "functions": ("These functions occur in the definitions; t stands for the argument.",),
    "cost": (
        "The targets are constants, so the cost is a function of the outputs, and through them of "
        "all that they are computed from. Putting in the definitions, from the output on, makes "
        "the composition explicit.",
    ),
    "instances": ("What the numbered quantities stand for.",),
    "locals": (
        "A local derivative is that of the right side of one definition by one quantity which it "
        "mentions. Everything else is held fixed.",
    ),
    "paths": (
        "An activation reaches the cost through every node of the next layer. Each of them is a "
        "path, and the contributions of all paths add up.",
    ),
    "recursion": (
        "The derivatives by the activations are computed from the last layer back: each follows "
        "from those of the layer behind it.",
    ),
    "recursion:errors": (
        "The error of a node is the derivative of the cost by its weighted input. Errors are "
        "computed from the last layer back: each follows from those of the layer behind it.",
    ),
    "layer": (),
    "given": (
        "The same derivation once more with numbers. They are computed in full precision and "
        "rounded for print.",
    ),
    "forward": ("Every quantity is computed from the ones before it.",),
    "backward": (
        "From the last layer to the first: the derivatives by the activations, then those by the "
        "parameters of the layer.",
    ),
    "code": (
        "The gradient function of the generated module. Each line cites the equation that it "
        "computes, and beside each equation stand the names that the code gives to its values.",
    ),
    "algorithm": (
        "Forward, every quantity is computed once and kept. Backward, every derivative follows "
        "from those of the layer behind it. One pass of each gives the whole gradient.",
    ),
    "updated": (
        "Each parameter moves against its derivative, with a learning rate of {rate}. "
        "The cost of the sample falls.",
    ),
    "between": (
        "The same chain rule says how a quantity responds to an earlier one through what lies "
        "between them.",
    ),
    "output": ("At the last layer the derivative of the cost is known explicitly.",),
    "mean": (
        "So far the cost was that of one sample. The cost of all samples is the mean of theirs, "
        "and so is its derivative.",
    ),
    "gradient": (
        "The gradient collects the derivatives by all parameters. Gradient descent moves each "
        "parameter against its derivative, with a learning rate {rate}.",
    ),
}

ONE_PATH = "{subject} reaches the cost only through {first}."
THEN = "{subject} reaches the cost only through {first}, and that only through {second}."
MANY_PATHS = "{subject} reaches the cost through every {first}: one path for each."
LOCAL_MARK = (
    "Where a quantity also reaches another one by a longer way, "
    "the local derivative carries a plus."
)

BY_DEFINITION = "This is how the quantity on the left is computed."
RANGE = "for {ranges}"
ASSUMING = "assuming {conditions}"
VERIFIED = "Every step was evaluated numerically before this was written"
