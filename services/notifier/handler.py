"""An event in, a message out. It is acknowledged once it is sent: the reader on the broker is the queue.

A process that dies between the two sends it again: twice, perhaps, and never not at all.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from services.notifier.core.messages import KINDS, is_failed_exit, kind_of, message
from services.notifier.ports import Messenger
from shared.catalogue import sentence
from shared.events import CycleEnded, Event, ReportReady
from shared.types import CycleId, Language

log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class NotifierHandler:
    """attempts: how often the exit guard had tried, with this exit, to close its position.

    picture: of a report's day; without it a report is text alone.
    """

    messenger: Messenger
    language: Language
    attempts: Callable[[CycleId], Awaitable[int]]
    picture: Callable[[ReportReady], Awaitable[bytes | None]] | None = None

    async def __call__(self, event: Event, *, delivery: int = 1) -> None:
        if delivery == 1 and isinstance(event, CycleEnded) and KINDS[event.kind] == "error":
            log.error(
                "trading_job failed",
                how=event.kind,
                code=event.reason_code,
                stage=event.stage,
                why=sentence(event, self.language),
            )
        if text := message(event, self.language):
            attempt = await self.attempts(event.cycle) if isinstance(event, CycleEnded) and is_failed_exit(event) else 1
            shown = partial(self.picture, event) if self.picture and isinstance(event, ReportReady) else None
            await self.messenger.tell(kind_of(event, attempt), text, shown)
