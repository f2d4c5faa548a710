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
    "paths:single": "Through the next layer",
    "paths:all": "All paths to the cost",
    "recursion": "The recursion",
    "recursion:other": "The derivatives in between",
    "between": "From layer to layer",
    "output": "At the last layer",
    "output:named": "At the last layer",
    "output:any": "At the outputs",
    "layer": "Layer {subject}",
    "given": "The numbers",
    "forward": "Forward, in numbers",
    "backward": "Backward, in numbers",
    "updated": "One step of gradient descent",
    "algorithm": "The algorithm",
    "matrix": "In matrix form",
    "matrix:forward": "Forward in matrices",
    "matrix:backward": "Backward in matrices",
    "matrix:gradient": "The gradient in matrices",
    "batch": "All samples in matrix form",
    "batch:forward": "Forward for all samples",
    "batch:backward": "Backward for all samples",
    "batch:gradient": "The gradient over all samples",
    "batch:rows": "The same with samples as rows",
    "batch:columns": "The same with samples as columns",
    "code": "The code",
    "mean": "All samples",
    "gradient": "The gradient and the update",
    "update": "The update",
}

PARAGRAPHS = {
    "definitions": (
        "Each quantity is computed from inputs, parameters and quantities computed before it.",
    ),
    "functions": ("These functions occur in the definitions; {argument} stands for the argument.",),
    "cost:outputs": (
        "The targets are constants, so the cost is a function of the outputs, and through them of "
        "all that they are computed from.",
    ),
    "cost:targets": ("The targets are constants.",),
    "cost:composition": (
        "Putting in the definitions, from the cost on, makes the composition explicit.",
    ),
    "cost:function": (
        "In parentheses stands what a quantity is taken as a function of; what else it is computed "
        "from, such as targets or earlier layers, is not written there.",
    ),
    "instances": ("What the numbered quantities stand for.",),
    "locals": (
        "A local derivative is that of the right side of one definition by one quantity which it "
        "mentions. Everything else is held fixed.",
    ),
    "paths": (
        "What a layer computes reaches the cost through every node of the next layer. Each of them "
        "is a path, and the contributions of all paths add up.",
    ),
    "paths:single": ("What a layer computes reaches the cost only through the next layer.",),
    "paths:all": (
        "A quantity reaches the cost through each definition that reads it. Each of them is a "
        "path, and the contributions of all paths add up.",
    ),
    "recursion:layers": (
        "These derivatives are computed from the last layer back: each follows from those of the "
        "layer behind it.",
    ),
    "recursion:any": ("Each of these derivatives follows from those nearer to the cost.",),
    "recursion:error": (
        "The error of a node is the derivative of the cost by its weighted input.",
    ),
    "recursion:errors": (
        "The errors are the derivatives of the cost by what the parameters enter directly.",
    ),
    "layer": (),
    "given": (
        "The network worked through with numbers. They are computed in full precision and rounded "
        "for print.",
    ),
    "forward": ("Every quantity is computed from the ones before it.",),
    "backward": ("From the cost back: each derivative is computed from those before it.",),
    "code": (
        "The gradient function of the generated module. A line with a number computes the equation "
        "that it cites, and beside each equation stand the names that the code gives to its "
        "values.",
    ),
    "algorithm": (
        "Forward, every quantity is computed once and kept. Backward, every derivative is computed "
        "from those before it.",
    ),
    "algorithm:whole": ("One pass of each gives the whole gradient.",),
    "updated": ("Each parameter moves against its derivative, with a learning rate of {rate}.",),
    "between": (
        "The same chain rule says how a quantity responds to an earlier one through what lies "
        "between them.",
    ),
    "output": ("At the last layer the derivative of the cost is known explicitly.",),
    "output:named": ("The same at the last layer.",),
    "output:any": ("These derivatives of the cost are known explicitly.",),
    "matrix:vectors": ("A vector is a column.",),
    "matrix:weights": (
        "The matrix of the weights into a layer has a row for each node of this layer and a "
        "column for each node of the layer before it.",
    ),
    "matrix:mean": (
        "Derivatives are those of the mean cost {cost}, so the factor one over {count} is in them "
        "from the last layer on.",
    ),
    "matrix:single": (
        "With one neuron a layer every factor is a number, a matrix of one row and one column, and "
        "there is nothing to transpose.",
    ),
    "matrix:rows": (
        "The samples are rows: a matrix of samples has a row for each sample and a column for each "
        "node. A vector without samples is one column.",
    ),
    "matrix:columns": (
        "The samples are columns: a matrix of samples has a row for each node and a column for "
        "each sample. A vector without samples is one column.",
    ),
    "matrix:shapes": (
        "With each factor stands its shape, rows by columns. The sign {odot} multiplies entry by "
        "entry, and {ones} is a column of ones.",
    ),
    "matrix:layout": (
        "The derivative of the cost by a matrix has the shape of that matrix: each entry is the "
        "derivative by the entry in its place (denominator layout). In numerator layout it would "
        "stand transposed.",
    ),
    "batch:rows": (
        "With a row for each sample, every matrix of samples is the transpose of the one above. "
        "So each equation is transposed, by {AB}; weights, biases and their derivatives stay.",
    ),
    "batch:columns": (
        "With a column for each sample, every matrix of samples is the transpose of the one above. "
        "So each equation is transposed, by {AB}; weights, biases and their derivatives stay.",
    ),
    "mean": (
        "So far the cost was that of one sample. The cost of all samples is the mean of theirs, "
        "and so is its derivative.",
    ),
    "gradient": ("The gradient collects the derivatives by all parameters.",),
    "update": (
        "Gradient descent moves each parameter against its derivative, with a learning rate "
        "{rate}.",
    ),
}

