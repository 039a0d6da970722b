"""A cycle's outcome as one sentence: `why`'s own headline without its time (pure)."""

from services.page.core.hours import kind_of
from shared.api.cycles import Cycle, CycleDetail
from shared.why.words import WORDS

_REASON = tuple(words["words"].partition("{")[0] for words in WORDS.values())


def sentence(cycle: CycleDetail) -> str:
    """The second line of `why`, "KRW-ETH 2026-01-05 12:00 KST: …", and its reason, or what the gate missed first."""
    lines = cycle.why.splitlines()
    outcome = lines[1].split(" KST: ", 1)[-1] if len(lines) > 1 else ""
    said = (line.partition(": ")[2] for line in lines[2:] if line.startswith(_REASON))
    missed = (line.strip().replace(" ✗ ", ", ") for line in lines[2:] if " ✗ " in line)
    reason = next(said, None) or next(missed, None) if cycle.end_kind is not None else None
    return f"{outcome}. {reason}" if reason else outcome


def row(cycle: Cycle) -> str:
    """Why it ended so, for a list."""
    return cycle.reason or ("" if kind_of(cycle) == "open" else cycle.reason_code or "")
