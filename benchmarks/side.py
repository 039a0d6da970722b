"""One side of the comparison: its own server, a process a stage, and a driver that plays cycle after cycle."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from benchmarks import payloads
from services.local.nats_server import NatsServer
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.wire import encode
from shared.clock import monotonic
from shared.events import CycleEnded

_END_S = 10.0
_READY_S = 60.0


@dataclass(frozen=True)
class Kind:
    """name: for the table. module: of its processes. parts: what they add or leave out. sync: of the server."""

    name: str
    module: str
    parts: tuple[str, ...] = ()
    sync: str = "always"


@dataclass
class Side:
    kind: Kind
    start: Callable[[int], Awaitable[object]]  # the n-th cycle, begun once it is awaited
    ended: asyncio.Queue[str]
    ms: list[float] = field(default_factory=list)
    played: int = 0

    async def play(self, cycles: int) -> list[float]:
        """Play cycles one after the other; milliseconds of each, from before its tick is sent to its end heard."""
        took = []
        for _ in range(cycles):
            tick = self.start(self.played)
            began = monotonic()
            await tick
            slot = await asyncio.wait_for(self.ended.get(), _END_S)
            took.append((monotonic() - began) * 1000)
            assert payloads.cycle(self.played).endswith(slot), "an end of another cycle"
            self.played += 1
        return took


@asynccontextmanager
async def side(kind: Kind, folder: Path) -> AsyncIterator[Side]:
    """A side with its processes up and their readers parked."""
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def hear(msg: Msg) -> None:
        ended.put_nowait(msg.subject.rsplit(".", 1)[1])

    with NatsServer(folder / "nats", sync=kind.sync) as server:
        nc = await nats.connect(server.url)
        await topology.apply(nc.jetstream(), Namespace())
        children = [_spawn(kind, name, server.url, folder) for name in payloads.BY_STAGE]
        try:
            for child in children:
                await _ready(child, folder)
            await nc.subscribe(CycleEnded.trunk(), cb=hear)
            await nc.flush()
            async with _driver(kind, nc, server.url) as start:
                yield Side(kind, start, ended)
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait()
            await nc.close()


@asynccontextmanager
async def _driver(kind: Kind, nc: Client, url: str) -> AsyncIterator[Callable[[int], Awaitable[object]]]:
    """What begins a cycle: the event log as the clock uses it, or a bare publish of the same bytes."""
    if kind.module == "bare":
        js = nc.jetstream()
        yield lambda n: js.publish(payloads.due(n).subject, encode(payloads.due(n)))
        return
    broker, log = make_broker(url, name="driver", namespace=Namespace())
    await broker.connect()
    yield lambda n: log.emit(payloads.due(n))
    await broker.stop()


def _spawn(kind: Kind, name: str, url: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{kind.module}", name, url, *kind.parts],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )


async def _ready(child: subprocess.Popen[bytes], folder: Path) -> None:
    assert child.stdout is not None
    line = await asyncio.wait_for(asyncio.to_thread(child.stdout.readline), _READY_S)
    if line.strip() != b"ready":
        raise RuntimeError(f"a process did not start; the last logs are in {folder}")
