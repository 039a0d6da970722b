"""What outlives every process of an order's path, and processes that die at the point they are told.

A point is a place where kill -9 makes a difference: before and after every call of a port, and before, in the middle
of and after every write of the journal. Time passes only by waiting (`Instant`), so a run is the same each time.
"""

import asyncio
import os
import selectors
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from services.executor.adapters import journal as journals
from services.executor.adapters.journal import Journal
from services.replay.memory_log import MemoryLog
from shared.events import ControlGiven, Event, OrderIntended
from shared.reach import Reach
from shared.settings import Settings
from shared.switch import Command, DesiredState, Given, SwitchState, state
from tests.support.account_exchange import AccountExchange
from tests.support.builders import AT

OPENING = Decimal(1_000_000)
SEND_WITHIN_S, STOPPED_S = 5.0, 100.0
NOW: ContextVar["Process | None"] = ContextVar("process", default=None)  # whose code runs


class Died(BaseException):
    """The process is gone; no handler of errors can do anything about it."""


@dataclass
class Fate:
    """Counts the points of a whole story, over all its processes, and kills or stops at some of them."""

    kills: Collection[int] = ()
    stops: Collection[int] = ()  # as a laptop's sleep does: the process goes on much later
    passed: list[str] = field(default_factory=list)


class Process:
    def __init__(self, name: str, fate: Fate) -> None:
        self.name, self.fate, self.dead = name, fate, False

    def point(self, what: str) -> None:
        if not self.dead:
            self.fate.passed.append(f"{self.name}: {what}")
            self.dead = len(self.fate.passed) in self.fate.kills
        if self.dead:
            raise Died(what)

    async def stopping(self, what: str) -> None:
        self.point(what)
        if len(self.fate.passed) in self.fate.stops:
            await asyncio.sleep(STOPPED_S)

    def port(self, port: Any, name: str) -> Any:
        return Port(port, name, self)

    async def lives(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it got to the end of its work."""

        async def alive() -> None:
            NOW.set(self)
            await work()

        try:
            await asyncio.ensure_future(alive())
        except Died:
            return False
        return not self.dead


class Port:
    """Any port: each call passes a point before it happens and one after."""

    def __init__(self, port: Any, name: str, process: Process) -> None:
        self._port, self._name, self._process = port, name, process

    def __getattr__(self, called: str) -> Any:
        call = getattr(self._port, called)
        if not asyncio.iscoroutinefunction(call):
            return call

        async def between(*args: Any, **how: Any) -> Any:
            kind = f" {args[0].kind}" if args and isinstance(args[0], Event) else ""
            what = f"{self._name}.{called}{kind}"
            await self._process.stopping(f"before {what}")
            answer = await call(*args, **how)
            await asyncio.sleep(0)  # others go on meanwhile
            await self._process.stopping(f"after {what}")
            return answer

        return between


@contextmanager
def journals_tear() -> Iterator[None]:
    """Let every journal pass points while it writes. A kill loses nothing the system has, so it need not sync."""

    def put(self: Journal, file: int, body: bytes) -> None:
        point = getattr(NOW.get(), "point", lambda _: None)
        point("before journal.write")
        os.write(file, body[: len(body) // 2])
        point("in the middle of journal.write")
        os.write(file, body[len(body) // 2 :])
        point("after journal.write")

    with patch.object(Journal, "_put", put), patch.object(Journal, "_sync_folder", lambda _: None):
        yield


@contextmanager
def journals_are_short() -> Iterator[None]:
    """Write the journal anew at every line."""
    with patch.object(journals, "_LONGEST", 0):
        yield


class Instant(asyncio.SelectorEventLoop):
    """Waiting costs nothing: where all wait, the time moves on."""

    def __init__(self) -> None:
        self.at = 0.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.at


class _Jump(selectors.SelectSelector):
    def __init__(self, loop: Instant) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for ever")
        self._loop.at += max(timeout, 0)
        return super().select(0)


class Pace:
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Log(MemoryLog):
    """Keeps when an intent was asked for; slow_s: how long it takes to say that one is stored."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_at: dict[str, float] = {}
        self.slow_s = 0.0

    def now(self) -> datetime:
        return AT

    @property
    def memory(self) -> Any:
        """How far a process has seen the log: here always to its end."""
        return SimpleNamespace(reach=Reach(last=len(self.lines)))

    async def emit(self, event: Event, *, after: int = 0) -> Any:
        if isinstance(event, OrderIntended):
            self.asked_at.setdefault(event.client_order_id, Pace().now())
            stored = await super().emit(event, after=after)
            await asyncio.sleep(self.slow_s)
            return stored
        return await super().emit(event, after=after)

    def copy(self) -> "Log":
        twin = Log()
        twin.lines, twin._at = list(self.lines), dict(self._at)
        for name in ("_slots", "_kinds"):
            getattr(twin, name).update({key: list(lines) for key, lines in getattr(self, name).items()})
        return twin


class Commands:
    """The owner's commands in the log."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def commands(self) -> dict[Command, Given]:
        return self.given()

    def given(self) -> dict[Command, Given]:
        told = ((line.seq, line.event) for line in self._log.lines)
        return {given.command: Given(seq, given.by, given.at) for seq, given in told if isinstance(given, ControlGiven)}

    async def end(self) -> int:
        return max((given.seq for given in self.given().values()), default=0)


class Wished:
    """The owner's switch."""

    def __init__(self, log: MemoryLog) -> None:
        self.said, self.log = DesiredState(), Commands(log)

    def resolved(self) -> SwitchState:
        return state(self.said, self.log.given())

    async def state(self) -> SwitchState:
        return self.resolved()

    async def change(self, to: Callable[[DesiredState], DesiredState | None]) -> DesiredState:
        self.said = to(self.said) or self.said
        return self.said


@dataclass
class Machine:
    """again_s: how long after a death the message is delivered again."""

    folder: Path
    fate: Fate = field(default_factory=Fate)
    log: Log = field(default_factory=Log)
    exchange: AccountExchange = field(default_factory=lambda: AccountExchange(OPENING))
    wished: Wished = field(init=False)
    acknowledged: set[int] = field(default_factory=set)
    again_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exchange.on_order, self.wished = self._may_it_leave, Wished(self.log)

    @property
    def settings(self) -> Settings:
        return _settings().model_copy(update={"data_dir": self.folder})

    @property
    def settings_elsewhere(self) -> Settings:
        return _settings().model_copy(update={"data_dir": self.folder / "elsewhere"})

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "executor")

    @property
    def journals(self) -> list[Journal]:
        """This machine's, and that of another one where there was a panic."""
        return [self.journal, *(Journal(folder) for folder in self.folder.glob("elsewhere/executor"))]

    def copy(self, folder: Path, fate: Fate) -> "Machine":
        (folder / "executor").mkdir(parents=True)
        (folder / "executor" / "journal.lock").touch()
        if self.journal.path.exists():
            (folder / "executor" / "journal.jsonl").write_bytes(self.journal.path.read_bytes())
        self.exchange.on_order = lambda _: None
        exchange = deepcopy(self.exchange)
        return Machine(folder, fate, self.log.copy(), exchange, set(self.acknowledged))

    def _may_it_leave(self, name: str) -> None:
        """An order leaves behind its intent: in the log, and soon; or in the journal, a panic's."""
        kept = (order.intent for journal in self.journals for order in journal.read().open.values())
        if not any(intent and intent.client_order_id == name for intent in kept):
            self.wrong.append(f"{name} left without an intent in the journal")
        if name.endswith("-panic"):
            return
        asked_at = self.log.asked_at.get(name)
        if asked_at is None:
            self.wrong.append(f"{name} left without an intent in the log")
        elif (late_s := Pace().now() - asked_at) >= SEND_WITHIN_S:
            self.wrong.append(f"{name} left {late_s:.1f} s after its intent")


@cache
def _settings() -> Settings:
    return Settings.load(trading_symbol="KRW-ETH,KRW-BTC", order_lookup_s=5, exit_stop_loss=0.05)
