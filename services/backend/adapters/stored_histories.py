"""How far the candles reach that the broker keeps for the gate: the manifests alone, no candle."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from nats.js import JetStreamContext

from services.backend.core.history_state import history_state
from shared.api.history import Histories, MarketHistory
from shared.bus.namespace import Namespace
from shared.history.manifest import HistoryMissing, Manifest
from shared.history.objects import BrokerObjects
from shared.types import Market


@dataclass(slots=True)
class StoredHistories:
    jetstream: Callable[[], JetStreamContext]
    namespace: Namespace
    markets: tuple[Market, ...]
    _known: dict[Market, tuple[str, Manifest]] = field(default_factory=dict)  # the last of each, by its digest

    async def all(self) -> Histories:
        """Raises HistoryUnreachable."""
        return Histories(histories=tuple(await asyncio.gather(*map(self._of, self.markets))))

    async def _of(self, market: Market) -> MarketHistory:
        try:
            return history_state(market, await self._newest(market))
        except HistoryMissing:  # no bucket yet, or a manifest that nobody has any more
            return history_state(market, None)

    async def _newest(self, market: Market) -> Manifest | None:
        objects = BrokerObjects(self.jetstream, self.namespace)
        if (pointer := await objects.newest(market)) is None:
            return None
        if market not in self._known or self._known[market][0] != pointer.digest:
            manifest = Manifest.model_validate_json(await objects.get(pointer.digest))
            self._known[market] = pointer.digest, manifest
        return self._known[market][1]
