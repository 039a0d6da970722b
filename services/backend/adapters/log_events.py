"""The log as the projection reads it."""

from collections.abc import AsyncIterator, Callable

import structlog
from nats.aio.client import Client

from shared.bus.log_reach import log_reach
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway, NoStream, Stream
from shared.bus.wire import Unreadable
from shared.errors import Newer
from shared.events import Event
from shared.reach import Reach
from shared.stored import Stored

log = structlog.get_logger("backend")


class JetStreamEvents:
    """The log, read from a place on. connection: there once the stage has connected."""

    def __init__(self, connection: Callable[[], Client], namespace: Namespace) -> None:
        self._connection, self._namespace = connection, namespace

    async def reach(self, stamp_of: int) -> Reach:
        return await log_reach(self._connection(), self._namespace, stamp_of)

    async def after(self, seq: int) -> AsyncIterator[Stored]:
        """What nobody can read was buried when it was met, and is passed over here."""
        stream = Stream(self._connection(), self._namespace, self._namespace.events)
        try:
            async for message in stream.after(seq, Event.places()):
                try:
                    stored = message.stored()
                except (Unreadable, Newer) as e:
                    log.warning("passed over", seq=message.seq, subject=message.subject, error=str(e))
                    continue
                yield stored
        except NoStream as e:
            raise BrokerAway(str(e)) from e  # a broker that just starts has none yet
