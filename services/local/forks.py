"""The fork server as its user sees it: a process of a service for the asking (Linux)."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from services.local.children import tied
from shared.clock import monotonic
from shared.settings import without_settings

_LOOK_S = 0.05


class Process(Protocol):
    """What is needed of subprocess.Popen, and given by a fork, too."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Forked:
    """A forked process. line: where the server says its id, and its code when it has ended."""

    line: socket.socket
    returncode: int | None = None
    _said: list[int] = field(default_factory=list)
    _unread: bytes = b""
    _is_over: bool = False

    @property
    def pid(self) -> int:
        """Waits while the server still loads. Raises ProcessLookupError where it ended before it could fork."""
        while not self._said and not self._is_over:
            self._read(None)
        if not self._said:
            raise ProcessLookupError("the fork server ended before it had forked")
        return self._said[0]

    def poll(self) -> int | None:
        while self.returncode is None and self._read(0):
            pass
        if self._is_over and self.returncode is None and not self._lives():
            self.returncode = -signal.SIGTERM  # the kernel ended it with its server
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and monotonic() > deadline:
                raise subprocess.TimeoutExpired("a service", timeout or 0)
            self._read(_LOOK_S)
        return code

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _lives(self) -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False

    def _read(self, within_s: float | None) -> bool:
        """Whether anything was said."""
        if self._is_over or not select.select([self.line], [], [], within_s)[0]:
            return False
        try:
            heard = self.line.recv(64)
        except ConnectionError:
            heard = b""
        if not heard:
            self._is_over = True
            self.line.close()
            return False
        *lines, self._unread = (self._unread + heard).split(b"\n")
        self._said += [int(line) for line in lines]
        if len(self._said) > 1:
            self.returncode = self._said[1]
            self.line.close()
            self._is_over = True
        return True


class ForkServer:
    """Begins to load on entering; forks in the order in which it is asked, once it has loaded. Ends on leaving."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def fork(self, service: str, environment: dict[str, str], *, folder: Path, log: Path) -> Forked:
        """A service's process. An ended server is started anew first."""
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._start()
        mine, its = socket.socketpair()
        with its:
            try:
                self._hand_over(its)
            except OSError:  # it ended a moment ago
                self._start()
                self._hand_over(its)
        wanted = {"service": service, "environment": environment, "folder": str(folder), "log": str(log)}
        mine.sendall(json.dumps(wanted).encode() + b"\n")
        return Forked(mine)

    def _hand_over(self, line: socket.socket) -> None:
        assert self._control is not None
        socket.send_fds(self._control, [b"f"], [line.fileno()])

    def _start(self) -> None:
        self._stop()
        self._control, its = socket.socketpair()
        with its:
            self._process = subprocess.Popen(
                tied([sys.executable, "-m", "services.local.fork_server", str(its.fileno())]),
                env=without_settings(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                start_new_session=True,
            )

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()  # it ends when nobody can ask any more
        if self._process is not None:
            self._process.wait()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()
