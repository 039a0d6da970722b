"""Processes that a test starts, and what is left of them: found by the folder they were given (Linux)."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from services.local.nats_server import free_port
from shared.services import NAMED
from shared.settings import LiveKeys, Settings
from tests.support.waiting import eventually

UPCYCLE = [sys.executable, "-c", "from services.cli.app import main; main()"]
ROOT = Path(__file__).parents[2]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def environment(**settings: str) -> dict[str, str]:
    """This machine's environment without any setting of ours but the given ones."""
    ours = {name.upper() for name in (*Settings.model_fields, *LiveKeys.model_fields)}
    return {k: v for k, v in os.environ.items() if k.upper() not in ours} | {"PYTHONPATH": str(ROOT)} | settings


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process that names the folder in its arguments or environment or runs there, with its arguments.

    Of a forked service its arguments are given as if it had been started by itself.
    """
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            arguments = (entry / "cmdline").read_bytes()
            place = os.fsencode((entry / "cwd").readlink())  # a forked one runs among its logs
            if str(folder).encode() in arguments + (entry / "environ").read_bytes() + place:
                name = (entry / "comm").read_text().strip()
                words = ["python", "-m", f"services.{name}"] if name in NAMED else arguments.decode().split("\0")
                found[int(entry.name)] = " ".join(words).strip()
    return found


def environment_of(pid: int, *names: str) -> dict[str, str]:
    """What a service's process finds in its environment under these names, where it finds anything.

    A forked process has no environment that the kernel shows: it is read where the C library keeps it, on the heap.
    """
    place = Path(f"/proc/{pid}")
    heap = next(line.split()[0] for line in (place / "maps").read_text().splitlines() if line.endswith("[heap]"))
    first, last = (int(end, 16) for end in heap.split("-"))
    with (place / "mem").open("rb") as memory:
        memory.seek(first)
        held = memory.read(last - first) + (place / "environ").read_bytes()
    found = {}
    for name in names:
        at = -1
        while (at := held.find(f"{name}=".encode(), at + 1)) >= 0:
            value = held[at + len(name) + 1 : held.find(b"\0", at)]
            if not held[at - 1 : at].isalnum() and held[at - 1 : at] != b"_" and value:
                found[name] = value.decode(errors="replace")
                break
    return found


def end_all(folder: Path) -> None:
    """Kill what a failed test left behind, each by its own id."""
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Up:
    """`upcycle up` in a folder, its API on a port and its page on another."""

    def __init__(self, folder: Path, port: int, *options: str, **settings: str) -> None:
        self.folder, self.port = folder, port
        self.page_port = free_port()
        self.output = folder.with_name(f"{folder.name}.out")
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*UPCYCLE, "up", *options, f"--data-dir={folder}", f"--port={port}", f"--page-port={self.page_port}"],
                env=environment(**settings),
                cwd=folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.output.read_text()

    async def ready(self) -> "Up":
        def stands() -> bool:
            assert self.process.poll() is None, self.said
            return "Ctrl-C stops" in self.said

        await eventually(stands, within_s=120)
        return self

    def pid_of(self, service: str) -> int:
        (pid,) = (p for p, what in processes_of(self.folder).items() if what.endswith(f"-m services.{service}"))
        return pid

    def port_of(self, service: str) -> int:
        return int(environment_of(self.pid_of(service), "PORT")["PORT"])

    async def ended(self, sent: signal.Signals) -> int:
        """Send a signal, wait for the end, and give the exit code."""
        self.process.send_signal(sent)
        await eventually(lambda: self.process.poll() is not None)
        return self.process.returncode

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.api + path, timeout=30)

    def post(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.post(self.api + path, headers=headers, timeout=30)
