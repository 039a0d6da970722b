"""The journal: one JSON line per entry, on the disk before anything is answered."""

import fcntl
import os
from pathlib import Path

from pydantic import ValidationError

from services.paper.core.journal import ENTRIES, Entry, Moved
from shared.errors import Permanent


class BadJournal(Permanent):
    """The paper account's file cannot be used; the text says why and what to do."""


class JournalFile:
    """Append-only; locked, so that two exchanges never share an account. A torn last line was never answered."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            self.close()
            raise BadJournal(f"{path}: another paper exchange uses this account; stop it or set DATA_DIR") from e

    def read(self) -> list[Entry]:
        """All entries, oldest first; cuts a torn last line off."""
        whole, _, torn = self._path.read_bytes().rpartition(b"\n")
        if torn:
            os.ftruncate(self._file, len(whole) + 1 if whole else 0)
        try:
            return [ENTRIES.validate_json(line) for line in whole.splitlines()]
        except ValidationError as e:
            raise BadJournal(f"{self._path}: this is no journal of a paper account; move the file away") from e

    def append(self, entry: Entry) -> None:
        """A move of the clock need not survive a power cut: whoever moves it does so again."""
        line, before = entry.model_dump_json().encode() + b"\n", os.fstat(self._file).st_size
        if os.write(self._file, line) < len(line):
            os.ftruncate(self._file, before)
            raise BadJournal(f"{self._path}: the disk is full; nothing was taken")
        if not isinstance(entry, Moved):
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)
