"""Every code that a service can give as a reason, once (pure)."""

from collections.abc import Iterable, Iterator

from shared.catalogue import (
    analyst,
    exchange,
    exits,
    fear_greed,
    gate,
    jobs,
    missed_slots,
    model,
    orders,
    panic,
    risk,
    slots,
    stages,
)
from shared.catalogue.entry import Entry

_FILES = (stages, slots, missed_slots, fear_greed, gate, jobs, analyst, model, exits, panic, risk, orders, exchange)


def _all() -> Iterator[Entry]:
    for file in _FILES:
        for value in vars(file).values():
            if isinstance(value, Entry):
                yield value
            elif isinstance(value, dict):
                yield from (each for each in value.values() if isinstance(each, Entry))


def by_code(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Raises ValueError if two of them have one code."""
    found: dict[str, Entry] = {}
    for each in entries:
        if found.setdefault(each.code, each) is not each:
            raise ValueError(f"the catalogue has {each.code} twice")
    return found


ENTRIES = by_code(_all())
