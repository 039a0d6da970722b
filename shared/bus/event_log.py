"""The event log: publish once, or load what is stored.

Every event is published with an expected last sequence, so the server itself refuses a second output
of a stage, a second end of a cycle, and an intent after an end (`Event.ONCE`). Refused means: somebody
was here before, load what he stored and go on from that.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

import nats.errors
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from shared.bus.log_opening import mode_of, opened
from shared.bus.log_reach import log_reach
from shared.bus.memory import LogTrouble, Memory
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway, Message, NoStream, Stream
from shared.bus.tracing import Tracing
from shared.bus.wire import WRONG_LAST_SEQUENCE, Unreadable, encode
from shared.clock import SystemClock
from shared.errors import Permanent
from shared.events import Event, FillRecorded, LogOpened
from shared.fixed_clock import Clock
from shared.reach import Reach
from shared.settings import TradingMode
from shared.stored import Stored
from shared.types import UtcTime

_PUBLISH_TIMEOUT_S = 3.0
# Beyond the stream's or the account's bytes, no room on the disk, JetStream switched off after a failed write.
_NO_ROOM = {10077, 10047, 10023, 10028, 10002, 10039, 10076}
_HOST = socket.gethostname()
DELIVERY = ContextVar("delivery", default=1)  # which delivery of a message this task works on


class LogFull(LogTrouble):
    """The broker has no room left: nothing was stored."""


class LogUnreachable(LogTrouble):
    """The broker did not answer in time; what was published may or may not be stored."""


class NoLog(Permanent):
    """The stream is not there: the topology was never applied."""


class EventLog:
    def __init__(self, broker: NatsBroker, namespace: Namespace, tracing: Tracing | None = None) -> None:
        self._broker = broker
        self.namespace = namespace
        self._tracing = tracing or Tracing()
        self._clock: Clock = SystemClock()
        self.memory = Memory(self.reach, lambda: int(self._nc.stats["reconnects"]))

    async def emit(self, event: Event, *, after: int = 0) -> Stored:
        """Publish an event unless its place is taken, and return what lies there now.

        after: the sequence of the last message allowed under `event.once`; 0 allows none. Where the
        place is taken, the last event under `event.once` is returned, which may be of another kind.
        """
        await self.memory.sure()
        before = self.memory.last
        where, once = self.namespace.subject(event.subject), self.namespace.subject(event.once)
        stamp = self._clock.now().isoformat()
        headers = {
            "Nats-Msg-Id": where,
            "Nats-Expected-Last-Subject-Sequence": str(after),
            "emitted-at": stamp,
            "host": _HOST,
            "delivery": str(DELIVERY.get()),
            "correlation_id": getattr(event, "cycle", event.kind),
        }
        if once != where:
            headers["Nats-Expected-Last-Subject-Sequence-Subject"] = once
        try:
            ack = await self._tracing.publish(self._jetstream, where, encode(event), headers)
        except APIError as e:
            if e.err_code == WRONG_LAST_SEQUENCE:
                return await self._there(once)
            raise _no_room(e, where) from e
        except NoStreamResponseError as e:
            raise NoLog(f"no stream takes {where}; the topology has not been applied") from e
        except (nats.errors.TimeoutError, nats.errors.ConnectionClosedError, nats.errors.NoServersError) as e:
            raise LogUnreachable(f"publishing {where}: {type(e).__name__}") from e
        await self.memory.sure()  # the broker may have been another one by the time this reached it
        if ack.duplicate:
            return await self._there(where)
        self.memory.follows(ack.seq, before)
        self.memory.note(ack.seq, stamp, event.cycle if isinstance(event, FillRecorded) else None)
        return Stored(event, ack.seq, self._clock.now(), new=True, stamp=stamp)

    async def load(self, subject: str) -> Stored | None:
        """The last event at a subject, which may hold wildcards; None if there is none."""
        await self.memory.sure()
        message = await self._last(subject)
        return None if message is None else self._stored(message)

    async def message(self, seq: int) -> Message | None:
        """What lies at a place, readable or not; None if nothing does."""
        await self.memory.sure()
        with _answered(f"reading message {seq}"):
            return await self._stream.at(seq)

    async def reach(self, stamp_of: int = 0) -> Reach:
        """How far the log reaches; see log_reach."""
        with _answered("asking how far the log reaches"):
            return await log_reach(self._nc, self.namespace, stamp_of)

    async def opened(self) -> LogOpened | None:
        """What the log says of itself; None of an old one."""
        with _answered("asking whose log it is"):
            return await opened(self._nc, self.namespace)

    async def mode(self) -> TradingMode | None:
        """The mode it is of; None while nothing says so."""
        with _answered("asking whose log it is"):
            return await mode_of(self._nc, self.namespace)

    def _told(self, message: Message) -> Stored | Unreadable:
        try:
            return self._stored(message)
        except Unreadable as e:
            return e

    def _stored(self, message: Message) -> Stored:
        stored = message.stored()
        self.memory.note(stored.seq, stored.stamp)
        return stored

    @cached_property
    def _nc(self) -> Client:
        return self._broker.connection

    @cached_property
    def _jetstream(self) -> JetStreamContext:
        """Not FastStream's publishing, whose middlewares and headers would take a tenth of the chain's time."""
        return self._nc.jetstream(timeout=_PUBLISH_TIMEOUT_S)

    @property
    def _stream(self) -> Stream:
        return Stream(self._nc, self.namespace, self.namespace.events)

    async def _last(self, subject: str) -> Message | None:
        with _answered(f"reading {subject}"):
            return await self._stream.last(subject)

    async def since(self, seq: int, pattern: str) -> list[tuple[int, Stored | Unreadable]]:
        """Everything behind a place under a pattern, in the order of the log, each with its sequence."""
        await self.memory.sure()
        with _answered(f"reading {pattern}"):
            return [(message.seq, self._told(message)) async for message in self._stream.after(seq, pattern)]

    async def stored_since(self, at: UtcTime, pattern: str) -> list[Stored | Unreadable]:
        """Everything stored then or later under a pattern, in the order of the log."""
        await self.memory.sure()
        with _answered(f"reading {pattern}"):
            return [self._told(message) async for message in self._stream.since(at, pattern)]

    async def load_all(self, patterns: Sequence[str]) -> list[tuple[str, Stored | Unreadable]]:
        """The last event of each subject under some patterns, each with its subject, in the order of the log."""
        await self.memory.sure()
        with _answered(f"reading {len(patterns)} places"):
            messages = await self._stream.last_of_each(patterns)
        return [(message.subject, self._told(message)) for message in messages]

    async def is_empty(self, subject: str) -> bool:
        """Whether nothing lies there, readable or not."""
        await self.memory.sure()
        return await self._last(subject) is None

    async def subjects(self, pattern: str) -> set[str]:
        """The subjects under a pattern that hold an event."""
        with _answered(f"listing {pattern}"):
            return await self._stream.subjects(pattern)

    async def publish_raw(self, body: bytes, subject: str, *, stream: str, headers: dict[str, str]) -> None:
        """Store bytes as they are, under their `Nats-Msg-Id`."""
        try:
            await self._jetstream.publish(subject, body, stream=stream, headers=headers)
        except APIError as e:
            raise _no_room(e, subject) from e
        except (nats.errors.TimeoutError, nats.errors.ConnectionClosedError, nats.errors.NoServersError) as e:
            raise LogUnreachable(f"publishing {subject}: {type(e).__name__}") from e

    async def _there(self, subject: str) -> Stored:
        stored = await self.load(self.namespace.plain(subject))
        if stored is None:
            raise LogUnreachable(f"{subject} is taken, but nothing is found there yet")
        return stored


@contextmanager
def _answered(what: str) -> Iterator[None]:
    try:
        yield
    except NoStream as e:
        raise NoLog(str(e)) from e
    except (BrokerAway, nats.errors.Error) as e:
        raise LogUnreachable(f"{what}: {type(e).__name__}") from e


def _no_room(e: APIError, where: str) -> Exception:
    """The refusal of a full store as what it is; any other as it came."""
    return LogFull(f"{where} cannot be stored: {e.description}") if e.err_code in _NO_ROOM else e
