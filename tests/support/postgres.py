"""A PostgreSQL of the test's own, where this machine has one installed; or the one that UPCYCLE_TEST_POSTGRES names."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.nats_server import free_port


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None if there is none."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def postgres() -> Iterator[str | None]:
    """The address of a server to fill as one likes; None if there is none."""
    if given := os.environ.get("UPCYCLE_TEST_POSTGRES"):
        yield given
        return
    bin_dir = programs()
    if bin_dir is None or (os.geteuid() == 0 and not _other_user()):
        yield None
        return
    folder, port = Path(tempfile.mkdtemp(prefix="upcycle-pg-")), free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -F"
    try:
        _run(bin_dir / "initdb", "-D", folder / "data", "-A", "trust", "-U", "trader", "-E", "UTF8", "--locale=C")
        _run(bin_dir / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql://trader@127.0.0.1:{port}/postgres"
        _run(bin_dir / "pg_ctl", "-D", folder / "data", "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *args: object) -> None:
    # PostgreSQL refuses to run as root.
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run([program, *args], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", **who)


def _other_user() -> bool:
    return any(user.pw_name == "postgres" for user in pwd.getpwall())
