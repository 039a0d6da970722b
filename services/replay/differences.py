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


_Said = tuple[Event, bytes] | None


def _of(then: _Said, now: _Said) -> Iterator[tuple[str, tuple[str, str, str]]]:
    if then is None or now is None:
        said = then or now
        kind = said[0].kind if said else ""
        yield kind, ("", _ABSENT if then is None else kind, _ABSENT if now is None else kind)
    elif then[1] != now[1]:
        said_then, whole = json.loads(then[1]), json.loads(encode(then[0]))
        before, after = (_where_said(said_then, told) for told in (whole, _as_text(then[0], now)))
        if before == after and before == whole and encode(then[0]) != now[1]:
            yield then[0].kind, ("", "the same fields", "in other bytes")
        for found in _fields("", before, after):
            yield then[0].kind, found


def _as_text(then: Event, now: tuple[Event, bytes]) -> Any:
    """What is said now; its reason in words where an older event has words, and not figures."""
    told = json.loads(now[1])
    if getattr(then, "reason", "") and isinstance(now[0], _REASONED) and not now[0].reason:
        told["reason"] = sentence(now[0], "ko")
    return told


def _where_said(said: Any, told: Any) -> Any:
    """Of what is told the fields that were said, in all depths."""
    if isinstance(said, dict) and isinstance(told, dict):
        return {name: _where_said(said[name], value) for name, value in told.items() if name in said}
    if isinstance(said, list) and isinstance(told, list) and len(said) == len(told):
        return [_where_said(*pair) for pair in zip(said, told, strict=True)]
    return told


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
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}… ({len(text):,} characters)"
