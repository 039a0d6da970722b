"""The first screen's day."""

import pytest

from services.backend.routes import examples
from services.page.core.now import covers_a_day
from shared.api.cycles import Cycle, Cycles


def answer(*slots, older):
    found = tuple(Cycle.model_validate(examples.CYCLE | {"slot_at": at}) for at in slots)
    return Cycles(cycles=found, total=99, older=older)


@pytest.mark.parametrize(
    ("slots", "older", "whole"),
    [
        ((), None, True),
        (("2026-01-05T10:00Z", "2026-01-05T09:00Z"), None, True),  # there are no more
        (("2026-01-05T10:00Z", "2026-01-04T10:00Z"), "KRW-ETH-20260104T1000Z", True),
        (("2026-01-05T10:00Z", "2026-01-04T10:15Z"), "KRW-ETH-20260104T1015Z", False),
    ],
)
def test_a_day_is_whole_where_older_cycles_are_of_the_day_before(slots, older, whole):
    assert covers_a_day(answer(*slots, older=older)) == whole
