"""What a run needs of this machine: an engine, free ports, a folder with the project as a stranger gets it."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.settings import API_PORT
from tests.e2e_compose.words import Failed, said

ROOT = Path(__file__).parents[2]
PORTS = {API_PORT: "backend", 9090: "prometheus", 9187: "postgres-exporter", 5432: "postgres", 3001: "grafana"}


def run(target: str, *parts: Callable[[Path], None]) -> None:
    """Run the parts in a fresh clone; a promise that was not kept ends the process with 1 and the words for it."""
    if reason := why_not():
        print(f"SKIPPED: {reason}, so nothing was run; `make {target}` needs Docker Engine 25 and Compose 2.24")
        return
    try:
        ports_must_be_free()
        with clone() as folder:
            for part in parts:
                part(folder)
    except Failed as e:
        sys.exit(f"FAILED: {e}")
    said("everything held")


def why_not() -> str | None:
    """Why no run is possible on this machine."""
    for words, lack in ((["compose", "version"], "docker compose is not installed"), (["info"], "no engine answers")):
        try:
            done = subprocess.run(["docker", *words], capture_output=True, check=False, timeout=30)
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return "docker is not here"
        if done.returncode:
            return lack
    return None


def ports_must_be_free() -> None:
    for port, service in PORTS.items():
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                raise Failed(
                    f"port {port} of {service} is taken: is Upcycle running? `docker compose down` first"
                ) from None


@contextmanager
def clone() -> Iterator[Path]:
    """The project as it was last committed."""
    with tempfile.TemporaryDirectory(prefix="upcycle-e2e-") as folder:
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), f"{folder}/upcycle"], check=True)
        yield Path(folder) / "upcycle"


def init(folder: Path) -> None:
    """`upcycle init`, by the clone's own code."""
    (folder / ".env").unlink(missing_ok=True)
    code = "from services.cli.app import main; main()"
    subprocess.run([sys.executable, "-c", code, "init"], cwd=folder, check=True, capture_output=True)


def example(folder: Path) -> None:
    shutil.copy(folder / ".env.example", folder / ".env")
