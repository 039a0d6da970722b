"""Which orders a list or a cancel of several means: Upbit's filters and pages (pure)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.paper.core.bars import from_ms
from services.paper.core.orders import Order
from services.paper.core.refusal import Refusal

WINDOW = timedelta(days=7)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
OPEN_STATES, ENDED_STATES = ("wait", "watch"), ("done", "cancel")


class OrderQuery(NamedTuple):
    """Empty means any. `ascending` is by creation; Upbit's own order is newest first."""

    states: Sequence[str] = ()
    markets: Sequence[str] = ()
    excluded: Sequence[str] = ()
    quotes: Sequence[str] = ()
    side: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ascending: bool = False
    page: int = 1
    limit: int = 100

    def of(self, orders: Iterable[Order]) -> list[Order]:
        """orders: oldest first."""
        found = [order for order in orders if self._fits(order)]
        if not self.ascending:
            found.reverse()
        return found[(self.page - 1) * self.limit : self.page * self.limit]

    def _fits(self, order: Order) -> bool:
        return (
            (not self.states or order.state in self.states)
            and (not self.markets or order.market in self.markets)
            and (not self.quotes or order.market.split("-")[0] in self.quotes)
            and order.market not in self.excluded
            and self.side in ("", "all", order.side)
            and (self.since is None or self.since <= order.created_at)
            and (self.until is None or order.created_at <= self.until)
        )


def window(start: str | None, end: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The 7 days asked for, or that end or begin where only one side is given."""
    since, until = _moment(start, "start_time"), _moment(end, "end_time")
    if until is None:
        until = since + WINDOW if since else now
    since = since or until - WINDOW
    if not timedelta(0) <= until - since <= WINDOW:
        raise Refusal(400, "invalid_parameter", "start_time and end_time must be in order and at most 7 days apart")
    return since, until


def _moment(given: str | None, name: str) -> datetime | None:
    """ISO with its zone, or milliseconds."""
    if not given:
        return None
    try:
        in_ms = given.isascii() and given.isdigit()
        moment = from_ms(int(given)) if in_ms else datetime.fromisoformat(given)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if not EARLIEST < moment < LATEST:
            raise ValueError("not of our time")
        return moment
    except (ValueError, OverflowError) as e:
        raise Refusal(400, "invalid_parameter", f"{name} must look like 2025-06-24T13:56:53+09:00") from e
