"""FastStream's broker with the defaults that trading needs, and the guard that ends a deaf process."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import MethodType
from typing import Any
from urllib.parse import urlsplit

import nats.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError, ServiceUnavailableError
from opentelemetry.metrics import MeterProvider

from shared.bus import topology
from shared.bus.event_log import DELIVERY, EventLog
from shared.bus.namespace import Namespace
from shared.bus.outcome import Outcome
from shared.bus.tracing import Tracing
from shared.bus.wire import decode
from shared.errors import Permanent, Transient
from shared.services import READERS
from shared.stored import Stored
from shared.types import UtcTime

log = structlog.get_logger("bus")
_FETCH_S = 2.0  # an idle fetch; bounds how late a reader notices a broker that came back
_WATCH_S = 2.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GONE = 71  # exit codes: our consumer is gone, the connection is closed for good, a right is missing
CLOSED = 70
FORBIDDEN = 77
RESTORED = 76  # the log was put back from an older copy under us


def die(code: int, why: str) -> None:
    """Stop at once. A deaf process that looks healthy is worse than one that is started again."""
    log.critical("this process cannot go on and ends", why=why, exit_code=code)
    os._exit(code)


def make_broker(
    url: str,
    *,
    name: str,
    namespace: Namespace,
    meters: MeterProvider | None = None,
    middlewares: Sequence[Any] = (),
    on_fatal: Callable[[int, str], None] = die,
) -> tuple[NatsBroker, EventLog]:
    """A broker that reconnects for ever, retries and buries, and the event log over it."""
    stopping, tracing = False, Tracing(meters)

    async def closed() -> None:
        if not stopping:
            on_fatal(CLOSED, "the connection to the broker is closed")

    async def fault(e: Exception) -> None:
        # What is not allowed looks like a time-out to who asked; it will be as forbidden the next time.
        if "permissions violation" in str(e).lower():
            on_fatal(FORBIDDEN, f"the broker forbids it to this login: {e}")
        else:
            log.warning("the connection to the broker has trouble", error=str(e) or type(e).__name__)

    broker = NatsBroker(
        url,
        name=name,
        inbox_prefix=inbox(url),
        logger=None,
        apply_types=False,  # `subscribe` decodes; nothing is injected
        connect_timeout=2,
        max_reconnect_attempts=-1,  # the default gives up after two minutes and then spins without yielding
        reconnect_time_wait=1,
        closed_cb=closed,
        error_cb=fault,
        graceful_timeout=15,
        middlewares=(tracing, *middlewares, Outcome),
    )
    stop = broker.stop

    async def stop_quietly(*args: Any, **kwargs: Any) -> None:
        nonlocal stopping
        stopping = True
        await stop(*args, **kwargs)

    broker.stop = stop_quietly  # type: ignore[method-assign]
    events = EventLog(broker, namespace, tracing)
    broker.context.set_global("log", events)
    broker.context.set_global("on_fatal", on_fatal)
    broker.context.set_global("inbox", inbox(url))
    return broker, events


def inbox(url: str) -> str:
    """Where answers to this login arrive: a user may hear his own inbox only, see infra/nats/users.py."""
    user = urlsplit(url).username
    return f"_INBOX_{user}" if user else "_INBOX"


def subscribe(
    broker: NatsBroker,
    namespace: Namespace,
    reader: str,
    receive: Callable[[Stored], Awaitable[None]],
    *,
    parallel: int = 1,
) -> None:
    """Let `receive` have every message of a reader, `parallel` at a time in this process.

    parallel: registrations of the same durable, one message each; a batch would wait for its slowest.
    """

    async def read(msg: Any) -> Stored:
        raw, delivery = msg.raw_message, msg.raw_message.metadata
        DELIVERY.set(delivery.num_delivered)
        event, stamp = decode(raw.data, namespace.plain(raw.subject)), (raw.headers or {}).get("emitted-at", "")
        return Stored(event, delivery.sequence.stream, stored_at(raw.reply), stamp=stamp)

    own_inbox = f"{broker.context.get('inbox')}.".encode()
    for _ in range(parallel):

        async def on_message(stored: Any) -> None:
            await receive(stored)

        subscriber = broker.subscriber(
            "",  # the consumer has its subjects; a pattern given here would be compiled for each message
            stream=JStream(namespace.events, declare=False),
            durable=reader,
            config=topology.consumer(READERS[reader], namespace),
            pull_sub=PullSub(batch_size=1, timeout=_FETCH_S),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            inbox_prefix=own_inbox,  # pull consumers do not take over the broker's
            decoder=read,
        )
        subscriber(on_message)
        subscriber._consume_pull = MethodType(_one_by_one, subscriber)  # type: ignore[method-assign]


async def _one_by_one(subscriber: Any, cb: Callable[[Msg], Awaitable[Any]]) -> None:
    """FastStream's own loop, without its group of tasks for each message.

    So an acknowledgement and the question for the next message leave together. Should FastStream rename its loop, it
    runs again, and only that is lost.
    """
    while subscriber.running:
        messages: list[Msg] = []
        with suppress(nats.errors.TimeoutError, nats.errors.ConnectionClosedError, ServiceUnavailableError):
            messages = await subscriber.subscription.fetch(1, timeout=_FETCH_S)
        for msg in messages:
            await cb(msg)


def stored_at(reply: str) -> UtcTime:
    """When the server stored a message, to the microsecond, as its header says when it is read from the log.

    nats-py takes it through a float, which rounds: books built again from the log would differ.
    """
    tokens = reply.split(".")  # $JS.ACK.[domain.account.]stream.consumer.delivered.seq.seq.nanoseconds.pending…
    nanoseconds = int(tokens[7] if len(tokens) == 9 else tokens[9])
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


async def watch(
    broker: NatsBroker, events: EventLog, readers: tuple[str, ...], on_fatal: Callable[[int, str], None] = die
) -> None:
    """End the process when a consumer of its own is gone: FastStream would spin on it in silence.

    And when the broker came back with an older log: an idle process would hear of it from nobody else.
    """
    namespace = events.namespace
    while True:
        await asyncio.sleep(_WATCH_S)
        try:
            await events.memory.sure()
        except (Transient, Permanent) as e:  # no stream at all is told by the consumer below
            log.warning("whether the log is the same cannot be seen now", error=str(e))
        for reader in readers:
            try:
                await broker.connection.jetstream(timeout=2).consumer_info(namespace.events, reader)
            except NotFoundError:
                on_fatal(GONE, f"consumer {reader} is gone from the broker; apply the topology and start again")
                return
            except Exception as e:
                # The broker is away; the connection's own reconnecting sees to that.
                log.warning("cannot ask for the consumer", reader=reader, error=type(e).__name__)
