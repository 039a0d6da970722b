"""What the owner wants the bot to do, and what the clock says it will do next: a key-value bucket."""

from collections.abc import Callable
from typing import Literal

from nats.js import JetStreamContext
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue
from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.bus.world import World
from shared.types import UtcTime

Status = Literal["running", "paused", "stopped"]
Command = Literal["start", "stop", "pause", "resume"]


class Wish(BaseModel):
    """The state the owner asked for, and how."""

    model_config = ConfigDict(frozen=True)

    status: Status = "running"
    by: str = "default"
    at: UtcTime | None = None
    command: Command | None = None


class Job(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    next_run: UtcTime | None  # None: it will not run
    note: str = ""


class JobWish(BaseModel):
    """Whether the owner lets one job run; a job nobody ever halted runs."""

    model_config = ConfigDict(frozen=True)

    paused: bool = False
    by: str | None = None
    at: UtcTime | None = None


class Heartbeat(BaseModel):
    """Written by the clock every 10 s."""

    model_config = ConfigDict(frozen=True)

    at: UtcTime
    started_at: UtcTime
    interval_min: int
    jobs: tuple[Job, ...]


class Switch:
    """One bucket: `wish` and `job.<id>` are the owner's, `clock` the clock's."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    @classmethod
    async def open(cls, js: JetStreamContext, world: World) -> "Switch":
        return cls(await js.key_value(world.switch))

    async def wish(self) -> Wish:
        stored = await self._get("wish")
        return Wish() if stored is None else Wish.model_validate_json(stored)

    async def change(self, to: Callable[[Wish], Wish | None]) -> Wish:
        """Set the wish that `to` makes of the one there is, and give what stands then; None leaves it.

        `to` is asked again where another was quicker: a stop that comes at the same moment is never overwritten unseen.
        """
        while True:
            try:
                entry = await self._bucket.get("wish")
                old, revision = Wish.model_validate_json(entry.value or b""), entry.revision
            except KeyNotFoundError:
                old, revision = Wish(), 0
            if (new := to(old)) is None:
                return old
            try:
                await self._bucket.update("wish", new.model_dump_json().encode(), last=revision)
            except KeyWrongLastSequenceError:
                continue
            return new

    async def job(self, id: str) -> JobWish:
        stored = await self._get(f"job.{id}")
        return JobWish() if stored is None else JobWish.model_validate_json(stored)

    async def set_job(self, id: str, wish: JobWish) -> None:
        await self._bucket.put(f"job.{id}", wish.model_dump_json().encode())

    async def heartbeat(self) -> Heartbeat | None:
        stored = await self._get("clock")
        return None if stored is None else TypeAdapter(Heartbeat).validate_json(stored)

    async def beat(self, heartbeat: Heartbeat) -> None:
        await self._bucket.put("clock", heartbeat.model_dump_json().encode())

    async def _get(self, key: str) -> bytes | None:
        try:
            return (await self._bucket.get(key)).value
        except KeyNotFoundError:
            return None
