"""Who hears the commands, and how far was heard: a lease, a single key in the broker, written only by who read it last.

Its time is for liveness only. That a command is carried out once is kept by the key's revision, not by time: who writes
down that he heard it, and is told that the key was changed, does not carry it out.
"""

from collections.abc import Callable
from typing import Any

import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyWrongLastSequenceError
from pydantic import BaseModel

from shared.bus import keys
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway
from shared.clock import monotonic

SILENT_S = 60.0  # of a holder, who writes at least every 20 s, by our own clock
_KEY = "seat"


class LeaseState(BaseModel):
    holder: str  # empty: nobody
    offset: int = 0  # the first update that was not heard


class JetStreamLease:
    """me: this process alone."""

    def __init__(
        self, js: Callable[[], JetStreamContext], namespace: Namespace, me: str, now: Callable[[], float] = monotonic
    ) -> None:
        self._js, self._bucket, self._me, self._now = js, namespace.telegram, me, now
        self._revision = 0  # of the key, as we wrote or saw it last
        self._changed_at = 0.0  # when we saw it change last
        self._offset = 0  # how far this process has heard

    async def acquire(self) -> int | None:
        state = await self._read()
        if state.holder not in ("", self._me) and self._now() - self._changed_at < SILENT_S:
            return None
        return state.offset if await self._write(self._me, state.offset) else None

    async def advance(self, offset: int) -> bool:
        return await self._write(self._me, offset)

    async def release(self) -> None:
        state = await self._read()
        if state.holder == self._me:
            await self._write("", state.offset)

    async def _read(self) -> LeaseState:
        try:
            stored = await keys.value(await self._kv(), _KEY)
        except (nats.errors.Error, APIError, TimeoutError) as e:
            raise BrokerAway(f"the broker does not tell who hears the commands: {type(e).__name__}") from e
        if stored.revision != self._revision:
            self._revision, self._changed_at = stored.revision, self._now()
        nobody = LeaseState(holder="", offset=self._offset)  # a deleted lease is free, and what was heard stays heard
        try:
            return nobody if stored.body is None else LeaseState.model_validate_json(stored.body)
        except ValueError:
            return nobody

    async def _write(self, holder: str, offset: int) -> bool:
        body = LeaseState(holder=holder, offset=offset).model_dump_json().encode()
        try:
            self._revision = await (await self._kv()).update(_KEY, body, last=self._revision)
        except KeyWrongLastSequenceError:
            return False
        except (nats.errors.Error, APIError, TimeoutError) as e:
            raise BrokerAway(f"the broker does not keep who hears the commands: {type(e).__name__}") from e
        self._offset = offset
        return True

    async def _kv(self) -> Any:
        try:
            return await self._js().key_value(self._bucket)
        except (nats.errors.Error, APIError, TimeoutError) as e:
            raise BrokerAway(f"the broker has no bucket {self._bucket}: {type(e).__name__}") from e
