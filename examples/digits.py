"""Train a generated network to read handwritten digits, and plot its loss.

The 1797 digits of scikit-learn have 8 x 8 pixels; a quarter of them is kept for the test. The
network is described by its layers, and what computes its gradient is generated from them. Run it
with

    pip install 'symbackprop[examples]'
    python examples/digits.py

The plot goes to build/digits-loss.png, or to the file that is named; `--help` tells the rest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

try:
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator
    from rich.progress import BarColumn, Progress, TextColumn
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from symbackprop import Dense, Network
except ImportError as error:
    sys.exit(f"{error}: pip install 'symbackprop[examples]'")

PIXELS, CLASSES = 64, 10


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plot", nargs="?", type=Path, default=Path("build/digits-loss.png"))
    parser.add_argument("--hidden", type=positive, default=64, help="neurons of the hidden layer")
    parser.add_argument("--epochs", type=positive, default=40, help="passes over all samples")
    parser.add_argument("--batch", type=positive, default=32, help="samples in a step")
    parser.add_argument("--rate", type=float, default=0.05, help="the size of a step")
    parser.add_argument("--momentum", type=float, default=0.9, help="what a step keeps of the last")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class Samples(NamedTuple):
    """Pictures as rows of pixels from 0 to 1, their digits, and these as rows with a single one."""

    x: np.ndarray
    digits: np.ndarray
    y: np.ndarray


class Epoch(NamedTuple):
    """The mean cost of the samples that are learnt from and of the others, and what is right."""

    training_loss: float
    test_loss: float
    accuracy: float


def read_samples(seed: int) -> tuple[Samples, Samples]:
    """The digits, in two parts: to learn from, and for the test."""
    x, digits = load_digits(return_X_y=True)
    parts = train_test_split(x / 16, digits, test_size=0.25, stratify=digits, random_state=seed)
    learnt_x, test_x, learnt, test = parts
    ones = np.eye(CLASSES)
    return Samples(learnt_x, learnt, ones[learnt]), Samples(test_x, test, ones[test])


def judged(module, parameters, training: Samples, test: Samples) -> Epoch:
    """The losses and the accuracy as they are now."""
    guesses = module.forward(parameters, test.x).argmax(axis=1)
    return Epoch(
        float(module.cost(parameters, training.x, training.y)),
        float(module.cost(parameters, test.x, test.y)),
        float((guesses == test.digits).mean()),
    )


def train(module, training: Samples, test: Samples, chosen: argparse.Namespace) -> list[Epoch]:
    """Descend along the gradient of small batches, with momentum; what each epoch came to."""
    rng = np.random.default_rng(chosen.seed)
    theta = module.flatten(module.initialise(rng))
    velocity = np.zeros_like(theta)
    epochs = [judged(module, module.unflatten(theta), training, test)]
    columns = (TextColumn("epoch {task.completed}"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns) as progress:
        task = progress.add_task("", total=chosen.epochs)
        for _ in range(chosen.epochs):
            order = rng.permutation(len(training.x))
            for start in range(0, len(order), chosen.batch):
                batch = order[start : start + chosen.batch]
                _, slope = module.cost_and_gradient_flat(
                    theta, training.x[batch], training.y[batch]
                )
                velocity = chosen.momentum * velocity - chosen.rate * slope
                theta = theta + velocity
            epochs.append(judged(module, module.unflatten(theta), training, test))
            now = epochs[-1]
            text = (
                f"loss {now.training_loss:.4f}, test {now.test_loss:.4f}, {now.accuracy:.1%} right"
            )
            progress.update(task, advance=1, description=text)
    return epochs


def plot(epochs: list[Epoch], path: Path) -> None:
    """Both losses by epoch, in a PNG."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    last = epochs[-1]
    for losses, label, style in (
        ([epoch.training_loss for epoch in epochs], "training samples", "C0-"),
        ([epoch.test_loss for epoch in epochs], "test samples", "C1--"),
    ):
        axes.plot(losses, style, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("mean cross-entropy")
    axes.set_title(f"Handwritten digits: {last.accuracy:.1%} of the test samples recognised")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter("{:g}".format))
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png", dpi=150)


def main() -> None:
    """Train, report and plot."""
    chosen = options()
    network = Network(
        PIXELS,
        [Dense(chosen.hidden, "tanh"), Dense(CLASSES, "softmax")],
        cost="categorical_cross_entropy",
    )
    training, test = read_samples(chosen.seed)
    epochs = train(network.compile(), training, test, chosen)
    try:
        plot(epochs, chosen.plot)
    except OSError as error:
        sys.exit(f"cannot write {chosen.plot}: {error.strerror}")
    print(f"test accuracy {epochs[-1].accuracy:.4f}; the loss is in {chosen.plot}")


if __name__ == "__main__":
    main()
