"""The last delivery: a message whose reader died every time is put aside, and its cycle ends all the same.

Such a process never gets to give up by itself; the server does, and says so in a stream of its own. Read by
the clock: who starts cycles sees to it that they end.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.bus.event_log import EventLog
from shared.bus.outcome import put_aside
from shared.bus.topology import LAST_DELIVERY
from shared.bus.wire import Unreadable
from shared.errors import Permanent, Transient

log = structlog.get_logger("bus")
_FETCH_S = 5.0
_PAUSE_S = 2.0


class ConsumerGone(Permanent):
    """The broker does not know our consumer; the text says what to do."""


class MessageGone(Permanent):
    """The log does not hold what was delivered from it."""


class LastDelivery:
    def __init__(self, events: EventLog, jetstream: Callable[[], JetStreamContext]) -> None:
        self._events, self._jetstream = events, jetstream

    async def run(self) -> None:
        """Never ends; where the broker is away it waits. Raises ConsumerGone, MessageGone, Newer."""
        while True:
            try:
                await self._listen()
            except NotFoundError as e:
                raise ConsumerGone(f"consumer {LAST_DELIVERY} is gone from the broker; apply the topology") from e
            except (Transient, APIError, nats.errors.Error, TimeoutError) as e:
                log.warning("cannot hear of last deliveries", error=f"{type(e).__name__}: {e}", pause_s=_PAUSE_S)
                await asyncio.sleep(_PAUSE_S)

    async def _listen(self) -> None:
        js, stream = self._jetstream(), self._events.namespace.advisories
        await js.consumer_info(stream, LAST_DELIVERY)  # a fetch from one that is gone would only time out
        sub = await js.pull_subscribe_bind(durable=LAST_DELIVERY, stream=stream)
        try:
            (said,) = await sub.fetch(1, timeout=_FETCH_S)
        except nats.errors.TimeoutError:
            return
        finally:
            with suppress(nats.errors.Error):  # on a closed connection its own fault would hide that we are cancelled
                await sub.unsubscribe()
        await self._end(said)
        await said.ack()

    async def _end(self, said: Msg) -> None:
        advisory = json.loads(said.data)
        seq, stage, times = advisory["stream_seq"], advisory["consumer"], advisory["deliveries"]
        message = await self._events.message(seq)
        if message is None:
            raise MessageGone(f"message {seq} was delivered {times} times to the {stage} and is gone from the log")
        where, why = message.subject, f"the {stage} died at each of {times} deliveries"
        with suppress(Unreadable):
            message.event()  # what a newer version wrote is not ours to end: raises Newer
        log.error("a message was delivered for the last time", stage=stage, subject=where, deliveries=times)
        await put_aside(self._events, message.body, where, stage=stage, seq=seq, deliveries=times, why=why, by="clock")
