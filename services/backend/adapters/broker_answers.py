"""A broker that does not answer is away: to be asked again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats.errors

from shared.bus.stream import BrokerAway


@asynccontextmanager
async def broker_answers() -> AsyncIterator[None]:
    try:
        yield
    except nats.errors.Error as e:
        raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
