"""A small slice of the fault campaign (`make faults-here`), and proof that its checkers see what they are for."""

import asyncio

import pytest

from services.executor.adapters.order_log import EventOrderLog
from tests.support.chaos import Chaos


@pytest.mark.parametrize("seed", range(6))
def test_each_cycle_ends_once_and_no_order_is_doubled_whatever_breaks(seed):
    chaos = asyncio.run(Chaos(seed, slots=20).run())
    chaos.check()
    assert chaos.cycles >= 30
    assert chaos.faults["acknowledgement lost, message repeated"] > 0
    assert chaos.faults["faulty answers of the exchange"] >= 0.05 * chaos.faults["answers of the exchange"]


def test_a_seed_is_the_same_trouble_each_time():
    first, second = (asyncio.run(Chaos(7, slots=10).run()) for _ in range(2))
    assert [line.event for line in first.log.lines] == [line.event for line in second.log.lines]
    assert first.faults == second.faults


class Forgetful(EventOrderLog):
    """An executor's memory that has lost its intents: the fault everything here is built against."""

    async def intent(self, cycle):
        return None

    async def store(self, event, *, after=0):
        stored = await super().store(event, after=after)
        return type(stored)(stored.event, stored.seq, stored.at, new=True)


def play_forgetful():
    for seed in range(1, 20):
        asyncio.run(Chaos(seed, slots=20, make_order_log=Forgetful).run()).check()


def test_an_executor_that_forgets_its_intents_is_found_out_and_the_seed_is_named():
    with pytest.raises(AssertionError, match=r"make faults-here SEED=\d+"):
        play_forgetful()
