"""The paper exchange: one account over one tape. Every change is kept before it is answered."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.paper.core.account import Account
from services.paper.core.book import book
from services.paper.core.orders import (
    IDENTIFIER_MAX,
    Asked,
    Fill,
    Order,
    as_created,
    as_ended,
    chance,
    order_uuid,
    read_order,
)
from services.paper.core.records import Burnt, Executed, Moved, Opened, Record, Records
from services.paper.core.refusal import Refusal
from services.paper.core.tape import Tape
from shared.clock import Clock, FixedClock
from shared.events import BookLevel
from shared.types import Krw, Volume
from shared.venue import FEE_RATE, MIN_TOTAL, Walk, walk_buy, walk_sell


class PaperExchange:
    """tape, clock: what is known, and when. records: what happened so far, and where more is kept."""

    def __init__(
        self,
        tape: Tape,
        clock: Clock,
        *,
        records: Records,
        opening: Krw,
        spread: Decimal,
    ) -> None:
        self.tape, self.clock = tape, clock
        self._spread, self._records = spread, records
        self._orders: dict[str, Order] = {}
        self._by_identifier: dict[str, Order | None] = {}  # None: burnt by a refusal
        self.account = Account(krw=opening)
        kept = records.read()
        for record in kept:
            self._apply(record)
        if not kept:
            self._keep(Opened(account=self.account))

    def close(self) -> None:
        """Let go of the account, so that another exchange may take it."""
        self._records.close()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def stepped(self) -> bool:
        return isinstance(self.clock, FixedClock)

    def move(self, to: datetime) -> None:
        """Set the stepped clock; to the same moment is allowed, backward is not."""
        if not isinstance(self.clock, FixedClock):
            raise Refusal(409, "clock_is_wall", "The tape plays in real time; set PAPER_CLOCK=stepped to move it.")
        first, last = self.tape.span
        if to < self.now:
            raise Refusal(409, "backward", f"The exchange stands at {self.now.isoformat()}; time only goes forward.")
        if to > last:
            raise Refusal(409, "tape_ended", f"The tape goes from {first.isoformat()} to {last.isoformat()}.")
        if to > self.now:
            self._keep(Moved(now=to))

    def levels(self, market: str) -> tuple[BookLevel, ...]:
        """The order book now; the market must be listed."""
        bar = self.tape.latest(market, self.now)
        return book(market, Decimal(str(bar.close)), bar.start_ms, self._spread)

    def listed(self, market: str) -> bool:
        return self.tape.listed(market, self.now)

    def chance(self, market: str) -> dict[str, Any]:
        self._must_be_listed(market)
        return chance(market, self.account.row)

    def place(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Take and fill a market order; an identifier is spent from here on, also by a refusal."""
        identifier = fields.get("identifier") or None
        if identifier is not None and len(identifier) > IDENTIFIER_MAX:
            raise Refusal(400, "validation_error", f"identifier is longer than {IDENTIFIER_MAX} characters")
        if identifier in self._by_identifier:
            raise Refusal(400, "duplicated_identifier", "This identifier has been used before.")
        try:
            executed = self._fill(read_order(fields), identifier)
        except Refusal:
            if identifier is not None:
                self._keep(Burnt(identifier=identifier))
            raise
        self._keep(executed)
        return as_created(executed.order)

    def order(self, uuid: str | None, identifier: str | None) -> dict[str, Any]:
        """Look an order up; the uuid wins."""
        if not uuid and not identifier:
            raise Refusal(400, "validation_error", "uuid or identifier is needed")
        found = self._orders.get(uuid) if uuid else self._by_identifier.get(identifier or "")
        if found is None:
            raise Refusal(404, "order_not_found", "There is no such order.")
        return as_ended(found)

    def orders(self) -> tuple[Order, ...]:
        """Every order that was accepted, oldest first."""
        return tuple(self._orders.values())

    def _must_be_listed(self, market: str) -> None:
        if not self.listed(market):
            raise Refusal(400, "notfoundmarket", f"There is no market {market!r}.")

    def _fill(self, asked: Asked, identifier: str | None) -> Executed:
        self._must_be_listed(asked.market)
        base = asked.market.split("-")[1]
        walk = self._bid(asked) if asked.side == "bid" else self._ask(asked, base)
        order = Order(
            uuid=order_uuid(identifier, len(self._orders) + 1),
            identifier=identifier,
            market=asked.market,
            side=asked.side,
            amount=asked.amount,
            created_at=self.now,
            fills=tuple(Fill(price=trade.price, volume=trade.volume) for trade in walk.trades),
        )
        change = self.account.bought if asked.side == "bid" else self.account.sold
        return Executed(order=order, account=change(base, order.volume, order.funds, order.fee))

    def _bid(self, asked: Asked) -> Walk:
        if asked.amount * (1 + FEE_RATE) > self.account.krw:
            raise Refusal(400, "insufficient_funds_bid", "There is not enough KRW for the order and its fee.")
        levels = self.levels(asked.market)
        walk = walk_buy(levels, Krw(asked.amount))
        if walk.volume == sum(level.ask_size for level in levels):
            raise _too_large(len(levels))
        return walk

    def _ask(self, asked: Asked, base: str) -> Walk:
        if asked.amount * Decimal(str(self.tape.price_at(asked.market, self.now))) < MIN_TOTAL:
            raise Refusal(400, "under_min_total_ask", f"The smallest order is {MIN_TOTAL} KRW.")
        if asked.amount > self.account.coin(base).balance:
            raise Refusal(400, "insufficient_funds_ask", f"There is not enough {base}.")
        levels = self.levels(asked.market)
        walk = walk_sell(levels, Volume(asked.amount))
        if walk.unspent:
            raise _too_large(len(levels))
        return walk

    def _keep(self, record: Record) -> None:
        self._records.append(record)
        self._apply(record)

    def _apply(self, record: Record) -> None:
        match record:
            case Opened(account=account):
                self.account = account
            case Executed(order=order, account=account):
                self.account = account
                self._orders[order.uuid] = order
                if order.identifier is not None:
                    self._by_identifier[order.identifier] = order
            case Burnt(identifier=identifier):
                self._by_identifier[identifier] = None
            case Moved(now=now):
                if isinstance(self.clock, FixedClock):
                    self.clock.at = now


def _too_large(levels: int) -> Refusal:
    """Upbit refuses market orders beyond the shown levels; by which name is not documented."""
    return Refusal(400, "invalid_parameter", f"The order is larger than the {levels} levels of the order book.")
