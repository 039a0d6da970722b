"""Where the system that runs in a data folder can be reached: a small file, there as long as it runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_FILE = "run.json"


class Running(BaseModel):
    """What a newer version says beside is passed over."""

    model_config = ConfigDict(frozen=True, strict=True)

    nats_url: str
    api_port: int
    pid: int = Field(gt=0, lt=1 << 31)
    upbit_base_url: str = ""  # of its exchange
    mode: str = ""
    installation: str = ""


@contextmanager
def announced(
    folder: Path, nats_url: str, api_port: int, upbit_base_url: str = "", *, mode: str = "", installation: str = ""
) -> Iterator[None]:
    """Write the file, and take it away when the block ends."""
    file, draft = folder / _FILE, folder / f"{_FILE}.new"
    here = Running(
        nats_url=nats_url,
        api_port=api_port,
        pid=os.getpid(),
        upbit_base_url=upbit_base_url,
        mode=mode,
        installation=installation,
    )
    draft.touch(mode=0o600)  # the broker's address holds the owner's password
    draft.write_text(here.model_dump_json())
    draft.replace(file)  # never half written
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running(folder: Path) -> Running | None:
    """What runs there; None if nothing does, even where a killed one left its file."""
    try:
        found = Running.model_validate_json((folder / _FILE).read_bytes())
        os.kill(found.pid, 0)
    except (OSError, ValueError):
        return None
    return found
