"""An event to bytes and back."""

from functools import cache
from typing import Annotated, Any, TypeVar, Union

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from shared.errors import Newer, Permanent
from shared.events import KINDS, Event

WRONG_LAST_SEQUENCE = 10071  # the server's code of a place that is taken

_Kind = TypeVar("_Kind", bound=Event)


class Unreadable(Permanent):
    """The message is no event of ours, or lies where that event does not belong.

    newer: a newer version wrote it, and it is only shown.
    """

    def __init__(self, why: str, subject: str = "", *, newer: bool = False) -> None:
        super().__init__(why)
        self.subject, self.newer = subject, newer


class Stranger(Unreadable):
    """A reader was given an event that is none of those it hears."""


@cache
def _adapter() -> TypeAdapter[Event]:
    any_kind: Any = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007
    return TypeAdapter(any_kind)


def encode(event: Event) -> bytes:
    return event.__pydantic_serializer__.to_json(event)


def must_be(event: Event, kind: type[_Kind]) -> _Kind:
    """The event as what its reader hears. Raises Stranger."""
    if not isinstance(event, kind):
        raise Stranger(f"{event.subject}: holds {event.kind}, and {kind.__name__} was to be heard there", event.subject)
    return event


def decode(body: bytes, subject: str) -> Event:
    """Read an event; subject: where it lies, without a namespace's prefix. Raises Newer, Unreadable."""
    try:
        event = _adapter().validate_json(body)
    except ValueError as e:
        if what := newer(body):
            raise Newer(f"{subject}: {what}") from e
        raise Unreadable(f"{subject}: {_short(e)}", subject) from e
    if event.schema_number > event.known_schema():
        raise Newer(f"{subject}: {newer(body)}")
    if event.subject != subject:
        raise Unreadable(f"{subject}: holds {event.kind}, which belongs at {event.subject}", subject)
    if "schema_number" not in event.model_fields_set and event.known_schema() > 1:
        return event.model_copy(update={"schema_number": 1})  # from before there were numbers
    return event


class _Head(TypedDict):
    """What every version says of an event since there are numbers."""

    kind: str
    schema_number: int


_HEAD = TypeAdapter(_Head)


def newer(body: bytes) -> str | None:
    """Say what a newer version wrote, and what to do; None of what this version knows, and of rubbish."""
    try:
        head = _HEAD.validate_json(body)
    except ValueError:
        return None
    kind, number = head["kind"][:60], head["schema_number"]
    cls = KINDS.get(kind)
    if cls is not None and number <= cls.known_schema():
        return None
    known = f"schema {cls.known_schema()} of it at most" if cls else "no such event"
    return f"holds {kind!r} of schema {number}, and this service knows {known}; upgrade this service"


def _short(e: ValueError) -> str:
    faults: list[Any] = getattr(e, "errors", list)()
    if not faults:
        return str(e)[:300]
    return "; ".join(f"{'.'.join(map(str, f['loc'])) or 'body'}: {f['msg']}" for f in faults[:3])[:300]
