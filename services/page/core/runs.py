"""Hours of a market in which the same thing came of it, as one line of a list (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.page.core.hours import Kind, kind_of
from shared.api.cycles import Cycle
from shared.types import UtcTime

QUIET: tuple[Kind, ...] = ("gated", "hold")  # what trades or fails stands for itself


@dataclass(frozen=True, slots=True)
class Run:
    """cycles: newest first; of a kind that is not quiet there is one."""

    kind: Kind
    cycles: Sequence[Cycle]

    @property
    def newest(self) -> Cycle:
        return self.cycles[0]

    @property
    def first(self) -> UtcTime:
        return self.cycles[-1].slot_at


def runs(cycles: Iterable[Cycle]) -> Sequence[Run]:
    """cycles: newest first. Markets take turns in a log, so that a run is counted within its own."""
    found: list[tuple[Kind, list[Cycle]]] = []
    last: dict[str, tuple[Kind, list[Cycle]]] = {}
    for cycle in cycles:
        kind, before = kind_of(cycle), last.get(cycle.market)
        if before is not None and before[0] == kind in QUIET:
            before[1].append(cycle)
            continue
        last[cycle.market] = kind, [cycle]
        found.append(last[cycle.market])
    return [Run(kind, of_it) for kind, of_it in found]
