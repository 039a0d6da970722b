"""What a stage's handler may be, and that it works once for each event."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from types import UnionType
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from shared.events import CycleEvent, Event
from shared.services import NAMED, READERS
from shared.stored import Stored
from shared.wiring import Miswired


class EventStore(Protocol):
    """shared.bus.event_log.EventLog, or what keeps the same laws."""

    async def emit(self, event: Event, *, after: int = 0) -> Stored: ...

    async def load(self, subject: str) -> Stored | None: ...


async def handle_once(
    log: EventStore,
    handler: Callable[[Any], Awaitable[CycleEvent]],
    event: CycleEvent,
    gives: type[CycleEvent],
    follow: Callable[[CycleEvent], CycleEvent | None],
    *,
    look_first: bool,
) -> None:
    """See to it that a stage's answer lies in the log, and the second one that belongs to it.

    What lies there already stays, for the log takes no second one. look_first: and the handler is not called for it.
    """
    there = await log.load(gives.subject_of(event.cycle)) if look_first else None
    if there is None:
        there = await log.emit(await handler(event))
    if second := follow(there.event):  # type: ignore[arg-type]
        await log.emit(second)


def signature(handler: Any) -> tuple[tuple[type[CycleEvent], ...], tuple[type[CycleEvent], ...]]:
    """What a handler (or its class) takes and what it gives, from its annotations."""
    plain = inspect.isfunction(handler) or inspect.ismethod(handler)
    call: Any = handler if plain else (handler if inspect.isclass(handler) else type(handler)).__call__
    hints = get_type_hints(call)
    gives = hints.pop("return")
    (takes,) = hints.values()
    return members(takes), members(gives)


def must_agree(service: str, handler: Any) -> type[CycleEvent]:
    """Hold a handler's signature against the table of services, and say what it gives. Raises Miswired.

    It may take more than its service hears: what an older log holds in that place.
    """
    (takes, gives), hears = signature(handler), READERS[service].hears
    where = "and in shared/services.py"
    if not (
        all(issubclass(kind, takes) for kind in hears)
        and all(any(issubclass(kind, one) for kind in hears) for one in takes)
    ):
        raise Miswired(f"{service}: its handler takes {_names(takes)}, {where} it hears {_names(hears)}")
    if strange := [kind for kind in gives if kind not in NAMED[service].says]:
        raise Miswired(f"{service}: its handler gives {_names(strange)}, {where} it says {_names(NAMED[service].says)}")
    return gives[0]


def _names(kinds: Sequence[type[Event]]) -> str:
    return " and ".join(kind.__name__ for kind in kinds)


def members(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type it is."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
