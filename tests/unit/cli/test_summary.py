"""The ticks of the demo's plot."""

import pytest

from services.cli.summary import round_ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 65, [0, 20, 40, 60]),
        (996_141.6, 1_023_098.8, [1_000_000, 1_005_000, 1_010_000, 1_015_000, 1_020_000]),
        (0, 2, [0, 1, 2]),
        (1_000_000, 1_000_000, [1_000_000]),
        (0.25, 0.75, []),
    ],
)
def test_ticks_are_whole_numbers_of_a_round_step_inside_the_span(low, high, ticks):
    assert round_ticks(low, high) == ticks
