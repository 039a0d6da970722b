"""Which slots were to be traded and were not, each with its cause (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from shared.catalogue import missed_slots
from shared.events import CycleEnded, CycleMissed, Event, OrderSettled, TradingDue
from shared.reason import Reason
from shared.types import CycleId, Market, UtcTime, cycle_id

Cause = Literal["late", "previous_unfinished", "paused", "stopped", "unfinished", "no_clock", "clock"]
FUTURE = timedelta(seconds=30)  # two clocks that are right may be so far apart
GRACE = timedelta(seconds=90)  # the clock has a minute to start a slot, and some seconds to say that it did


@dataclass(frozen=True)
class MissedSlot:
    cycle: CycleId
    market: Market
    slot_at: UtcTime
    cause: Cause  # no_clock: nobody was there to start it; unfinished: it was started and has not ended
    more: Reason | None = None  # what is known beyond the cause


def ahead(market: Market, slots: Sequence[UtcTime], now: UtcTime) -> Reason | None:
    """Say that a market's newest slot has not come yet; None where all is well.

    slots: the newest that were started and missed, in the order of the log.
    """
    if not slots or slots[-1] <= now + FUTURE:
        return None
    return missed_slots.LOG_AHEAD.because({"market": market, "slot": f"{slots[-1]:%Y-%m-%d %H:%M} UTC"})


def expected(first: UtcTime, now: UtcTime, interval_min: int, span: timedelta) -> list[UtcTime]:
    """List the slots of the last `span` before `now` that should have been started, oldest first.

    first: the oldest slot the bot ever dealt with; before it nothing was to be traded.
    """
    step = timedelta(minutes=interval_min)
    midnight = datetime(2000, 1, 1, tzinfo=UTC)  # an interval divides a day, so every midnight is a slot
    oldest = max(first, now - span)
    slot = midnight + -(-(oldest - midnight) // step) * step
    slots = []
    while slot <= now - GRACE:
        slots.append(slot)
        slot += step
    return slots


def missed(
    market: Market, slots: Iterable[UtcTime], events: Iterable[Event], now: UtcTime, interval_min: int
) -> list[MissedSlot]:
    """Name every slot without an end; one that still runs within its interval is not missed.

    events: of those slots, whatever the log holds of starts, misses, ends and settled orders.
    """
    started, ended, settled, known = set(), set(), set(), {}
    for event in events:
        match event:
            case TradingDue():
                started.add(event.cycle)
            case CycleEnded():
                ended.add(event.cycle)
            case OrderSettled():
                settled.add(event.cycle)
            case CycleMissed():
                known[event.cycle] = event
    found = []
    for slot in slots:
        cycle = cycle_id(market, slot)
        recorded = (miss.reason, missed_slots.more_of(miss)) if (miss := known.get(cycle)) else None
        cause = cause_of_miss(cycle in started, cycle in ended, recorded, ordered=cycle in settled)
        if cause is None or (cause[0] == "unfinished" and now - slot < timedelta(minutes=interval_min)):
            continue
        found.append(MissedSlot(cycle, market, slot, *cause))
    return found


def cause_of_miss(
    started: bool, ended: bool, recorded: tuple[Cause, Reason | None] | None, *, ordered: bool
) -> tuple[Cause, Reason | None] | None:
    """Say why a slot has no end, and what more is known of it; None if it has one. recorded: by its CycleMissed.

    ordered: its order is in the books. Where the log knows no start of it, it forgot one, and a person adopted the
    order: such a slot was traded.
    """
    ended = ended or (ordered and not started)
    if ended or recorded is not None:
        return None if ended else recorded
    return ("unfinished" if started else "no_clock", None)
