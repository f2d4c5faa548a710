"""Columns and paths placed on a plane, and labelled in a notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import hypot

from sympy import Expr

from symbackprop.diagram.carriers import Carriers
from symbackprop.diagram.columns import Column, origin
from symbackprop.diagram.labels import Labels
from symbackprop.diagram.paths import Paths
from symbackprop.diagram.view import DiagramView, DotsView, EdgeView, LabelView, NodeView
from symbackprop.version import __version__

RADIUS = 0.6
_STEP, _APART, _ROW = 3.4, 2.6, 1.6
_LEFT, _RIGHT, _TOP, _BOTTOM = 1.9, 1.0, 1.5, 1.1

Place = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """One diagram: what is drawn, and the words and formulas on it."""

    carriers: Carriers
    columns: tuple[Column, ...]
    paths: Paths | None
    labels: Labels

    @cached_property
    def _height(self) -> float:
        tallest = max(len(column.nodes) for column in self.columns)
        return _TOP + _BOTTOM + (tallest - 1) * _ROW + 2 * RADIUS + (0.8 if self.paths else 0.0)

    @cached_property
    def _middle(self) -> float:
        return (self._height - _TOP + _BOTTOM + (0.8 if self.paths else 0.0)) / 2

    @cached_property
    def _across(self) -> tuple[float, ...]:
        found = [_LEFT]
        for column in self.columns[1:]:
            found.append(found[-1] + (_APART if column.apart else _STEP))
        return tuple(found)

    @property
    def _cost(self) -> Place:
        return self._across[-1] + 0.75 * _STEP, self._middle

    def view(self) -> DiagramView:
        """The diagram with everything in its place."""
        focus = self.paths is not None
        return DiagramView(
            self.labels.title(self.paths),
            self.labels.description(self.paths, self.columns, self.carriers),
            f"symbackprop {__version__}",
            round(self._cost[0] + RADIUS + _RIGHT, 3),
            round(self._height, 3),
            RADIUS,
            focus,
            tuple(self._nodes()),
            tuple(sorted(self._edges(), key=lambda edge: (edge.on, edge.start))),
            tuple(self._dots()),
            tuple(self._labels()),
            tuple(self._edge_labels()),
            tuple(self._legend()),
        )

    def _rows(self, position: int) -> Iterator[tuple[Expr | None, Place]]:
        nodes = self.columns[position].nodes
        top = self._middle + (len(nodes) - 1) * _ROW / 2
        for row, node in enumerate(nodes):
            yield node, (self._across[position], top - row * _ROW)

    def _places(self, position: int) -> list[tuple[Expr, Place]]:
        return [(node, place) for node, place in self._rows(position) if node is not None]

    def _on(self, layer: Expr, node: Expr) -> bool:
        return self.paths is not None and self.paths.passes(layer, node)

    def _nodes(self) -> Iterator[NodeView]:
        for position, column in enumerate(self.columns):
            for node, (x, y) in self._places(position):
                label = self.labels.side(self.carriers.node(column.layer, node))
                yield NodeView(x, y, label, self._on(column.layer, node))
        yield NodeView(*self._cost, self.labels.cost, self.paths is not None, "cost")

    def _dots(self) -> Iterator[DotsView]:
        for position, column in enumerate(self.columns):
            for node, (x, y) in self._rows(position):
                if node is None:
                    yield DotsView(x, y, True, self._everywhere(column.layer))
            if column.apart:
                x = (self._across[position - 1] + self._across[position]) / 2
                yield DotsView(x, self._middle, False, self._runs_into(position))

    def _everywhere(self, layer: Expr) -> bool:
        """Whether paths pass every node of a layer."""
        return self.paths is not None and self.paths.visited.get(layer, set()) is None

    def _runs_into(self, position: int) -> bool:
        """Whether paths run into this column from the one before it."""
        before, here = self.columns[position - 1].layer, self.columns[position].layer
        visited = self.paths.visited if self.paths is not None else {}
        return before in visited and here in visited

    def _edges(self) -> Iterator[EdgeView]:
        for position, column in enumerate(self.columns):
            if position and not column.apart:
                yield from self._between(position)
        last = len(self.columns) - 1
        for node, place in self._places(last):
            yield _edge(place, self._cost, self._on(self.columns[last].layer, node))

    def _between(self, position: int) -> Iterator[EdgeView]:
        before, here = self.columns[position - 1], self.columns[position]
        for source, start in self._places(position - 1):
            for node, end in self._places(position):
                along = self._on(before.layer, source) and self._on(here.layer, node)
                first = self._is_target(here.layer, node, source)
                yield _edge(start, end, along or first, first)

    def _is_target(self, layer: Expr, node: Expr, source: Expr) -> bool:
        if self.paths is None or origin(self.carriers, self.paths.target) is None:
            return False
        return bool(self.carriers.weight(layer, node, source) == self.paths.target)

    def _labels(self) -> Iterator[LabelView]:
        for position, column in enumerate(self.columns):
            places = self._places(position)
            x, top, bottom = self._across[position], places[0][1][1], places[-1][1][1]
            yield LabelView(x, top + RADIUS + 0.35, self.labels.layer(column.layer), "above")
            width = self.labels.width(self.carriers.width(column.layer), column.layer)
            yield LabelView(x, bottom - RADIUS - 0.35, width, "below")
            if column.layer == self.carriers.first:
                for node, (_, y) in places:
                    entering = self.carriers.entering(node)
                    if entering is not None:
                        yield LabelView(x - RADIUS - 0.15, y, self.labels.side(entering), "left")

    def _edge_labels(self) -> Iterator[LabelView]:
        """The target's own label, or one weight for each pair of neighbouring layers."""
        for position, column in enumerate(self.columns):
            if not position or column.apart:
                continue
            before = self.columns[position - 1].layer
            pairs = [
                (self.carriers.weight(column.layer, node, source), start, end)
                for source, start in self._places(position - 1)
                for node, end in self._places(position)
            ]
            passed = [
                self._on(before, source) and self._on(column.layer, node)
                for source, _ in self._places(position - 1)
                for node, _ in self._places(position)
            ]
            instance, start, end = self._labelled(pairs, passed)
            at = 0.5 if start[1] == end[1] else 0.36
            x, y = (a + at * (b - a) for a, b in zip(start, end, strict=True))
            yield LabelView(x, y + 0.05, self.labels.side(instance), "middle")

    def _labelled(
        self, pairs: list[tuple[Expr, Place, Place]], passed: list[bool]
    ) -> tuple[Expr, Place, Place]:
        """The edge with a label: the target, one between letters, the topmost on a path."""
        target = self.paths.target if self.paths is not None else None
        for wanted in (target, self.carriers.weights.symbol):
            for pair in pairs:
                if pair[0] == wanted:
                    return pair
        return pairs[passed.index(True)] if any(passed) else pairs[0]

    def _legend(self) -> Iterator[LabelView]:
        if self.paths is not None:
            words = self.labels.legend(self.paths, self.carriers)
            yield LabelView(_LEFT, 0.5, words, "right")


def _edge(start: Place, end: Place, on: bool, first: bool = False) -> EdgeView:
    """From rim to rim of two nodes."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    dx, dy = (RADIUS * (b - a) / length for a, b in zip(start, end, strict=True))
    x1, y1, x2, y2 = start[0] + dx, start[1] + dy, end[0] - dx, end[1] - dy
    return EdgeView(round(x1, 3), round(y1, 3), round(x2, 3), round(y2, 3), on, first)
