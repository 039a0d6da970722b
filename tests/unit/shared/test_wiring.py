"""What does not fit together is named by the tables alone: nothing runs, and nobody waits."""

from dataclasses import replace
from typing import Literal

import pytest

from shared.events import KINDS, CycleEvent, CycleFailed, DecisionMade, Event, ExitDue, SignalPassed
from shared.services import NAMED, Reader, Service
from shared.wiring import faults


class PositionSized(DecisionMade):
    SUBJECT = "ev.sized.{market}.{slot}"
    kind: Literal["PositionSized"] = "PositionSized"


def lying_at(place):
    return type("PositionSized", (CycleEvent,), {"SUBJECT": place, "__module__": __name__})


def told(kind=PositionSized, *, hears=DecisionMade, executor=None, behind="analyst", listed=True, port=9999):
    """What is said of a chain with a sizer in it."""
    sizer = Service("sizer", port, says=(kind, CycleFailed), readers=(Reader("sizer", (hears,)),))
    orders, *others = NAMED["executor"].readers
    carries_out = replace(orders, hears=(executor or kind, ExitDue))
    changed = NAMED | {"executor": replace(NAMED["executor"], readers=(carries_out, *others))}
    chain = list(changed.values())
    chain.insert(list(changed).index(behind) + 1, sizer)
    return list(faults(chain, KINDS | {"PositionSized": kind} if listed else KINDS))


def test_a_stage_that_fits_is_not_spoken_of():
    assert told() == []


@pytest.mark.parametrize(
    "place", ["ev.sized.{slot}", "sized.{market}.{slot}", "ev.sized.{market}.{slot}.more", Event.SUBJECT]
)
def test_a_place_where_nobody_looks_for_a_cycle(place):
    assert told(lying_at(place)) == [
        f"PositionSized lies at {place}, and its place is to be like ev.NAME.{{market}}.{{slot}}"
    ]


def test_a_place_that_is_anothers():
    found = told(lying_at(DecisionMade.SUBJECT))
    assert f"PositionSized lies at {DecisionMade.SUBJECT}, the place of DecisionMade" in found
    assert "sizer is given PositionSized as well: let it hear that or pass it over in shared/services.py" in found


def test_an_answer_that_no_stage_behind_hears():
    assert told(executor=DecisionMade) == ["sizer says PositionSized, and no stage behind it hears that"]


def test_an_event_that_is_not_listed():
    assert told(listed=False) == ["PositionSized is said, and shared/events/__init__.py does not list it"]


def test_an_event_that_nobody_says():
    assert list(faults(kinds=KINDS | {"PositionSized": PositionSized})) == [
        "PositionSized: nobody says it in shared/services.py"
    ]


def test_an_arrow_that_points_left():
    assert "DecisionMade is heard in front of analyst, which says it" in told(behind="filter")


def test_a_sibling_that_is_neither_heard_nor_passed_over():
    assert told(hears=SignalPassed) == [
        "sizer is given SignalRejected as well: let it hear that or pass it over in shared/services.py",
        "analyst says DecisionMade, and no stage behind it hears that",
    ]


def test_a_port_that_is_anothers():
    port = NAMED["filter"].port
    assert f"sizer has the port of filter, {port}" in told(port=port)