#: Why a matrix equation has its signs, by what was found in it.
MATRIX_REASONS = {
    "plain": "the sum over {index} runs over the columns of {left} and the rows of {right}, as the "
    "sum in a matrix product does",
    "left": "the sum over {index} runs over the rows of {matrix}, but a product sums over the "
    "columns of its left factor, so {matrix} is transposed",
    "right": "the sum over {index} runs over the columns of {matrix}, but a product sums over the "
    "rows of its right factor, so {matrix} is transposed",
    "dot": "the sum over {index} pairs the entries of two vectors, a row times a column",
    "outer": "nothing is summed, and each {first} meets each {second}, which is an outer product, "
    "a column times a row, so {matrix} is transposed",
    "entrywise": "the factors beside {odot} carry the same index {index}, over which nothing is "
    "summed, so they are multiplied entry by entry",
    "entrywise_two": "the factors beside {odot} carry the same indices {first} and {second}, over "
    "which nothing is summed, so they are multiplied entry by entry",
    "quotient": "numbers of the same place are divided, entry by entry",
    "function": "the function is taken of each entry by itself",
    "rows": "the function {function} is taken of each row",
    "columns": "the function {function} is taken of each column",
    "whole": "the function {function} is taken of the vector as a whole",
    "repeated": "{vector} has no index {sample}, and an outer product with {ones} repeats it for "
    "every sample",
    "sum": "the sum over {index} adds up entries, as a product with {ones} does",
    "sum_any": "a product with {ones} adds up entries",
    "power": "the power is taken of each entry",
    "ones": "where a number stands for every entry, {ones} writes it out",
    "same": "the local derivative is 1, so both are the same",
}

ONE_PATH = "{subject} reaches the cost only through {first}."
THEN = "{subject} reaches the cost only through {first}, and that only through {second}."
COUNT = (
    "From here to the cost there are {count} paths, one for each choice of a node in every layer."
)
MANY_PATHS = "{subject} reaches the cost through every {first}: one path for each."
LOCAL_MARK = (
    "A plus marks a local derivative where it differs from the total one: where the quantity "
    "also reaches the other by a longer way."
)

BY_DEFINITION = "This is how the quantity on the left is computed."
RANGE = "for {ranges}"
ASSUMING = "assuming {conditions}"
COST_AFTER = {
    -1: "The cost of the sample falls.",
    0: "The cost of the sample stays as it is.",
    1: "The cost of the sample rises: the step is too long.",
}
VERIFIED = "Every step was evaluated numerically before this was written"
BESIDES = "Besides them"
EXECUTED = "the algorithm was executed ({count})"
JUDGED_MATRICES = "{count}, evaluated as they are written"
JUDGED_NUMBERS = "{count}, each computed again from the printed ones before it"
JUDGED_CODE = "the code was run ({count} of its gradient compared)"
