"""The topology is read from the handlers' signatures: every event has a producer and a reader."""

from pathlib import Path

import pytest
from nats.js.api import ConsumerConfig

from services.filter.core.ends import end_of
from services.replay.stages import handler_of
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.events import KINDS, CycleEnded, Event
from shared.services import EVERYBODYS_SECRETS, NAMED, PIPELINE, READERS, SAYS, SERVICES, STAGES
from shared.settings import secrets
from shared.stage import members, must_agree, signature
from shared.wiring import faults
from tests.support.builders import examples
from tests.support.golden import assert_golden

ROOT = Path(__file__).parents[2]
HANDLERS = {name: handler_of(name) for name in PIPELINE}


def taken_and_given():
    found = {}
    for stage, handler in HANDLERS.items():
        takes, gives = signature(handler)
        found[stage] = ([t.__name__ for t in takes], [g.__name__ for g in gives])
    return found


def test_events_and_services_fit_together():
    assert list(faults()) == []


@pytest.mark.parametrize("stage", HANDLERS)
def test_a_handler_takes_what_its_service_hears_and_gives_what_it_says(stage):
    must_agree(stage, HANDLERS[stage])


def test_alternatives_of_one_stage_share_their_subject():
    """Ends differ from a stage's other output, and every kind of end lies under its stage."""
    for stage, (_, gives) in taken_and_given().items():
        subjects = {KINDS[g].SUBJECT for g in gives if not issubclass(KINDS[g], CycleEnded)}
        assert len(subjects) <= 1, stage


def test_what_follows_a_rejected_signal_is_an_end():
    assert signature(end_of)[1][0].__name__ == "CycleRejected"


def test_the_projection_reads_everything_and_never_gives_up():
    projection = READERS["projection"]
    assert projection.hears == (Event,)
    assert not projection.gives_up
    config: ConsumerConfig = topology.consumer(projection, Namespace())
    assert config.max_deliver == -1


def test_the_golden_topology_is_the_one_in_the_code():
    lines = [topology.described()]
    for stage, (takes, gives) in taken_and_given().items():
        lines.append(f"{stage}: {' | '.join(takes)} -> {' | '.join(gives)}\n")
    for who, kinds in SAYS.items():
        lines.append(f"{who} says: {', '.join(kind.__name__ for kind in kinds)}\n")
    for kind in KINDS:
        event = examples()[kind]
        lines.append(f"{kind}: {event.SUBJECT}; an example: {event.subject}, once in {event.once}\n")
    assert_golden("topology.txt", "".join(lines))


def test_a_union_is_taken_apart():
    assert members(int | str) == (int, str)


def test_the_table_of_services_names_every_process_and_only_secrets_that_there_are():
    assert set(NAMED) == {path.parent.name for path in ROOT.glob("services/*/__main__.py")}
    assert set().union(*(service.secrets for service in SERVICES), EVERYBODYS_SECRETS) <= set(secrets())
    assert len({service.port for service in SERVICES}) == len(SERVICES)


def test_every_kind_of_event_is_somebodys_and_has_its_own_place():
    said = [kind for kinds in SAYS.values() for kind in kinds if not issubclass(kind, CycleEnded)]
    assert len(said) == len(set(said))
    assert {kind for kinds in SAYS.values() for kind in kinds} == set(KINDS.values())
    assert all("SUBJECT" in vars(kind) or issubclass(kind, CycleEnded) for kind in KINDS.values())


def test_the_stages_are_those_that_cycles_go_through():
    assert ("clock", *HANDLERS) == STAGES
    assert tuple(HANDLERS) == PIPELINE
