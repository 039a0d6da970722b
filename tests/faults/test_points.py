"""Kill -9 at each point of a path of each kind (`make faults-points` walks them all); and that it would be seen."""

import pytest

from tests.faults.points import Broken, walk
from tests.faults.stories import CHOSEN, FAST


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in CHOSEN)])
def test_whatever_point_it_dies_at_one_order_one_end_and_the_books_are_the_exchanges(name):
    _, points, _, ends = walk(name)
    assert points >= 20
    assert sum(ends.values()) > points


def test_a_broken_law_names_the_point_and_the_command_that_shows_it_again(monkeypatch):
    monkeypatch.setattr("services.executor.handler.SEND_WITHIN_S", 60.0)
    with pytest.raises(Broken, match=r'nowhere: make faults-points STORY="a buy whose intent takes 6 s"'):
        walk("a buy whose intent takes 6 s")
