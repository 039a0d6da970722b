"""Several executors at once on a real broker (`make faults-twice` plays more hours)."""

import pytest

from tests.faults.doubled import play


@pytest.mark.slow
async def test_three_executors_that_are_all_given_everything_order_once(tmp_path):
    found = await play(tmp_path, 12)
    assert found["orders"] > 5
    assert len(found["deliveries to each of the two"]) == 2
    assert sum(found["deliveries to each of the two"]) >= 2 * sum(found["ends"].values())
