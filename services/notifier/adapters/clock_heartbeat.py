"""The clock's heartbeat, in the broker's bucket."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats.errors
from nats.js.errors import Error as JetStreamError

from shared.bus.switch import Switch
from shared.errors import Transient
from shared.switch import Heartbeat


class NoHeartbeat(Transient):
    """The broker does not answer."""


@dataclass(frozen=True, slots=True)
class ClockHeartbeat:
    switch: Callable[[], Awaitable[Switch]]

    async def last(self) -> Heartbeat | None:
        try:
            return await (await self.switch()).heartbeat()
        except (nats.errors.Error, JetStreamError, TimeoutError) as e:
            raise NoHeartbeat(f"the clock's heartbeat cannot be read: {type(e).__name__}") from e
