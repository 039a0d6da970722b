"""How far the candles reach that the broker keeps for the gate: the manifests alone, no candle."""

from collections.abc import Callable
from dataclasses import dataclass

from nats.js import JetStreamContext

from shared.api.history import Histories, MarketHistory
from shared.bus.namespace import Namespace
from shared.types import Market


@dataclass(frozen=True)
class StoredHistories:
    jetstream: Callable[[], JetStreamContext]
    namespace: Namespace
    markets: tuple[Market, ...]

    async def all(self) -> Histories:
        """Raises HistoryUnreachable."""
        return Histories(histories=tuple([await self._of(market) for market in self.markets]))

    async def _of(self, market: Market) -> MarketHistory:
        from services.backend.core.history_state import history_state  # loads polars
        from shared.history.archive import Archive
        from shared.history.manifest import HistoryMissing
        from shared.history.objects import BrokerObjects

        try:
            edition = await Archive(BrokerObjects(self.jetstream, self.namespace)).newest(market)
        except HistoryMissing:  # no bucket yet, or a manifest that nobody has any more
            edition = None
        return history_state(market, edition.manifest if edition else None)
