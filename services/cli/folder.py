"""The folder that holds everything this machine keeps: made where it is missing, and used by one at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.asked import BadRequest


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make and hold the folder: two systems in one would share a log and an account. Raises BadRequest."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as e:
        raise BadRequest(
            f"the data folder {folder} cannot be written ({e.strerror}); choose another with --data-dir"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadRequest(
                f"another upcycle runs in {folder}; stop it, or choose another folder with --data-dir"
            ) from None
        yield folder
