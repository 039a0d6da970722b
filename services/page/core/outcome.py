"""A cycle's outcome as one sentence: `why`'s own headline without its time (pure)."""

from services.page.core.hours import kind_of
from shared.api.cycles import Cycle, CycleDetail


def sentence(cycle: CycleDetail) -> str:
    """The second line of `why`, "KRW-ETH 2026-01-05 12:00 KST: …", and the third where it says the reason."""
    lines = cycle.why.splitlines()
    outcome = lines[1].split(" KST: ", 1)[-1] if len(lines) > 1 else ""
    reason = lines[2].partition(": ")[2] if len(lines) > 2 and cycle.end_kind is not None else ""
    return f"{outcome}. {reason}" if reason else outcome


def row(cycle: Cycle) -> str:
    """Why it ended so, for a list."""
    return cycle.reason or ("" if kind_of(cycle) == "open" else cycle.reason_code or "")
