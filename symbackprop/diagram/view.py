"""What the templates of diagrams receive: places, labels and which of them a path passes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelView:
    """Words or a formula at a place. side: where it stands: left, right, middle, above, below."""

    x: float
    y: float
    text: str
    side: str = "middle"


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node. on: whether a path passes it. kind: node or cost."""

    x: float
    y: float
    label: str
    on: bool
    kind: str = "node"


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An edge from rim to rim. on: whether paths run along it; start: whether they start here."""

    x1: float
    y1: float
    x2: float
    y2: float
    on: bool
    start: bool = False


@dataclass(frozen=True, slots=True)
class DotsView:
    """Dots for what is left out: nodes (upright) or layers. on: whether paths run through it."""

    x: float
    y: float
    upright: bool
    on: bool


@dataclass(frozen=True, slots=True)
class DiagramView:
    """A diagram in centimetres, y upwards, the lower left corner at 0, 0.

    title, description: in words, for who does not see it. focus: whether paths are shown.
    """

    title: str
    description: str
    generator: str
    width: float
    height: float
    radius: float
    focus: bool
    nodes: tuple[NodeView, ...]
    edges: tuple[EdgeView, ...]
    dots: tuple[DotsView, ...]
    labels: tuple[LabelView, ...]
    edge_labels: tuple[LabelView, ...]
    legend: tuple[LabelView, ...]
