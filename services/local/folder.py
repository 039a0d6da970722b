"""The folder that holds everything this machine keeps: made where it is missing, and used by one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import BadRequest


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make and hold the folder, for its owner's eyes alone. Raises BadRequest.

    Two systems in one would share a log and an account.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _close_to_others(folder)
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


def _close_to_others(folder: Path) -> None:
    """Take every right from group and others; a folder that is closed already has been through this."""
    if not folder.stat().st_mode & 0o077:
        return
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
    folder.chmod(0o700)


def keep_apart(folder: Path, mode: str) -> None:
    """Let a folder be of paper or of real money for good: its log, positions and history are. Raises BadRequest."""
    if must_belong(folder, mode) is None or not (folder / "mode").exists():
        (folder / "mode").write_text(mode)


def must_belong(folder: Path, mode: str) -> str | None:
    """Say whose a folder is; None of one that is nobody's yet. Raises BadRequest where it is of the other mode."""
    file = folder / "mode"
    if not file.exists() and not (folder / "nats").exists():
        return None
    belongs = (
        file.read_text(errors="replace").strip() if file.exists() else "paper"
    )  # before there was such a file there was no other
    if belongs != mode:
        raise BadRequest(
            f"TRADING_MODE={mode}: the data folder {folder} belongs to {belongs} trading, and so do its event log and "
            "its positions; choose another folder with --data-dir"
        )
    return belongs
