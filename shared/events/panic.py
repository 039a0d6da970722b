"""The owner's panic by the page, the API or Telegram, and what became of it."""

from typing import Literal

from pydantic import Field

from shared.events.base import Event, Part
from shared.reason import Figure, Reason
from shared.types import UtcTime

_ID = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")


class PanicDue(Event):
    """The owner wants the open orders cancelled and, with `sell`, all that the bot holds sold, at the market.

    The bot is paused already; the executor does the rest, as `upcycle panic` would on its machine.
    """

    SUBJECT = "ev.panic.due.{id}"
    kind: Literal["PanicDue"] = "PanicDue"
    id: str = _ID
    by: str
    at: UtcTime
    sell: bool

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(id=self.id)


class PanicNote(Part):
    """One thing a panic has to say. about: a market, or the cycle of an order; empty of all."""

    about: str = ""
    reason_code: str
    figures: tuple[Figure, ...] = ()
    said: str = ""

    @classmethod
    def of(cls, about: str, why: Reason) -> "PanicNote":
        return cls(about=about, reason_code=why.code, figures=why.figures, said=why.said)

    @property
    def reason(self) -> str:
        """It has no words of its own."""
        return ""


class PanicEnded(Event):
    """What a panic came to: what it did, in order, and what it left undone; nothing of that means all is done."""

    SUBJECT = "ev.panic.ended.{id}"
    kind: Literal["PanicEnded"] = "PanicEnded"
    id: str = _ID
    by: str
    at: UtcTime
    sell: bool
    notes: tuple[PanicNote, ...]
    undone: tuple[PanicNote, ...]

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(id=self.id)
