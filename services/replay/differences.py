"""What a stage says now against what it said then: byte by byte, and field by field where that differs (pure).

A field that this version added stands in no older event, so there is nothing it could differ from: of an older
event only what was said then is compared, as this version writes it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.replay.runner import Rerun
from shared.bus.wire import encode
from shared.catalogue import sentence
from shared.events import CycleEnded, DecisionMade, Event, FillRecorded
from shared.writing import whole

_SHOWN_MAX = 120
_REASONED = CycleEnded | DecisionMade | FillRecorded
_ABSENT = "(not there)"


@dataclass(frozen=True, slots=True)
class Difference:
    stage: str
    kind: str  # of the event
    field: str  # position.cost; "" is the event as a whole
    then: str
    now: str


def differences(rerun: Rerun) -> list[Difference]:
    """Every field that differs; none if the bytes are the same, or the stage could not be run again."""
    if rerun.why_not is not None:
        return []
    then = {line.event.subject: (line.event, line.body) for line in rerun.then}
    now = {event.subject: (event, encode(event)) for event in rerun.now}
    return [
        Difference(rerun.stage, kind, *found)
        for subject in dict.fromkeys([*then, *now])
        for kind, found in _of(then.get(subject), now.get(subject))
    ]


_Logged = tuple[Event, bytes] | None


def _of(then: _Logged, now: _Logged) -> Iterator[tuple[str, tuple[str, str, str]]]:
    if then is None or now is None:
        logged = then or now
        kind = logged[0].kind if logged else ""
        yield kind, ("", _ABSENT if then is None else kind, _ABSENT if now is None else kind)
    elif then[1] != now[1] and (again := encode(then[0])) != now[1]:
        logged_fields, whole = json.loads(then[1]), json.loads(again)
        before, after = (_common_fields(logged_fields, current) for current in (whole, _as_text(then[0], now)))
        if before == after and before == whole:
            yield then[0].kind, ("", "the same fields", "in other bytes")
        for found in _fields("", before, after):
            yield then[0].kind, found


def _as_text(then: Event, now: tuple[Event, bytes]) -> Any:
    """What is said now; its reason in words where an older event has words, and not figures."""
    current = json.loads(now[1])
    if getattr(then, "reason", "") and isinstance(now[0], _REASONED) and not now[0].reason:
        current["reason"] = sentence(now[0], "ko")
    return current


def _common_fields(logged: Any, current: Any) -> Any:
    """Of what is said now the fields that are in the log, in all depths."""
    if isinstance(logged, dict) and isinstance(current, dict):
        return {name: _common_fields(logged[name], value) for name, value in current.items() if name in logged}
    if isinstance(logged, list) and isinstance(current, list) and len(logged) == len(current):
        return [_common_fields(*pair) for pair in zip(logged, current, strict=True)]
    return current


def _fields(path: str, then: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*then, *now]):
            yield from _fields(f"{path}.{name}".lstrip("."), then.get(name, _ABSENT), now.get(name, _ABSENT))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for n, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _fields(f"{path}[{n}]", before, after)
    elif then != now:
        yield path, _shown(then), _shown(now)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}… ({whole(len(text))} characters)"
