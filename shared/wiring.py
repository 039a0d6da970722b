"""Whether events and services fit together: read off the tables, before anything runs and waits in vain (pure)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from shared.errors import Permanent
from shared.events import KINDS, CycleEnded, CycleEvent, Event
from shared.services import OWNER_SAYS, SERVICES, Service

Kinds = Sequence[type[Event]]
_EVENTS, _SERVICES = "shared/events/__init__.py", "shared/services.py"
_PLACE = re.compile(r"ev(\.[a-z]+)+(\.\{[a-z]+\})*")
_PLACE_IN_A_CYCLE = re.compile(r"ev\.[a-z]+(\.[a-z]+|\.\{stage\})?\.\{market\}\.\{slot\}")


class Miswired(Permanent):
    """Events, the table of services and a handler do not fit together; the text says where."""


@cache
def must_fit() -> None:
    """Raises Miswired with everything that is wrong."""
    if found := list(faults()):
        raise Miswired("; ".join(found))


def faults(services: Sequence[Service] = SERVICES, kinds: Mapping[str, type[Event]] = KINDS) -> Iterator[str]:
    """A sentence for each thing that does not fit."""
    known = tuple(kinds.values())
    said = {*OWNER_SAYS, *(kind for service in services for kind in service.says)}
    yield from (f"{kind.__name__} is said, and {_EVENTS} does not list it" for kind in said - {*known})
    yield from (f"{kind.__name__}: nobody says it in {_SERVICES}" for kind in known if kind not in said)
    yield from _places(services, known)
    for service in services:
        yield from _strangers(service, known)
        for other in services:
            if service is not other and service.port == other.port:
                yield f"{service.name} has the port of {other.name}, {other.port}"
    yield from _order([service for service in services if service.is_stage and service.readers])


def _places(services: Sequence[Service], known: Kinds) -> Iterator[str]:
    """Where events lie: what lies elsewhere is stored by nobody, or in the place of another's answer."""
    for kind in known:
        in_a_cycle = issubclass(kind, CycleEvent)
        if not (_PLACE_IN_A_CYCLE if in_a_cycle else _PLACE).fullmatch(kind.SUBJECT):
            right = "ev.NAME.{market}.{slot}" if in_a_cycle else "ev.NAME"
            yield f"{kind.__name__} lies at {kind.SUBJECT}, and its place is to be like {right}"
    for service in services:
        others = {kind for other in services if other is not service for kind in other.says}
        for kind in service.says:
            taken = [o for o in others if o.SUBJECT == kind.SUBJECT and not issubclass(o, CycleEnded)]
            yield from (f"{kind.__name__} lies at {kind.SUBJECT}, the place of {other.__name__}" for other in taken)


def _strangers(service: Service, known: Kinds) -> Iterator[str]:
    """What would be given to a reader that does not know it, and end its cycle as failed."""
    for reader in service.readers:
        given = [kind for kind in known if kind.places() in reader.subjects and not issubclass(kind, reader.hears)]
        for kind in given:
            if kind not in reader.passes_over:
                yield f"{reader.name} is given {kind.__name__} as well: let it hear that or pass it over in {_SERVICES}"
        for kind in {*reader.passes_over} - {*given}:
            yield f"{reader.name} passes over {kind.__name__}, which it is never given"


def _order(stages: Sequence[Service]) -> Iterator[str]:
    """Arrows only point right, and each arrives."""
    for n, stage in enumerate(stages):
        answers = {kind for kind in stage.says if not issubclass(kind, CycleEnded)}
        before, behind = ({kind for other in some for kind in _heard(other)} for some in (stages[:n], stages[n + 1 :]))
        yield from (f"{kind.__name__} is heard in front of {stage.name}, which says it" for kind in answers & before)
        if n < len(stages) - 1 and not answers & behind:
            told = " and ".join(sorted(kind.__name__ for kind in answers)) or "nothing"
            yield f"{stage.name} says {told}, and no stage behind it hears that"


def _heard(stage: Service) -> set[type[Event]]:
    return {kind for reader in stage.readers for kind in reader.hears}
