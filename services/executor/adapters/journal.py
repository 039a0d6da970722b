"""The executor's journal on this machine's disk: one JSON line a step, there before the step is taken.

Shared by the executors and panics of a machine; whoever writes holds the lock for as long as that takes. A torn last
line was never acted on.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from services.executor.core.journal_lines import LINES, Line
from services.executor.core.journal_state import JournalState, read
from shared.bus.wire import newer
from shared.errors import Newer, Permanent, Transient

_LONGEST = 200  # lines; then it is written anew, as short as it can be said


class BadJournal(Permanent):
    """The journal cannot be used; the text says why and what to do."""


class PanicRuns(Transient):
    """Another process is in the middle of a panic here."""


class Journal:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.jsonl"
        self._lock, self._panic = folder / "journal.lock", folder / "panic.lock"

    def has_been_used(self) -> bool:
        """Whether an executor or a panic has ever looked into it: its folder is none where neither ever ran."""
        return self._lock.exists() or self.path.exists()

    def read(self) -> JournalState:
        with self._locked(self._lock):
            return self._read()[0]

    def write(self, *lines: Line, if_: Callable[[JournalState], bool] = lambda _: True) -> bool:
        """Append lines and see them on the disk, where what is kept allows it; whether it did."""
        return self.change(lambda state: lines if if_(state) else ())

    def change(self, lines_of: Callable[[JournalState], tuple[Line, ...]]) -> bool:
        """The same for lines that hang on what is kept; whether there were any."""
        with self._locked(self._lock):
            state, length = self._read()
            if not (lines := lines_of(state)):
                return False
            for line in lines:
                state.add(line)
            if length + len(lines) > _LONGEST:
                self._replace(state)
            else:
                self._append(lines)
            return True

    @contextmanager
    def panic(self) -> Iterator[None]:
        """Be the only panic on this machine. Raises PanicRuns."""
        with self._locked(self._panic, wait=False):
            yield

    def _read(self) -> tuple[JournalState, int]:
        """What the whole lines say, and how many they are."""
        try:
            whole = self.path.read_bytes().rpartition(b"\n")[0].splitlines() if self.path.exists() else []
            return read(map(_line, whole)), len(whole)
        except OSError as e:
            raise BadJournal(f"{self.path} cannot be read: {e.strerror}") from e
        except ValidationError as e:
            raise BadJournal(
                f"{self.path}: this is no journal of an executor; move the file away, and look with upcycle adopt for "
                "what a panic without the log has done: the log has the rest"
            ) from e
        except Newer as e:
            raise Newer(f"{self.path}: {e}") from e

    def _append(self, lines: tuple[Line, ...]) -> None:
        body = b"".join(line.model_dump_json().encode() + b"\n" for line in lines)
        with self._open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
            size = os.fstat(file).st_size
            whole = os.pread(file, size, 0).rfind(b"\n") + 1
            os.ftruncate(file, whole)
            self._put(file, body)
        if not size:
            self._sync_folder()

    def _replace(self, state: JournalState) -> None:
        new_file = self.path.with_suffix(".new")
        with self._open(new_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            self._put(file, b"".join(line.model_dump_json().encode() + b"\n" for line in state.lines()))
        new_file.replace(self.path)
        self._sync_folder()

    def _put(self, file: int, body: bytes) -> None:
        try:
            if os.write(file, body) < len(body):
                raise BadJournal(f"{self.path}: the disk is full")
            os.fsync(file)
        except OSError as e:
            raise BadJournal(f"{self.path} cannot be written: {e.strerror}") from e

    def _sync_folder(self) -> None:
        with self._open(self.path.parent, os.O_RDONLY) as folder:
            os.fsync(folder)

    @contextmanager
    def _open(self, path: Path, flags: int) -> Iterator[int]:
        try:
            file = os.open(path, flags, 0o600)
        except OSError as e:
            raise BadJournal(f"{path} cannot be opened: {e.strerror}") from e
        try:
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _locked(self, path: Path, *, wait: bool = True) -> Iterator[None]:
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise BadJournal(f"{path.parent} cannot be made: {e.strerror}") from e
        with self._open(path, os.O_RDWR | os.O_CREAT) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as e:
                raise PanicRuns("another panic runs on this machine; wait until it has ended") from e
            yield


@lru_cache(2 * _LONGEST)  # a journal is read before each step, and its lines never change
def _line(body: bytes) -> Line:
    """Raises Newer where a newer version wrote it: its positions would be read wrongly."""
    if what := newer(body):
        raise Newer(what)
    return LINES.validate_json(body)
