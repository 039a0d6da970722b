"""Candles as the snapshots in the log hold them: no exchange is asked, and nothing that came later is in them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from nats.aio.client import Client

from shared.api.chart import Candles
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway, NoStream, Stream
from shared.bus.wire import Unreadable
from shared.errors import Newer
from shared.events import SnapshotTaken
from shared.types import Market, UtcTime, slot_time, split_cycle

log = structlog.get_logger("backend")
SNAPSHOTS_MAX = 24  # read for one answer; five hold 1,000 candles where no hour is missing


@dataclass(frozen=True)
class LogCandles:
    """snapshot_before: of a market, a time and how far back the row goes, the cycle to read next."""

    connection: Callable[[], Client]
    namespace: Namespace
    snapshot_before: Callable[[Market, UtcTime | None, UtcTime | None], Awaitable[str | None]]

    async def of(self, market: Market, *, first: UtcTime | None, cut: UtcTime | None, limit: int) -> Candles:
        """The newest `limit` that opened at `first` or later and closed at `cut` or before. Raises BrokerAway."""
        from services.backend.core.candle_series import UNIT_MIN, CandleSeries  # loads numpy

        series, until = CandleSeries(market, first=first, cut=cut, limit=limit), cut
        for _ in range(SNAPSHOTS_MAX):
            cycle = await self.snapshot_before(market, until, series.begins)
            if cycle is None:
                break
            if (snapshot := await self._snapshot(cycle)) is not None:
                series.add(snapshot)
            if series.is_whole:
                break
            until = slot_time(split_cycle(cycle)[1]) - timedelta(seconds=1)
        return Candles(market=market, interval_minutes=UNIT_MIN, candles=series.candles())

    async def _snapshot(self, cycle: str) -> SnapshotTaken | None:
        try:
            message = await Stream(self.connection(), self.namespace, self.namespace.events).last(
                SnapshotTaken.subject_of(cycle)
            )
            event = message.event() if message else None
        except NoStream as e:
            raise BrokerAway(str(e)) from e
        except (Unreadable, Newer) as e:
            log.warning("passed over", cycle=cycle, error=str(e))
            return None
        return event if isinstance(event, SnapshotTaken) else None
