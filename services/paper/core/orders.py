"""An order: its request, the trades it got, and the money it has spent and still holds (pure)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple, Self
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from shared.types import Exact, Krw, UtcTime, Volume
from shared.venue import fee

Money = Exact[Decimal]
Side = Literal["bid", "ask"]
OrdType = Literal["price", "market", "limit", "best"]
TimeInForce = Literal["ioc", "fok", "post_only"]
SmpType = Literal["cancel_maker", "cancel_taker", "reduce", "none"]
State = Literal["wait", "done", "cancel"]

IDS = UUID("5f1c3f0a-6f0e-5d2b-9a53-2f6c1c6d7a10")  # under which order ids are derived from identifiers


class OrderRequest(NamedTuple):
    """An order that makes sense so far. `price` is won for a coin of a limit, else won to spend in all."""

    market: str
    side: Side
    ord_type: OrdType
    price: Decimal | None
    coins: Decimal | None
    time_in_force: TimeInForce | None = None
    smp_type: SmpType | None = None

    @property
    def budget(self) -> Krw:
        """Won a bid may spend, fee not counted."""
        return _budget(self.price, self.coins)


class Fill(BaseModel):
    model_config = ConfigDict(frozen=True)

    price: Money
    volume: Money
    at: UtcTime


class Order(BaseModel):
    """As asked, with its fills so far. `volume`, `funds` and `fee` are of what was executed."""

    model_config = ConfigDict(frozen=True)

    uuid: str
    identifier: str | None
    market: str
    side: Side
    ord_type: OrdType
    price: Money | None
    coins: Money | None
    time_in_force: TimeInForce | None
    smp_type: SmpType | None
    created_at: UtcTime
    state: State
    fills: tuple[Fill, ...] = ()

    @property
    def base(self) -> str:
        return self.market.split("-")[1]

    @property
    def volume(self) -> Volume:
        return Volume(sum((fill.volume for fill in self.fills), Decimal(0)))

    @property
    def funds(self) -> Krw:
        return Krw(sum((fill.price * fill.volume for fill in self.fills), Decimal(0)))

    @property
    def fee(self) -> Krw:
        return fee(self.funds)

    @property
    def rest(self) -> Volume | None:
        """Coins not executed; None where the order was asked for in won."""
        return None if self.coins is None else Volume(self.coins - self.volume)

    @property
    def reserved_fee(self) -> Krw:
        return fee(_budget(self.price, self.coins)) if self.side == "bid" else Krw(Decimal(0))

    @property
    def held(self) -> Decimal:
        """Won of a bid (fee included) or coins of an ask not used; Upbit shows it even after the order has ended."""
        if self.side == "ask":
            return self.rest or Decimal(0)
        return _budget(self.price, self.coins) + self.reserved_fee - self.funds - self.fee

    @property
    def locked(self) -> Decimal:
        """What it really keeps from the free balance."""
        return self.held if self.state == "wait" else Decimal(0)

    def filled(self, fills: Iterable[Fill]) -> Self:
        """With more fills; done once nothing of its coins is left."""
        grown = self.model_copy(update={"fills": (*self.fills, *fills)})
        return grown.model_copy(update={"state": "done"}) if grown.rest == 0 else grown

    def cancelled(self) -> Self:
        return self.model_copy(update={"state": "cancel"})


def _budget(price: Decimal | None, coins: Decimal | None) -> Krw:
    return Krw((price or Decimal(0)) * (Decimal(1) if coins is None else coins))


def order_uuid(identifier: str | None, number: int) -> str:
    """The same for the same identifier; without one, for the n-th order of the account."""
    return str(uuid5(IDS, f"identifier {identifier}" if identifier is not None else f"number {number}"))
