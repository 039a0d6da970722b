"""All services on one machine: one process each, started in order, watched, started again, ended together."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import httpx

from services.local.children import tied
from services.local.errors import StartFailed
from services.local.forks import ForkServer, Process
from services.local.last_words import last_words
from services.local.nats_server import NatsServer, free_port
from shared.clock import monotonic
from shared.errors import NEWER
from shared.http_client import direct_client
from shared.services import NAMED
from shared.settings import without_settings

ONE_PROCESS = "upcycle"  # that of all services

_READY_S = 40.0
_STOP_S = 20.0
_LOOK_S = 0.5
_RESTARTS_MAX = 5  # in a row, before the whole system is given up
_STEADY_S = 60.0  # a process that ran that long starts its count anew

_LOG_BYTES, _LOGS_KEPT = 10_000_000, 3


@dataclass
class Child:
    """One service's process."""

    name: str
    port: int
    env: dict[str, str]
    log: Path
    inside: dict[str, dict[str, str]] = field(default_factory=dict)  # the services that run in it, if it is no service
    log_begins: int = 0  # bytes that processes before this one left there
    process: Process | None = None
    started: float = 0.0
    restarts: int = 0
    again_at: float | None = None  # where it has ended and waits to be started again

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def only_watches(self) -> bool:
        return not self.inside and NAMED[self.name].only_watches


def rotate(child: Child, most: int = _LOG_BYTES, kept: int = _LOGS_KEPT) -> None:
    """Put a log that has grown too long aside as `.1`, the older ones as `.2` and so on.

    Its process goes on writing to the same file, so the file is copied and emptied; a line written in that moment
    may be lost.
    """
    if not child.log.exists() or child.log.stat().st_size < most:
        return
    for number in range(kept, 1, -1):
        with contextlib.suppress(FileNotFoundError):
            child.log.with_name(f"{child.log.name}.{number - 1}").replace(f"{child.log}.{number}")
    shutil.copyfile(child.log, f"{child.log}.1")
    os.truncate(child.log, 0)
    child.log_begins = 0


