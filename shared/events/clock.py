"""What the clock says: a slot is due, or will never be traded."""

from typing import Literal

from shared.events.base import CycleEvent
from shared.reason import Figure
from shared.types import UtcTime

# Starting a slot and missing it exclude each other: whichever lies first under this pattern stays.
STARTED_OR_MISSED = "ev.*.{market}.{slot}"


class TradingDue(CycleEvent):
    """The clock says: look at this market now."""

    SUBJECT = "ev.tick.{market}.{slot}"
    ONCE = STARTED_OR_MISSED
    kind: Literal["TradingDue"] = "TradingDue"
    slot_at: UtcTime
    settings: dict[str, str]  # every setting that decides, as it stood; never a secret
    settings_digest: str  # sha256 of them
    code: str  # version and digest of the code that is to decide


class CycleMissed(CycleEvent):
    """This slot will never be traded. Not an end: nothing was started. reason: its cause; the rest says more of it."""

    SUBJECT = "ev.missed.{market}.{slot}"
    ONCE = STARTED_OR_MISSED
    kind: Literal["CycleMissed"] = "CycleMissed"
    reason: Literal["late", "previous_unfinished", "paused", "stopped", "clock"]
    detail: str = ""  # of an older event alone, which kept a sentence and no figures
    reason_code: str = ""
    figures: tuple[Figure, ...] = ()
