"""A PostgreSQL of the tests' own, from the `pgserver` wheel; or the one that UPCYCLE_TEST_POSTGRES names."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from services.local.nats_server import free_port

_names = itertools.count(1)


class PostgresServer:
    """A server on a port of its own, to be stopped and started again. folder: everything it has; taken away later."""

    def __init__(self, folder: Path, *, sync: bool = False) -> None:
        self._folder, self._port = folder, free_port()
        self._who = _unprivileged()
        self._programs = _programs(folder, self._who)
        self._options = f"-p {self._port} -c listen_addresses=127.0.0.1 -k {folder}" + ("" if sync else " -F")
        self.url = f"postgresql://trader@127.0.0.1:{self._port}/postgres"
        words = ("-A", "trust", "-U", "trader", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", folder / "data", *words)

    def start(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-l", self._folder / "log", "-o", self._options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *args: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server keeps what it is given; a pipe would never end
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **self._who,
        )
        if done.returncode:
            said = self._folder / "log"
            raise RuntimeError(f"{program} failed: {said.read_text() if said.exists() else 'no log was written'}")


@contextmanager
def postgres(*, sync: bool = False) -> Iterator[str]:
    """The address of a server to fill as one likes. sync: every commit reaches the disk."""
    if given := os.environ.get("UPCYCLE_TEST_POSTGRES"):
        yield given
        return
    with own_server(sync=sync) as server:
        yield server.url


@contextmanager
def own_server(*, sync: bool = False) -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="upcycle-pg-"))
    try:
        server = PostgresServer(folder, sync=sync)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str, *, like: str = "template1") -> Iterator[str]:
    """The address of a database on a server, as the owner would write it: empty, or a copy of another one there."""
    name = f"upcycle_test_{os.getpid()}_{next(_names)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template {like} strategy file_copy"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


def _programs(folder: Path, who: dict[str, object]) -> Path:
    """The folder of initdb and pg_ctl. For another user a copy: ours may lie where he may not enter."""
    wheel = find_spec("pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("the tests need the wheel pgserver: make setup")
    packages = Path(wheel.origin).parent.parent
    if not who:
        return packages / "pgserver" / "pginstall" / "bin"
    for part in ("pgserver/pginstall", "pgserver.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, folder / "programs" / part)
    for way in (folder / "programs", folder / "programs" / "pgserver"):
        way.chmod(0o755)  # whatever this shell's umask
    shutil.chown(folder, who["user"], who["group"])
    return folder / "programs" / "pgserver" / "pginstall" / "bin"


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then it runs as nobody, who is everywhere."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
