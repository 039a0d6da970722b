"""The messages of a stream, got directly from the broker: one, the last of many places, all from a place on."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.bus.namespace import Namespace
from shared.bus.wire import decode
from shared.errors import Permanent, Transient
from shared.events import Event
from shared.stored import Stored
from shared.types import UtcTime

_TIMEOUT_S = 3.0
_PLACES_MAX = 300  # in one question; the server answers with 1,024 messages at most
_BATCH = 256


class BrokerAway(Transient):
    """The broker does not answer in time."""


class NoStream(Permanent):
    """The stream is not there: the topology was never applied."""


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message, read or not. subject: without the namespace's prefix."""

    subject: str
    body: bytes
    headers: dict[str, str]

    @property
    def seq(self) -> int:
        return int(self.headers["Nats-Sequence"])

    @property
    def at(self) -> UtcTime:
        """When the server stored it."""
        return datetime.fromisoformat(self.headers["Nats-Time-Stamp"])

    @property
    def stamp(self) -> str:
        return self.headers.get("emitted-at", "")

    def event(self) -> Event:
        """Raises Newer, Unreadable."""
        return decode(self.body, self.subject)

    def stored(self) -> Stored:
        """The event with its place. Raises Newer, Unreadable."""
        delivery = int(self.headers.get("delivery", 1))
        return Stored(self.event(), self.seq, self.at, delivery=delivery, stamp=self.stamp)


@dataclass(frozen=True, slots=True)
class Stream:
    """Every subject and pattern is without the namespace's prefix. Each question raises BrokerAway, NoStream."""

    nc: Client
    namespace: Namespace
    name: str

    async def at(self, seq: int) -> Message | None:
        return await self._one({"seq": seq})

    async def first(self, pattern: str) -> Message | None:
        return await self._one({"seq": 1, "next_by_subj": self.namespace.subject(pattern)})

    async def last(self, pattern: str) -> Message | None:
        return await self._one({"last_by_subj": self.namespace.subject(pattern)})

    async def last_of_each(self, patterns: Sequence[str]) -> list[Message]:
        """The last message of each subject that matches one of `patterns`, in the order of the log."""
        places = [self.namespace.subject(pattern) for pattern in patterns]
        found: list[Message] = []
        for n in range(0, len(places), _PLACES_MAX):
            found += await self._batch({"multi_last": places[n : n + _PLACES_MAX]})
        return sorted(found, key=lambda message: message.seq)

    async def after(self, seq: int, pattern: str) -> AsyncIterator[Message]:
        """Every message under a pattern behind a place, to the end, in the order of the log."""
        where = self.namespace.subject(pattern)
        while batch := await self._batch({"seq": seq + 1, "next_by_subj": where, "batch": _BATCH}):
            for message in batch:
                yield message
            seq = batch[-1].seq

    async def since(self, at: UtcTime, pattern: str) -> AsyncIterator[Message]:
        """Every message under a pattern stored then or later, to the end, in the order of the log."""
        first = await self._one({"start_time": at.isoformat(), "next_by_subj": self.namespace.subject(pattern)})
        if first is not None:
            async for message in self.after(first.seq - 1, pattern):
                yield message

    async def subjects(self, pattern: str) -> set[str]:
        """Every subject under a pattern that holds a message."""
        found: set[str] = set()
        while True:
            info = await self.info(subjects_filter=self.namespace.subject(pattern), offset=len(found))
            page = info["state"].get("subjects") or ()
            found |= {self.namespace.plain(subject) for subject in page}
            if not page or len(found) >= info.get("total", 0):
                return found

    async def last_seq(self) -> int:
        """The sequence of the newest message; 0 of an empty stream."""
        return int((await self.info())["state"]["last_seq"])

    async def info(self, **question: Any) -> dict[str, Any]:
        """What the broker tells of it: created, config, state."""
        try:
            asked = json.dumps(question).encode()
            answer = await self.nc.request(f"$JS.API.STREAM.INFO.{self.name}", asked, timeout=_TIMEOUT_S)
        except nats.errors.Error as e:
            raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
        info: dict[str, Any] = json.loads(answer.data)
        if "error" in info:
            raise self._missing()
        return info

    async def _one(self, question: dict[str, Any]) -> Message | None:
        try:
            answer = await self.nc.request(self._direct_get, json.dumps(question).encode(), timeout=_TIMEOUT_S)
        except nats.errors.NoRespondersError as e:
            raise self._missing() from e
        except nats.errors.Error as e:
            raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
        return self._message(answer)

    async def _batch(self, question: dict[str, Any]) -> list[Message]:
        """The messages of one question; the server says when they end.

        They are all taken before any is given on: a reader that stops midway would leave the rest in a subscription,
        and closing the connection would wait for them.
        """
        inbox, found = self.nc.new_inbox(), []
        answers = await self.nc.subscribe(inbox)
        try:
            await self.nc.publish(self._direct_get, json.dumps(question).encode(), reply=inbox)
            while (message := await self._next(answers)) is not None:
                found.append(message)
        finally:
            await answers.unsubscribe()
        return found

    async def _next(self, answers: Any) -> Message | None:
        try:
            answer: Msg = await answers.next_msg(timeout=_TIMEOUT_S)
        except (TimeoutError, nats.errors.Error) as e:
            raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
        if (answer.headers or {}).get("Status") == "503":
            raise self._missing()
        return self._message(answer)

    @property
    def _direct_get(self) -> str:
        return f"$JS.API.DIRECT.GET.{self.name}"

    def _message(self, answer: Msg) -> Message | None:
        """None where the answer says that there is none."""
        headers = dict(answer.headers or {})
        if "Nats-Sequence" not in headers:
            return None
        return Message(self.namespace.plain(headers["Nats-Subject"]), answer.data, headers)

    def _missing(self) -> NoStream:
        return NoStream(f"the broker has no stream {self.name}; apply the topology first: upcycle topology")
