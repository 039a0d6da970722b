"""An event to bytes and back."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union

from pydantic import Field, TypeAdapter

from shared.errors import Permanent
from shared.events import KINDS, Event
from shared.types import UtcTime


class Unreadable(Permanent):
    """The message is no event of ours, or lies where that event does not belong."""


@dataclass(frozen=True)
class Stored:
    """An event as it lies in the log."""

    event: Event
    seq: int
    at: UtcTime  # when the server stored it
    new: bool = False  # this very call stored it
    delivery: int = 1  # the stage gave it while it worked on that delivery of its own message
    stamp: str = ""  # its writer's mark, which no other message has: see shared/reach.py


@cache
def _adapter() -> TypeAdapter[Event]:
    any_kind: Any = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007
    return TypeAdapter(any_kind)


def encode(event: Event) -> bytes:
    return event.__pydantic_serializer__.to_json(event)


def decode(body: bytes, subject: str) -> Event:
    """Read an event; subject: where it lies, without a world's prefix. Raises Unreadable."""
    try:
        event = _adapter().validate_json(body)
    except ValueError as e:
        raise Unreadable(f"{subject}: {_short(e)}") from e
    if event.subject != subject:
        raise Unreadable(f"{subject}: holds {event.kind}, which belongs at {event.subject}")
    return event


def _short(e: ValueError) -> str:
    faults: list[Any] = getattr(e, "errors", list)()
    if not faults:
        return str(e)[:300]
    return "; ".join(f"{'.'.join(map(str, f['loc'])) or 'body'}: {f['msg']}" for f in faults[:3])[:300]
