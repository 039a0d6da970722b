"""What an event says in one line."""

import pytest

from services.cli.lines import event_line, objections
from shared import events as ev
from shared.services import SAYS, stage_of
from tests.support import builders


def test_each_objection_tells_its_distance():
    them = (
        ev.Objection(code="WIN_RATE", value=0.5123, limit=0.55, distance=0.0377),
        ev.Objection(code="DRAWDOWN", value=0.41, limit=0.3, distance=0.11),
    )
    assert objections(them) == (
        "WIN_RATE 0.5123 against 0.55 (off by 0.0377), DRAWDOWN 0.4100 against 0.3 (off by 0.1100)"
    )


@pytest.mark.parametrize("kind", builders.examples())
def test_every_kind_of_event_has_a_stage_and_a_line_that_the_screen_can_show(kind):
    event = builders.examples()[kind]
    assert stage_of(event) in SAYS
    assert event_line(event, "ko").plain.strip()
