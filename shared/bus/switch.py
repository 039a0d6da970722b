"""What the owner wants the bot to do, and what the clock says it will do next: a key-value bucket.

The wish alone decides nothing: see shared/switch.py.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from nats.js import JetStreamContext
from nats.js.errors import KeyWrongLastSequenceError
from nats.js.kv import KeyValue
from pydantic import BaseModel

from shared.bus import keys
from shared.bus.control_log import ControlLog
from shared.bus.namespace import Namespace
from shared.errors import Transient
from shared.switch import WISH, DesiredJobState, DesiredState, Fault, Heartbeat, SwitchState, paused_by_nobody, state

_Kind = TypeVar("_Kind", bound=BaseModel)
CLOCK = "clock"
_TRIES = 20  # another was quicker each time


class Overtaken(Transient):
    """Others changed the wish at the same time, again and again."""


class Switch:
    """One bucket: `wish` and `job.<id>` are the owner's, `clock` the clock's. log: what was commanded."""

    def __init__(self, bucket: KeyValue, log: ControlLog) -> None:
        self._bucket, self.log = bucket, log

    @classmethod
    async def open(cls, js: JetStreamContext, namespace: Namespace) -> "Switch":
        return cls(await js.key_value(namespace.switch), ControlLog(js._nc, namespace))

    async def state(self) -> SwitchState:
        """What the bot is to do, by the bucket and by the log."""
        (stored, _), commands = await asyncio.gather(self._stored(), self.log.commands())
        return state(stored, commands)

    async def change(self, to: Callable[[DesiredState], DesiredState | None]) -> DesiredState:
        """Set the wish that `to` makes of the one there is, and give what stands then; None leaves it.

        One that is missing or unreadable is given to `to` as paused. `to` is asked again where another was quicker: a
        stop that comes at the same moment is never overwritten unseen. Raises Overtaken.
        """
        for _ in range(_TRIES):
            stored, revision = await self._stored()
            old = stored if isinstance(stored, DesiredState) else paused_by_nobody(stored)
            if (new := to(old)) is None:
                return old
            try:
                await self._bucket.update(WISH, new.model_dump_json().encode(), last=revision)
            except KeyWrongLastSequenceError:
                continue
            return new
        raise Overtaken(f"the bot's switch was changed by others {_TRIES} times in a row; ask again")

    async def job(self, id: str) -> DesiredJobState:
        """One that was deleted or cannot be read is paused; only a job nobody ever halted runs."""
        stored = await keys.value(self._bucket, f"job.{id}")
        if stored.body is None:
            return _nobodys(id, "was deleted") if stored.is_lost else DesiredJobState()
        return _read(DesiredJobState, stored.body, "paused") or _nobodys(id, "cannot be read")

    async def set_job(self, id: str, wish: DesiredJobState) -> None:
        await self._bucket.put(f"job.{id}", wish.model_dump_json().encode())

    async def heartbeat(self) -> Heartbeat | None:
        """None where there is none that can be read: a clock that is there beats again within 10 s."""
        stored = await keys.value(self._bucket, CLOCK)
        return None if stored.body is None else _read(Heartbeat, stored.body)

    async def beat(self, heartbeat: Heartbeat) -> None:
        await self._bucket.put(CLOCK, heartbeat.model_dump_json().encode())

    async def _stored(self) -> tuple[DesiredState | Fault, int]:
        """The wish, or why there is none; and the revision to write over."""
        stored = await keys.value(self._bucket, WISH)
        if stored.body is None:
            return ("deleted" if stored.is_lost else "missing"), stored.revision
        return _read(DesiredState, stored.body, "status") or "unreadable", stored.revision


def _read(kind: type[_Kind], body: bytes, *must: str) -> _Kind | None:
    """None where nobody can read it, or where it does not say what it must: a default is no wish."""
    try:
        found = kind.model_validate_json(body)
    except ValueError:
        return None
    return found if found.model_fields_set.issuperset(must) else None


def _nobodys(id: str, fault: str) -> DesiredJobState:
    """Paused, until the owner says what he wants."""
    return DesiredJobState(paused=True, by=f"nobody: its wish {fault}; upcycle jobs resume {id}")
