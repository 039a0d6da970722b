"""Why a service ended, out of its log, in one line (pure)."""

import json
import re
from typing import Any

_SAYS_NOTHING = "Application startup failed. Exiting."
_MODULES = re.compile(r"^(?:\w+\.)+(?=\w+: )")  # shared.stage.NotReady: … -> NotReady: …


def last_words(log: str) -> str:
    """The last error, else the last line; "" for an empty log.

    log: lines of JSON, among them bare ones: a sentence of a process that would not start, a traceback.
    """
    lines = [_read(line) for line in log.splitlines() if line.strip()]
    errors = [said for is_error, said in lines if is_error and said and said != _SAYS_NOTHING]
    return (errors or [said for _, said in lines] or [""])[-1]


def _read(line: str) -> tuple[bool, str]:
    """Whether a line speaks of an error, and what it comes to."""
    try:
        told: Any = json.loads(line)
    except ValueError:
        return True, _end_of(line)
    if not isinstance(told, dict) or "event" not in told:
        return True, _end_of(line)
    said = _end_of(str(told.get("exception") or told["event"]))
    why = told.get("why") or told.get("error")
    return told.get("level") in ("error", "critical"), f"{said}: {why}" if why else said


def _end_of(text: str) -> str:
    """The last line that says something: of a traceback that is the error itself."""
    lines = [line.strip(" |+-") for line in text.splitlines()]
    return _MODULES.sub("", next((line for line in reversed(lines) if line), ""))
