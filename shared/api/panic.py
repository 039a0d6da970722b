"""The owner's panic: what it would cancel and sell now, and what became of the last one that was asked for."""

from pydantic import Field

from shared import switch
from shared.api.shape import Number, Shape, Time
from shared.reason import Figure


class PanicOrder(Shape):
    """An order that is under way now."""

    cycle: str
    market: str
    side: str


class PanicPosition(Shape):
    """What the bot holds of a market, and what the bids that the exchange shows now would give for it."""

    market: str
    amount: Number
    shown: Number = Field(description="of amount, what the shown bids take")
    price: Number | None = Field(description="expected, on average; null where no bid is shown")
    total: Number | None = Field(description="won expected, fee taken off")
    note: str = Field(description="why it may not be sold, in the owner's language; empty where nothing says so")


class PanicNote(Shape):
    about: str = Field(description="a market, or the cycle of an order; empty of all")
    reason_code: str
    figures: tuple[Figure, ...] = Field(description="that its sentence is made of")
    text: str = Field(description="the sentence")


class PanicRequest(Shape):
    """A panic that was asked for: the bot is paused by then. The executor does the rest."""

    id: str
    by: str
    at: Time
    sell: bool
    status: switch.Status = Field(description="of the bot now")
    is_heard: bool = Field(description="whether an executor listens; if not, nothing is cancelled or sold yet")
    text: str = Field(description="what is done, and what is still to come")


class LastPanic(Shape):
    """undone: what it left undone; empty of one that has not ended, and where all is done."""

    id: str
    by: str
    at: Time
    sell: bool
    ended_at: Time | None = Field(description="null while the executor is at it, or has not heard of it")
    notes: tuple[PanicNote, ...] = Field(description="what it did, in order")
    undone: tuple[PanicNote, ...]


class PanicResult(Shape):
    """What became of the last one that was asked for. last: null where none was."""

    warning: str = Field(description="that it waits and no executor listens, and what to do; empty otherwise")
    last: LastPanic | None


class Panic(Shape):
    """Nothing is ordered by looking. last: null where none was asked for by this API."""

    status: switch.Status
    is_heard: bool
    warning: str = Field(description="that no executor listens, and what to do; empty where one does")
    orders: tuple[PanicOrder, ...] = Field(description="under way now: they are cancelled where they are open")
    positions: tuple[PanicPosition, ...]
    last: LastPanic | None
