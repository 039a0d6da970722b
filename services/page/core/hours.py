"""An hour of a market as one mark: what came of it, at a glance (pure)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.api.bot import Missed
from shared.api.cycles import Cycle
from shared.catalogue import sentence
from shared.reason import Reason
from shared.types import Language, UtcTime

Kind = Literal["buy", "sell", "gated", "hold", "denied", "trouble", "gap", "open"]
_BY_END: dict[str, Kind] = {
    "CycleRejected": "gated",
    "OrderSkipped": "hold",
    "OrderDenied": "denied",
    "OrderRejected": "trouble",
    "OrderUnresolved": "trouble",
    "CycleFailed": "trouble",
}
TROUBLE: tuple[Kind, ...] = ("denied", "trouble", "gap")
EVERY: tuple[Kind, ...] = ("buy", "sell", "gated", "hold", "denied")  # each a filter of the log
KINDS = ("", "trouble", *EVERY)


@dataclass(frozen=True, slots=True)
class Hour:
    kind: Kind
    at: UtcTime
    cycle: str | None  # None where the slot was missed


def kind_of(cycle: Cycle) -> Kind:
    return "open" if cycle.end_kind is None else kind_of_end(cycle.end_kind, cycle.decision)


def kind_of_end(end: str, decision: str | None) -> Kind:
    if end == "OrderFilled":
        return "buy" if decision == "buy" else "sell"
    return _BY_END.get(end, "trouble")  # one of a later version: look at it


def hours(
    cycles: Iterable[Cycle], missed: Iterable[Missed], market: str, *, until: UtcTime, span: timedelta
) -> list[Hour]:
    """The hours of a market in a span, oldest first."""
    found = {slot.slot_at: Hour("gap", slot.slot_at, None) for slot in missed if slot.market == market}
    found |= {c.slot_at: Hour(kind_of(c), c.slot_at, c.cycle) for c in cycles if c.market == market}
    return [found[at] for at in sorted(found) if until - span < at <= until]


def counts(marks: Sequence[Hour]) -> list[tuple[Kind, int]]:
    return Counter(mark.kind for mark in marks).most_common()


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots of a market that were missed one after the other, of one cause."""

    market: str
    cause: str
    first: UtcTime
    last: UtcTime
    slots: int
    detail: str  # of the newest


def gaps(missed: Iterable[Missed], language: Language, interval: timedelta = timedelta(hours=1)) -> list[Gap]:
    """Newest first."""
    found: list[Gap] = []
    for slot in sorted(missed, key=lambda slot: (slot.market, slot.slot_at)):
        last = found[-1] if found else None
        detail = sentence(Reason(slot.reason_code, slot.figures, said=slot.detail), language)
        if last and (last.market, last.cause) == (slot.market, slot.cause) and slot.slot_at - last.last <= interval:
            found[-1] = Gap(last.market, last.cause, last.first, slot.slot_at, last.slots + 1, detail)
        else:
            found.append(Gap(slot.market, slot.cause, slot.slot_at, slot.slot_at, 1, detail))
    return sorted(found, key=lambda gap: gap.last, reverse=True)
