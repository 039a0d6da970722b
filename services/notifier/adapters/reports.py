"""The newest report in the log, and the newest question for one."""

from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.client import Client

from shared.bus.namespace import Namespace
from shared.bus.stream import Stream
from shared.events import ReportDue, ReportReady
from shared.stored import Stored


@dataclass(frozen=True, slots=True)
class Reports:
    connection: Callable[[], Client]
    namespace: Namespace

    async def last(self) -> tuple[Stored | None, Stored | None]:
        """The question, the report."""
        return await self._last(ReportDue.SUBJECT), await self._last(ReportReady.SUBJECT)

    async def last_report(self) -> ReportReady | None:
        made = await self._last(ReportReady.SUBJECT)
        return made.event if made is not None and isinstance(made.event, ReportReady) else None

    async def _last(self, place: str) -> Stored | None:
        message = await Stream(self.connection(), self.namespace, self.namespace.events).last(place.format(slot="*"))
        return None if message is None else message.stored()
