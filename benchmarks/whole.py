"""`upcycle cycle` and `upcycle up` as the owner types them: cold start, first cycle, memory."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from services.local.nats_server import free_port
from shared.clock import monotonic

COLD_BAR_S = 5.0
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


def first_cycle() -> str:
    """What `upcycle up` says of its first ended cycle: seconds after the start, memory. Waits for the next minute."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        process = subprocess.Popen(
            [_UPCYCLE, "up", "--port", str(free_port()), "--data-dir", folder],
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
        return said


def _read_until_first(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "first cycle ended" in line:
            return line.strip()
    raise RuntimeError("upcycle up ended no cycle; it said:\n" + "".join(seen[-20:]))


def _env() -> dict[str, str]:
    """This shell's environment without settings of its own, and lines too long to be wrapped."""
    keep = re.compile(r"PATH|HOME|LANG|LC_.*|TMPDIR|VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if keep.fullmatch(name)} | {
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
    }
