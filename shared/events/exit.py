"""What ends a position outside the hourly cycles: the exit guard, the owner's own sale, and his panic."""

from decimal import Decimal
from typing import Literal

from shared.events.base import CycleEvent
from shared.events.snapshot import Position
from shared.reason import Figure
from shared.types import Exact, Price, UtcTime

Rule = Literal["stop_loss", "trailing_stop", "take_profit", "owner", "panic"]


class SaleDue(CycleEvent):
    """The owner wants the bot's position in a market sold. The executor makes an ExitDue of it.

    Its cycle is named by the second in which he was shown what would be sold: who asks twice asks once.
    """

    SUBJECT = "ev.sale.{market}.{slot}"
    kind: Literal["SaleDue"] = "SaleDue"
    by: str
    at: UtcTime  # the exchange's time of the price
    price: Exact[Price]  # the best bid, as it was shown
    position: Position  # the one to sell, and no coin more than that


class ExitDue(CycleEvent):
    """Close the bot's position now. It starts a cycle of its own, which goes straight to the executor.

    Published after the market's last exit that its writer knows of, and after nothing else: of two guards,
    whatever second each of them fires in, one is refused.
    """

    SUBJECT = "ev.exit.{market}.{slot}"
    ONCE = "ev.exit.{market}.*"
    kind: Literal["ExitDue"] = "ExitDue"
    rule: Rule
    at: UtcTime  # the exchange's time of the price
    price: Exact[Price]  # that fired
    peak: Exact[Price] | None  # highest price since the position was opened
    limit: Exact[Decimal] | None  # the setting it went beyond, share; none of the owner's
    position: Position  # the one to close, and no later one
    attempt: int = 1  # of the guard's to close this position, since one of them sold something
    step: int = 1  # of a sale the book did not take whole: which order of it this is
    reason: str = ""  # of an older event alone, which kept a sentence and no figures
    settings: dict[str, str]  # as TradingDue's
    settings_digest: str
    code: str
    figures: tuple[Figure, ...] = ()  # that decided; see shared/reason.py

    @property
    def reason_code(self) -> str:
        return f"EXIT_{self.rule.upper()}"

    @property
    def said(self) -> str:
        """A rule has no words of its own."""
        return ""

    @property
    def warning(self) -> bool:
        """Upbit's warning never keeps anyone from selling."""
        return False
