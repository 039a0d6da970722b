"""Every benchmark, one after the other, each a process of its own: `make bench`; 1 if a bar is missed or one breaks.

What they find goes into latest.json, of which `python -m infra` makes the README's table. ONLY=cycle,replay runs these
again; the others' figures keep the date and the commit they have. What was skipped or broke keeps no older figure.
"""

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.figures import FILE, Found, Latest, Machine, Run, read, write
from benchmarks.run import FOUND_FILE
from shared.clock import SystemClock, monotonic

ROOT = Path(__file__).parents[1]
# The short ones first.
BENCHMARKS = ("cycle", "prompt", "replay", "filter", "alarms", "paper", "why", "whole", "analyst", "books", "chain")
_MADE = (":!benchmarks/latest.json", ":!README.md", ":!README.ko.md")  # by this very run


def chosen(only: str) -> tuple[str, ...]:
    """Raises ValueError for a name that is no benchmark's."""
    names = {name.strip() for name in only.split(",") if name.strip()}
    if unknown := names - set(BENCHMARKS):
        raise ValueError(f"ONLY: no benchmark is {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return tuple(name for name in BENCHMARKS if name in names or not names)


def played(module: str) -> Found:
    """Run a module that ends by benchmarks.run; one that breaks has found nothing."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "found.json"
        command = [sys.executable, "-m", module]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, FOUND_FILE: str(file)}, check=False)
        if not file.exists():
            return Found(why_not=f"it broke, exit code {ended.returncode}", is_broken=True)
        return Found.model_validate_json(file.read_bytes())


def renewed(
    latest: Latest,
    names: Sequence[str],
    play: Callable[[str], Found],
    save: Callable[[Latest], object],
) -> Latest:
    """latest with these measured anew, written after each; without those that are no benchmark any more."""
    latest = {name: run for name, run in latest.items() if name in BENCHMARKS}
    commit, changes, this = _git("rev-parse", "--short=10", "HEAD"), _git("status", "--porcelain", *_MADE), machine()
    for name in names:
        print(f"\n=== {name}", flush=True)
        at, began = SystemClock().now(), monotonic()
        found = play(f"benchmarks.{name}")
        seconds = round(monotonic() - began, 1)
        latest[name] = Run(at=at, commit=commit, is_clean=not changes, machine=this, seconds=seconds, found=found)
        save({each: latest[each] for each in BENCHMARKS if each in latest})
    return latest


def machine() -> Machine:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cpu=_cpu(), cores=os.cpu_count() or 1, memory_gb=round(memory / 1e9, 1), python=platform.python_version()
    )


def _cpu() -> str:
    """Its model (Linux), or what Python knows of it."""
    info = Path("/proc/cpuinfo")
    rows = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _git(*words: str) -> str:
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # a tree that was unpacked
        return "unknown"


def main() -> int:
    try:
        names = chosen(os.environ.get("ONLY", ""))
    except ValueError as e:
        print(e)
        return 2
    latest = renewed(read(), names, played, write)
    print()
    for name in names:
        print(told(name, latest[name].found))
    print(f"written: {FILE.relative_to(ROOT)}")
    return 1 if any(run.found.missed or run.found.is_broken for run in (latest[name] for name in names)) else 0


def told(name: str, found: Found) -> str:
    what = found.why_not or (f"BEYOND THE BAR: {'; '.join(found.missed)}" if found.missed else "within the bars")
    return f"{name:<9} {what}{f'; {found.noise}' if found.missed else ''}"


if __name__ == "__main__":
    sys.exit(main())
