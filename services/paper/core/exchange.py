"""The paper exchange: one account over one tape, in the order an order lives: taken, matched, resting, ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.paper.core.account import Account
from services.paper.core.book import DEPTH_KRW, book
from services.paper.core.journal import Journal
from services.paper.core.ledger import Ledger
from services.paper.core.markets import Notices
from services.paper.core.matching import match_against_book, match_resting
from services.paper.core.order_json import as_cancelling, as_created, as_looked_up, chance
from services.paper.core.order_request import check_least, read_identifier, read_order, replacing
from services.paper.core.orders import Fill, Order, OrderRequest, order_uuid
from services.paper.core.recorded_books import RecordedBooks
from services.paper.core.refusal import Refusal
from services.paper.core.tape import Tape
from shared.events import BookLevel
from shared.fixed_clock import Clock, FixedClock
from shared.types import Krw
from shared.venue import FEE_RATE

WHOLE = Decimal(1)
QUIET = timedelta(minutes=5)  # without quotes, after which a tape that should grow is not traded on


class PaperExchange:
    """tape, clock: what is known, and when. journal: what happened so far, and where more is written."""

    def __init__(
        self,
        tape: Tape,
        clock: Clock,
        *,
        journal: Journal,
        opening: Krw,
        spread: Decimal,
        depth: Decimal = DEPTH_KRW,
        books: RecordedBooks | None = None,
    ) -> None:
        self.tape, self.clock = tape, clock
        self.notices = Notices()
        self._spread, self._depth, self._books = spread, depth, books or RecordedBooks({})
        self.ledger = Ledger(journal, opening)
        if isinstance(clock, FixedClock):
            clock.at = self.ledger.latest_at or clock.at
        self._settled = self.ledger.latest_at or self.now

    def close(self) -> None:
        """Let go of the account, so that another exchange may take it."""
        self.ledger.close()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def stepped(self) -> bool:
        return isinstance(self.clock, FixedClock)

    @property
    def account(self) -> Account:
        return self.ledger.account

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
            self.ledger.move(to, self._filled_by(to))
            self._settled = self.clock.at = to

    def settle(self) -> None:
        """Give resting orders what the tape has traded since it was last looked at."""
        now = min(self.now, self.tape.known_until or self.now)
        if now > self._settled:
            self.ledger.change(self._filled_by(now), now)
            self._settled = now

    def go_on(self, tape: Tape, books: RecordedBooks) -> None:
        """The tape has grown, and there are newer books."""
        self.tape, self._books = tape, books
        self.settle()

    def levels(self, market: str, at: datetime | None = None) -> tuple[BookLevel, ...]:
        """The order book; the market must be listed. A recorded one where there is one, else drawn."""
        at = at or self.now
        recorded = self._books.at(market, at)
        if recorded:
            return recorded
        bar = self.tape.latest(market, at)
        return book(market, Decimal(str(bar.close)), bar.start_ms, self._spread, self._depth)

    def listed(self, market: str) -> bool:
        return self.tape.listed(market, self.now)

    def chance(self, market: str) -> dict[str, Any]:
        self._must_be_listed(market)
        return chance(market, self.notices.state(market), self.account.row)

    def place(self, fields: Mapping[str, str], share: Decimal = WHOLE) -> dict[str, Any]:
        """Take an order and match it; an identifier is spent from here on, also by a refusal.

        share: below 1 only that part of it finds another side.
        """
        self.settle()
        identifier = read_identifier(fields)
        if self.ledger.used(identifier):
            raise _used_before()
        try:
            order = self._matched(fields, identifier, share)
        except Refusal:
            self.ledger.burn(identifier)
            raise
        self.ledger.take(order)
        return as_created(order)

    def test(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Check an order as `place` does and forget it; whether Upbit's test spends the identifier is not known."""
        self.settle()
        identifier = read_identifier(fields)
        if self.ledger.used(identifier):
            raise _used_before()
        order = self._matched(fields, identifier, WHOLE)
        return as_created(order.model_copy(update={"uuid": order_uuid(None, -1 - len(self.ledger.orders))}))

    def order(self, uuid: str | None, identifier: str | None) -> dict[str, Any]:
        """Look an order up; the uuid wins."""
        self.settle()
        return as_looked_up(self.ledger.find(uuid, identifier))

    def cancel(self, uuid: str | None, identifier: str | None) -> dict[str, Any]:
        """The answer still says `wait`, as Upbit's; an order that has ended is not found."""
        self.settle()
        order = self.ledger.find(uuid, identifier)
        if order.state != "wait":
            raise Refusal(404, "order_not_found", "There is no such open order.")
        self.cancel_all([order])
        return as_cancelling(order)

    def replace(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Cancel an order and place another in its market and on its side; a new one that fits no rule cancels nothing.

        One that only the balance forbids is refused after the old one has gone.
        """
        self.settle()
        old = self.ledger.find(fields.get("prev_order_uuid"), fields.get("prev_order_identifier"))
        if old.state != "wait":
            raise Refusal(404, "order_not_found", "There is no such open order.")
        new = replacing(old, fields)
        read_order(new, self.now)
        if self.ledger.used(read_identifier(new)):
            raise _used_before()
        self.cancel_all([old])
        placed = self.place(new)
        named = {"new_order_identifier": placed["identifier"]} if "identifier" in placed else {}
        return {**as_cancelling(old), "new_order_uuid": placed["uuid"], **named}

    def cancel_all(self, orders: Sequence[Order]) -> None:
        self.ledger.change([order.cancelled() for order in orders], self.now)

    def orders(self) -> tuple[Order, ...]:
        """Every order that was accepted, oldest first."""
        self.settle()
        return tuple(self.ledger.orders.values())

    def _must_be_listed(self, market: str) -> None:
        if not self.listed(market):
            raise Refusal(400, "notfoundmarket", f"There is no market {market!r}.")

    def _matched(self, fields: Mapping[str, str], identifier: str | None, share: Decimal) -> Order:
        """The order as it stands once the book has given what it gives. Raises Refusal."""
        now = self.now
        request = read_order(fields, now)
        self._must_be_listed(request.market)
        self.notices.must_trade(request.market)
        if self.tape.known_until and now - self.tape.known_until > QUIET:
            raise Refusal(403, "market_offline", "There have been no quotes for minutes.")
        self._must_have(request)
        order = Order(
            **request._asdict(),
            uuid=order_uuid(identifier, len(self.ledger.orders) + 1),
            identifier=identifier,
            created_at=now,
            state="wait",
        )
        trades = match_against_book(request, self.levels(request.market), share)
        order = order.filled(Fill(price=trade.price, volume=trade.volume, at=now) for trade in trades)
        rests = request.ord_type == "limit" and request.time_in_force in (None, "post_only")
        if order.state == "done" or rests:
            return order
        return order.cancelled() if order.held else order.model_copy(update={"state": "done"})

    def _must_have(self, request: OrderRequest) -> None:
        if request.side == "bid":
            if request.budget * (1 + FEE_RATE) > self.account.krw:
                raise Refusal(400, "insufficient_funds_bid", "There is not enough KRW for the order and its fee.")
            return
        coins, base = request.coins or Decimal(0), request.market.split("-")[1]
        if request.price is None:
            check_least("ask", coins * Decimal(str(self.tape.price_at(request.market, self.now))))
        if coins > self.account.coin(base).balance:
            raise Refusal(400, "insufficient_funds_ask", f"There is not enough {base}.")

    def _filled_by(self, now: datetime) -> list[Order]:
        """Resting orders as the bars leave them that closed since the last look, market by market."""
        resting = self.ledger.resting.values()
        return [
            order
            for market in sorted({order.market for order in resting})
            for order in match_resting(
                [order for order in resting if order.market == market],
                self.tape.closed_between(market, self._settled, now),
            )
        ]


def _used_before() -> Refusal:
    return Refusal(400, "duplicated_identifier", "This identifier has been used before.")
