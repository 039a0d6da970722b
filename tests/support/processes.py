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
    """Every living process that names the folder in its arguments or environment, with its arguments."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            arguments = (entry / "cmdline").read_bytes()
            if str(folder).encode() in arguments + (entry / "environ").read_bytes():
                found[int(entry.name)] = arguments.replace(b"\0", b" ").decode().strip()
    return found


def end_all(folder: Path) -> None:
    """Kill what a failed test left behind, each by its own id."""
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Up:
    """`upcycle up` in a folder, its API on a port and its page on another."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.folder, self.port = folder, port
        self.page_port = free_port()
        self.output = folder.with_name(f"{folder.name}.out")
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*UPCYCLE, "up", "--data-dir", str(folder), "--port", str(port), "--page-port", str(self.page_port)],
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
        settings = (Path("/proc") / str(self.pid_of(service)) / "environ").read_bytes().split(b"\0")
        return int(next(line.removeprefix(b"PORT=") for line in settings if line.startswith(b"PORT=")))

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
