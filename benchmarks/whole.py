"""`upcycle cycle` and `upcycle up` as the owner types them: cold start, first cycle, memory: `make bench-whole`.

The megabytes are those that `up` itself tells: the PSS of all its processes, broker and command among them.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.figures import Figure, Found
from benchmarks.run import run
from services.local.nats_server import free_port
from shared.clock import monotonic

COLD_BAR_S, READY_BAR_S, FIRST_BAR_S = 5.0, 4.0, 6.0
BARS_MB = {"up": 600.0, "up --one-process": 250.0}
_FIRST_CYCLE_S = 150.0
_STOP_S = 40.0
_UPCYCLE = str(Path(sys.executable).with_name("upcycle"))


def cold_cycle_s() -> float:
    """Seconds of one `upcycle cycle --json`, from typing it to its result read."""
    began = monotonic()
    done = subprocess.run([_UPCYCLE, "cycle", "--json"], capture_output=True, check=True, env=_env(), timeout=60)
    took = monotonic() - began
    assert json.loads(done.stdout)["status"] == "success"
    return took


def first_cycle(command: str) -> tuple[Figure, ...]:
    """What `up` says of its start and its first ended cycle. A minute's slot is in time for one: it starts at once."""
    ports = ("--port", str(free_port()), "--page-port", str(free_port()))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        process = subprocess.Popen(
            [_UPCYCLE, *command.split(), *ports, "--data-dir", folder],
            env=_env() | {"SCHEDULER_INTERVAL_MINUTES": "1"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        timer = threading.Timer(_FIRST_CYCLE_S, process.send_signal, (signal.SIGINT,))
        timer.start()
        try:
            said = _read_until_first(process)
        finally:
            timer.cancel()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_STOP_S)
        ready, first, megabytes, processes = _figures(said)
        return (
            Figure(name=f"{command}, ready", value=ready, unit="s", bar=READY_BAR_S),
            Figure(name=f"{command}, first cycle ended", value=first, unit="s", bar=FIRST_BAR_S),
            Figure(name=f"{command}, memory", value=megabytes, unit="MB", bar=BARS_MB[command]),
            Figure(name=f"{command}, processes", value=processes, unit="processes"),
        )


def _figures(said: str) -> tuple[float, ...]:
    found = re.search(r"ready after ([\d.]+) s.*ended ([\d.]+) s after the start, (\d+) MB in (\d+) proc", said, re.S)
    if found is None:
        raise RuntimeError(f"upcycle up told no figures; it said:\n{said[-2000:]}")
    return tuple(map(float, found.groups()))


def _read_until_first(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "first cycle ended" in line:
            return "".join(seen)
    raise RuntimeError("upcycle up ended no cycle; it said:\n" + "".join(seen[-20:]))


def _env() -> dict[str, str]:
    """This shell's environment without settings of its own, and lines too long to be wrapped."""
    keep = re.compile(r"PATH|HOME|LANG|LC_.*|TMPDIR|VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if keep.fullmatch(name)} | {
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
    }


def find() -> Found:
    cold = Figure(name="cycle --json, cold to result", value=cold_cycle_s(), unit="s", bar=COLD_BAR_S)
    return Found(figures=(cold, *(figure for command in BARS_MB for figure in first_cycle(command))))


if __name__ == "__main__":
    run(find)
