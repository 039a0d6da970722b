"""The owner's commands as they stand in the log: the last of each name."""

import asyncio
from typing import Protocol

from nats.aio.client import Client

from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway, Message, NoStream, Stream
from shared.bus.wire import Unreadable
from shared.events import ControlGiven
from shared.events.control import ANY_CONTROL
from shared.stored import Stored
from shared.switch import COMMANDS, Command, Commands, Given

SETS_GOING: tuple[Command, ...] = ("start", "resume", "exits-only")
NOT_READ = "somebody: the command cannot be read"


class Loading(Protocol):
    async def load(self, subject: str) -> Stored | None: ...


async def set_going_since(log: Loading, seq: int) -> Command | None:
    """The command behind a place in the log that lets orders out again; one that nobody can read sets nothing going."""
    for command in SETS_GOING:
        try:
            given = await log.load(ControlGiven.SUBJECT.format(command=command, id="*"))
        except Unreadable:
            continue
        if given is not None and given.seq > seq:
            return command
    return None


class ControlLog:
    """Raises BrokerAway; also where the stream is not there, as of a broker that is just starting."""

    def __init__(self, connection: Client, namespace: Namespace) -> None:
        self._stream = Stream(connection, namespace, namespace.events)

    async def commands(self) -> Commands:
        found = await asyncio.gather(*map(self._given, COMMANDS))
        return {name: given for name, given in zip(COMMANDS, found, strict=True) if given is not None}

    async def end(self) -> int:
        """The place of the last command in the log, those for single jobs among them; 0 where there is none."""
        message = await self._last(ANY_CONTROL)
        return 0 if message is None else message.seq

    async def _given(self, name: Command) -> Given | None:
        """One that nobody can read still stops, pauses or halts buys, by where it lies; it sets nothing going."""
        message = await self._last(ControlGiven.SUBJECT.format(command=name, id="*"))
        if message is None:
            return None
        try:
            event = message.event()
        except Unreadable:
            return Given(message.seq, NOT_READ, None) if name in ("stop", "pause", "exits-only") else None
        return Given(message.seq, event.by, event.at) if isinstance(event, ControlGiven) else None

    async def _last(self, place: str) -> Message | None:
        try:
            return await self._stream.last(place)
        except NoStream as e:
            raise BrokerAway(f"the log does not tell the owner's commands: {e}") from e
