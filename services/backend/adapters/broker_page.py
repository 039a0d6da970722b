"""What the broker says of itself on its own page, and the room left on its disk."""

import asyncio
import shutil
from pathlib import Path

import httpx
import structlog

from services.backend.core.pipeline import Machine
from shared.parsing import BadValue, number, of, parse_json
from shared.telemetry import Trouble

log = structlog.get_logger("backend")


class BrokerPage:
    """page: see NATS_MONITOR_URL. disk: a folder on it, see BROKER_DIR. What is not known of either is None."""

    def __init__(self, page: httpx.AsyncClient | None, disk: Path | None) -> None:
        self._page, self._disk = page, disk
        self._mute = Trouble(log, "the broker's own page does not say how it stands")
        self._hidden = Trouble(log, "the broker's disk cannot be looked at")

    async def well(self) -> bool | None:
        """A stream that it could not write makes it unwell."""
        if self._page is None:
            return None
        try:
            said = await self._page.get("/healthz")
        except httpx.HTTPError as e:
            log.warning("the broker's own page does not answer", error=type(e).__name__)
            return None
        if said.status_code == 503:
            log.warning("the broker is not well", why=said.text[:300])
        return said.status_code != 503

    async def machine(self) -> Machine:
        memory, limit, store = await self._memory()
        free, total = await asyncio.to_thread(self._room)
        return Machine(memory, limit, store, free, total)

    async def _memory(self) -> tuple[int | None, int | None, int | None]:
        """Bytes in use, the most it should use (GOMEMLIMIT, where it is set), and those of its store."""
        if self._page is None:
            return None, None, None
        try:
            said = parse_json((await self._page.get("/varz")).content)
            stats = of(of(said, "jetstream"), "stats")
            memory, store = number(of(said, "mem"), "mem"), number(of(stats, "storage"), "storage")
            limit = number(of(said, "gomemlimit") or "0", "gomemlimit")
        except (httpx.HTTPError, BadValue) as e:
            self._mute.met(f"{type(e).__name__}: {e}"[:200])
            return None, None, None
        self._mute.over()
        return int(memory), int(limit) or None, int(store)

    def _room(self) -> tuple[int | None, int | None]:
        if self._disk is None:
            return None, None
        try:
            room = shutil.disk_usage(self._disk)
        except OSError as e:
            self._hidden.met(f"{self._disk}: {e.strerror}")
            return None, None
        self._hidden.over()
        return room.free, room.total