@dataclass
class Supervisor:
    """env: what every service gets. say: told what a person should know, one line each.

    broker: each service gets its own login there; it is watched with them, and they reconnect by themselves.
    settings: those of a service, by its name: no process is given a secret that it does not use.
    forks: where processes come from; None starts each anew, which takes more time and memory.
    """

    env: dict[str, str]
    logs: Path
    say: Callable[[str], None] = lambda _: None
    broker: NatsServer | None = None
    settings: Callable[[str], dict[str, str]] = lambda _: {}
    forks: ForkServer | None = None
    children: dict[str, Child] = field(default_factory=dict)

    async def start(self, *names: str, ports: dict[str, int] | None = None, env: dict[str, str] | None = None) -> None:
        """Start services at once and wait until each is ready. Raises StartFailed."""
        for name in names:
            port = (ports or {}).get(name) or free_port()
            self._begin(Child(name, port, self._given(name, port, env or {}), self.logs / f"{name}.log"))
        async with direct_client(timeout=2) as http:
            await asyncio.gather(*(self._ready(self.children[name], http) for name in names))

    async def start_in_one(self, services: dict[str, dict[str, str]], ports: dict[str, int]) -> None:
        """Start services in one process, in this order, each with more of its own environment. Raises StartFailed."""
        inside = {name: self._given(name, ports.get(name) or free_port(), env) for name, env in services.items()}
        last = next(reversed(inside))
        child = Child(ONE_PROCESS, int(inside[last]["PORT"]), {}, self.logs / f"{ONE_PROCESS}.log", inside)
        self._begin(child)
        async with direct_client(timeout=2) as http:
            await self._ready(child, http)

    def _given(self, name: str, port: int, more: dict[str, str]) -> dict[str, str]:
        """The environment of a service."""
        login = {"NATS_URL": self.broker.url_of(name)} if self.broker else {}
        return {**self.settings(name), **self.env, **login, **more, "PORT": str(port), "HOST": "127.0.0.1"}

    def _begin(self, child: Child) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self.children[child.name] = child
        self._spawn(child)

    def _spawn(self, child: Child) -> None:
        # Only what is given counts: neither a setting of this shell nor a .env of this folder may differ from it.
        environment = without_settings(os.environ) | child.env
        with child.log.open("ab") as out:
            child.log_begins = out.tell()
            child.process = self._process(child, environment, out)
        child.started = monotonic()

    def _process(self, child: Child, environment: dict[str, str], out: BinaryIO) -> Process:
        if self.forks is not None and not child.inside:
            return self.forks.fork(child.name, environment, folder=self.logs, log=child.log)
        module = "services.local.one_process" if child.inside else f"services.{child.name}"
        process = subprocess.Popen(
            tied([sys.executable, "-m", module]),
            env=environment,
            cwd=self.logs,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends the others in order
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as told:  # it may have ended at once
            told.write(json.dumps(child.inside).encode())
        return process

    async def _ready(self, child: Child, http: httpx.AsyncClient) -> None:
        path = "/health" if child.name in ("paper", "backend") else "/ready"
        deadline = monotonic() + _READY_S
        while monotonic() < deadline:
            if child.process is None or child.process.poll() is not None:
                raise StartFailed(f"{child.name} did not start: {self._last_words(child)}")
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(child.url + path)).is_success:
                    return
            await asyncio.sleep(0.05)
        raise StartFailed(f"{child.name} was not ready within {_READY_S:.0f} s: {self._last_words(child)}")

    def _last_words(self, child: Child) -> str:
        with child.log.open("rb") as log:
            log.seek(child.log_begins)
            said = last_words(log.read().decode(errors="replace"))
        return said[:400] or f"it said nothing; its log is {child.log}"

    async def watch(self) -> None:
        """Start again what ended by itself; starting again is the recovery.

        Raises StartFailed when that does not help a process without which nothing can be traded.
        """
        while True:
            await asyncio.sleep(_LOOK_S)
            if self.broker is not None and self.broker.has_ended:
                self.say("the broker ended and is started again")
                self.broker.start()
            for child in list(self.children.values()):
                if child.process is None or (code := child.process.poll()) is None:
                    rotate(child)
                    continue
                if child.again_at is None:
                    self._ended(child, code)
                elif monotonic() >= child.again_at:
                    child.again_at = None
                    self._spawn(child)

    def _ended(self, child: Child, code: int) -> None:
        if code == NEWER and not child.only_watches:  # the next one would meet it again
            raise StartFailed(f"{child.name} ended: {self._last_words(child)}")
        child.restarts = child.restarts + 1 if monotonic() - child.started < _STEADY_S else 1
        child.again_at = monotonic() + 2 ** min(child.restarts, 8) / 4
        if child.restarts <= _RESTARTS_MAX:
            return self.say(f"{child.name} ended with code {code} and is started again ({child.log})")
        told = f"{child.name} ended {child.restarts} times in a row: {self._last_words(child)}"
        if not child.only_watches:
            raise StartFailed(told)
        if child.restarts == _RESTARTS_MAX + 1:
            self.say(f"{told}\ntrading goes on; {child.name} is tried again each minute")
        return None

    async def stop(self, *names: str) -> None:
        """End services at once, each by its own process id; those that were never started are passed over."""
        await asyncio.gather(*(self._stop(self.children.pop(name)) for name in names if name in self.children))

    async def _stop(self, child: Child) -> None:
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(child.process.wait, _STOP_S)
        except subprocess.TimeoutExpired:
            self.say(f"{child.name} did not stop within {_STOP_S:.0f} s and is killed")
            child.process.kill()
            await asyncio.to_thread(child.process.wait)

    def memory_mb(self) -> dict[str, float]:
        """What the machine holds for each process, MB; what several of them share is divided among them (Linux)."""
        pids = {child.name: child.process.pid for child in self.children.values() if child.process}
        pids |= {"command": os.getpid()} | ({"broker": self.broker.pid} if self.broker else {})
        pids |= {"fork server": self.forks.pid} if self.forks else {}
        sizes = {}
        for name, pid in pids.items():
            with contextlib.suppress(OSError):  # it may end while we look
                rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                sizes[name] = next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024
        return sizes
