"""Tells which year of candles lies on this machine's disk."""

import asyncio
from pathlib import Path

from shared.history import history_digest, history_path
from shared.types import Market


class LocalHistory:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def digest(self, market: Market) -> str:
        """Raises shared.history.HistoryMissing."""
        return await asyncio.to_thread(history_digest, history_path(self._folder, market))
