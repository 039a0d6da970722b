"""Whether anybody listens on a reader of the log, by what the broker says of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.client import Client
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from services.backend.adapters.broker_answers import broker_answers
from shared.bus.namespace import Namespace
from shared.services import SERVICES

_LOOKS, _LOOK_S = 3, 0.1  # between two of its requests for a message a reader asks for none


@dataclass(frozen=True)
class Listeners:
    connection: Callable[[], Client]
    namespace: Namespace

    async def __call__(self, reader: str) -> bool:
        """Whether it asks for messages; or is busy with one while another reader of its process asks.

        A message in hand alone may be a dead process's. Raises BrokerAway.
        """
        others = next(tuple(r.name for r in s.readers) for s in SERVICES if reader in [r.name for r in s.readers])
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_LOOK_S)
            found = {name: await self._info(name) for name in others}
            if (its := found[reader]) is None:
                return False
            asking = {name for name, info in found.items() if info and info.num_waiting}
            if reader in asking or (its.num_ack_pending and asking):
                return True
        return False

    async def _info(self, reader: str) -> ConsumerInfo | None:
        """None of a reader that no topology has: an older one."""
        async with broker_answers():
            try:
                js = self.connection().jetstream(timeout=3)
                info: ConsumerInfo = await js.consumer_info(self.namespace.events, reader)
                return info
            except NotFoundError:
                return None
