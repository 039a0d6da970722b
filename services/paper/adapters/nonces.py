"""The nonces a key has used, in two small files, so that a restart does not make a used one good again."""

import os
from pathlib import Path

KEPT = 100_000  # at least so many are remembered, at most twice as many; older ones may come again


class NonceFiles:
    """Appended without waiting for the disk: it survives the death of the process, not a power cut."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._old_path, self._path = folder / "nonces.old", folder / "nonces"
        self._old, self._new = _read(self._old_path), _read(self._path)
        self._file = self._open()

    def spend(self, nonce: str) -> bool:
        if nonce in self._new or nonce in self._old:
            return False
        if len(self._new) >= KEPT:
            self._turn()
        self._new.add(nonce)
        os.write(self._file, nonce.encode() + b"\n")
        return True

    def close(self) -> None:
        os.close(self._file)

    def _turn(self) -> None:
        os.close(self._file)
        os.replace(self._path, self._old_path)
        self._old, self._new = self._new, set()
        self._file = self._open()

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _read(path: Path) -> set[str]:
    return set(path.read_bytes().decode(errors="replace").splitlines()) if path.exists() else set()
