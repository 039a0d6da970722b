"""Bugs planted one at a time in a copy of the code, each to be found by a test: `make mutants`; exits 1 if one is not.

MUTANT=3,5 plants those alone, MUTANT="the journal" those whose names hold these words. What to plant stands in
tests/faults/mutants, a file a theme.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from shared.clock import monotonic
from tests.faults.mutants import Mutant, books, clocks, edges, log, orders, panics, switch

MUTANTS: tuple[Mutant, ...] = (
    *orders.MUTANTS, *panics.MUTANTS, *books.MUTANTS, *log.MUTANTS, *clocks.MUTANTS, *switch.MUTANTS, *edges.MUTANTS,
)  # fmt: skip
FOLDERS = ("services", "shared", "infra", "tests", "docs", "benchmarks")
COPIED = (*FOLDERS, "README.md", "README.ko.md", "pyproject.toml", "compose.yaml")
PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "--tb=no",
    "-rfE",
    "-m",
    "slow or not slow",
)
STUCK_S = 300  # a planted bug may let a test wait for ever


def chosen(words: str) -> list[tuple[int, Mutant]]:
    """All of them where nothing is asked for."""
    numbers = {int(word) for word in words.split(",") if word.strip().isdigit()}
    named = words and not numbers
    return [
        (number, mutant)
        for number, mutant in enumerate(MUTANTS, 1)
        if not words or number in numbers or (named and words in mutant.what)
    ]


def planted(root: Path, mutant: Mutant) -> dict[Path, str]:
    """Plant a bug; the files as they were."""
    before = {}
    for name, old, new in mutant.changes:
        file = root / name
        text = file.read_text()
        if text.count(old) != 1:
            raise SystemExit(f"{mutant.what}: {name} no longer holds, once: {old!r}")
        before.setdefault(file, text)
        file.write_text(text.replace(old, new))
    return before


def found_by(root: Path, suites: Iterable[str], *more: str) -> str | None:
    """The first test that fails."""
    env = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [*PYTEST, *(more or ("-n", "0")), *suites]
    try:
        ran = subprocess.run(
            words, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=None if more else STUCK_S
        )
    except subprocess.TimeoutExpired:
        return f"stuck for {STUCK_S} s"
    if not ran.returncode:
        return None
    told = re.search(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.*?)?)(?: - .*)?$", ran.stdout, re.M)
    return told[1] if told else ran.stdout[-300:]


def copies(folder: Path, many: int) -> "Queue[Path]":
    roots: Queue[Path] = Queue()
    for number in range(many):
        root = folder / str(number)
        root.mkdir()
        for name in COPIED:
            copy = shutil.copytree if Path(name).is_dir() else shutil.copy
            copy(name, root / name)
        roots.put(root)
    return roots


def main() -> int:
    words, jobs, began = os.environ.get("MUTANT", ""), os.cpu_count() or 1, monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(jobs) as pool:
        roots = copies(Path(folder), jobs)
        if not words:
            suites = sorted({suite for mutant in MUTANTS for suite in mutant.found_by})
            if broken := found_by(roots.queue[0], suites, "-n", str(jobs)):
                raise SystemExit(f"a test fails as it is: {broken}")

        def one(job: tuple[int, Mutant]) -> str | None:
            number, mutant = job
            root = roots.get()
            try:
                before = planted(root, mutant)
                found = found_by(root, mutant.found_by)
                for file, text in before.items():
                    file.write_text(text)
            finally:
                roots.put(root)
            print(f"{number:3} {mutant.what}: {found or 'FOUND BY NOTHING'}", flush=True)
            return found

        found = list(pool.map(one, chosen(words)))
    print(f"{len(found)} planted, {found.count(None)} found by nothing, {monotonic() - began:.0f} s")
    return 1 if None in found or not found else 0


if __name__ == "__main__":
    sys.exit(main())
