"""Small repairs of costs: of one sample, or the mean."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.checker.meaning.lookup import key_of
from symbackprop.checker.repairs.sites import Edit, Repair, Site, name_end
from symbackprop.notation.profiles import Profile
from symbackprop.reading.syntax.walk import symbols


def other_cost(site: Site) -> Iterator[Repair]:
    """Write C_0 for C, everywhere."""
    for repair in (to_one_sample(site), _to_mean(site)):
        if repair is not None:
            yield repair


def to_one_sample(site: Site) -> Repair | None:
    """Write the cost of one sample for the mean, everywhere in the equation."""
    edits = []
    letter = _cost_letter(site.lookup.profile, "C0")
    for symbol in symbols(site.whole):
        end = name_end(site, symbol)
        if not site.lookup.is_cost(symbol) or end is None or symbol.below:
            continue
        if site.lookup.costs[key_of(symbol)] == ("C0", "c"):
            continue
        mark = site.lookup.cost_mark
        edits.append(Edit(end, end, f"_{mark}") if mark else Edit(symbol.start, end, letter))
    what = f"the cost of one sample is meant, {letter}"
    return Repair(what, tuple(edits)) if edits else None


def _to_mean(site: Site) -> Repair | None:
    edits = [
        Edit(symbol.below[0].start - 1 - (site.text[symbol.below[0].start - 1] == "{"),
             symbol.end, "")
        for symbol in symbols(site.whole)
        if site.lookup.is_cost(symbol) and symbol.below and not symbol.above
    ]  # fmt: skip
    return Repair("the mean cost over the samples is meant", tuple(edits)) if edits else None


def _cost_letter(profile: Profile, name: str) -> str:
    letter = profile.letters.get(name)
    if letter is None:
        return "C_0"
    return f"{letter.base}_{letter.sub}" if letter.sub else letter.base
