"""The jobs beside the cycle: what the portfolio is worth each hour, and the report of the day before."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Choice, Event, Part
from shared.reason import Figure
from shared.types import Exact, Krw, Market, Price, UtcTime, Volume

SlotName = Annotated[str, Field(pattern=r"^\d{8}T\d{4}Z$")]  # "20261122T1500Z"


class _SlotEvent(Event):
    """Something of a slot that belongs to no market."""

    slot: SlotName

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(slot=self.slot)


class ValuationDue(_SlotEvent):
    """The clock says: look what the account is worth now."""

    SUBJECT = "ev.due.valuation.{slot}"
    kind: Literal["ValuationDue"] = "ValuationDue"
    slot_at: UtcTime
    markets: tuple[Market, ...] = Field(min_length=1)


class Holding(Part):
    """A coin on the account, free and locked together."""

    market: Market
    volume: Exact[Volume]
    price: Exact[Price]
    value: Exact[Krw]  # volume * price
    others: Exact[Volume] | None = None  # beside the bot's own, as last known for sure; below 0 the books say too much
    surplus: Exact[Volume] = Volume(Decimal(0))  # of others, what came since the valuation before
    shortfall: Exact[Volume] = Volume(Decimal(0))  # below the books, what went since the valuation before


class PortfolioValued(_SlotEvent):
    """The account's won and the coins of the markets asked for; other coins are not counted.

    left_out: markets whose coin or price could not be read. With one, the total is a part and no worth of the account.
    """

    SUBJECT = "ev.valued.{slot}"
    kind: Literal["PortfolioValued"] = "PortfolioValued"
    at: UtcTime  # the exchange's
    krw: Exact[Krw]  # free and locked together
    holdings: tuple[Holding, ...]
    total: Exact[Krw]
    left_out: tuple[Market, ...] = ()
    key_expires_at: UtcTime | None = None  # of the exchange's key, by its own word; None where it was not known yet


class ReportDue(_SlotEvent):
    """The clock says: sum up a day. from_at, to_at: the day, Seoul's; what is missed in it is judged by the rest."""

    SUBJECT = "ev.due.report.{slot}"
    kind: Literal["ReportDue"] = "ReportDue"
    slot_at: UtcTime
    from_at: UtcTime
    to_at: UtcTime  # not part of it
    markets: tuple[Market, ...] = Field(min_length=1)
    interval_min: int


class MissedHour(Part):
    """A slot of the day without an end, and why."""

    market: Market
    slot_at: UtcTime
    cause: Literal["late", "previous_unfinished", "paused", "stopped", "unfinished", "no_clock", "clock"]
    detail: str = ""  # as in CycleMissed, whose fields follow
    reason_code: str = ""
    figures: tuple[Figure, ...] = ()


class ReportReady(_SlotEvent):
    """A day by the books. Profit: average cost, fees in; of sales on the day, and of what is still held."""

    SUBJECT = "ev.report.{slot}"
    kind: Literal["ReportReady"] = "ReportReady"
    day: date  # Seoul's
    from_at: UtcTime
    to_at: UtcTime
    trades: int
    buys: int
    sells: int
    volume: Exact[Krw]
    fees: Exact[Krw]
    profit_loss: Exact[Krw]  # of the day's sales
    profit_rate: float | None  # of what was paid for the coins sold; None without a sale
    unrealised: Exact[Krw] | None  # of what the bot held at valued_at; None while nothing was ever valued
    current_value: Exact[Krw] | None  # of the whole account
    valued_at: UtcTime | None
    cycles: int
    failed: int
    gate_passed: int
    gate_exit_only: int  # the gate said no, but a position was held
    gate_rejected: int
    gate_distance: float | None  # mean share of winning trades that was missing where the gate said no
    decisions: dict[Choice, int]
    model_calls: int
    model_cost: Exact[Krw]
    missed: tuple[MissedHour, ...]
