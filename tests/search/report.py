"""What came of many trials: faults by kind, each with its smallest case, and shares of refusals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.search.trial import Fault, Outcome


@dataclass
class Tally:
    """Outcomes added up."""

    models: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: dict[tuple[str, str], list[tuple[int, int, Fault]]] = field(default_factory=dict)
    faulty: set[int] = field(default_factory=set)

    def add(self, seed: int, size: int, outcome: Outcome) -> None:
        """Add the outcome of a seed; ``size`` orders cases, the least is shown."""
        self.models += 1
        self.tried.update({stage.split()[0] for stage in outcome.tried})
        self.refused.update({(s.split()[0], r) for s, r in outcome.refused})
        for fault in outcome.faults:
            self.faulty.add(seed)
            found = self.kinds.setdefault((fault.stage.split()[0], fault.kind), [])
            found.append((size, seed, fault))

    def counts(self) -> dict[str, int]:
        """How many models each stage was tried with, and refused for."""
        found = {"models": self.models}
        for stage, number in self.tried.items():
            found[stage] = number
            found[f"{stage} refused"] = sum(
                n for (one, _), n in self.refused.items() if one == stage
            )
        return found

    def lines(self) -> list[str]:
        """All of it for people."""
        found = [f"{self.models} models, {len(self.faulty)} with faults"]
        for stage in sorted(self.tried):
            count = sum(n for (s, _), n in self.refused.items() if s == stage)
            found.append(f"{stage}: refused for {count} of {self.tried[stage]} models")
            reasons = [(n, r) for (s, r), n in self.refused.items() if s == stage]
            found += [f"    {n}  {r}" for n, r in sorted(reasons, reverse=True)]
        for (stage, kind), cases in sorted(self.kinds.items(), key=lambda one: -len(one[1])):
            size, seed, fault = min(cases, key=lambda one: one[:2])
            seeds = len({seed for _, seed, _ in cases})
            found.append(f"FAULT {stage}: {kind}: {seeds} models, least is seed {seed} ({size})")
            last = fault.detail.strip().splitlines()[-1:] or [""]
            found.append(f"    {fault.stage}: {last[0][:200]}")
        return found
