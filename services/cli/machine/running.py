"""Where the system that runs in a data folder can be reached: a small file, there as long as it runs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "run.json"


@dataclass(frozen=True)
class Running:
    nats_url: str
    api_port: int
    pid: int
    upbit_base_url: str = ""  # of its exchange
    mode: str = ""
    installation: str = ""


@contextmanager
def announced(
    folder: Path, nats_url: str, api_port: int, upbit_base_url: str = "", *, mode: str = "", installation: str = ""
) -> Iterator[None]:
    """Write the file, and take it away when the block ends."""
    file, draft = folder / _FILE, folder / f"{_FILE}.new"
    here = Running(nats_url, api_port, os.getpid(), upbit_base_url, mode, installation)
    draft.touch(mode=0o600)  # the broker's address holds the owner's password
    draft.write_text(json.dumps(asdict(here)))
    draft.replace(file)  # never half written
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running(folder: Path) -> Running | None:
    """What runs there; None if nothing does, even where a killed one left its file."""
    try:
        found = Running(**json.loads((folder / _FILE).read_text()))
        os.kill(found.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return found
