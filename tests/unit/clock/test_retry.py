"""Each step of the clock by itself: what one market or job cannot have, the others get."""

import pytest

from services.clock.retry import run_each
from shared.bus.wire import Unreadable
from shared.errors import Transient


class Steps(dict):
    """Steps that say when they were taken; a trouble ends one."""

    def __init__(self, **troubles):
        self.taken = []
        super().__init__({name: self.step(name, trouble) for name, trouble in troubles.items()})

    def step(self, name, trouble):
        async def take():
            self.taken.append(name)
            if trouble:
                raise trouble

        return take


async def test_what_may_pass_is_raised_after_all_had_their_turn():
    steps = Steps(first=Transient("away"), second=None, third=Transient("too"))
    with pytest.raises(Transient, match="away"):
        await run_each(steps)
    assert steps.taken == ["first", "second", "third"]


async def test_what_will_not_pass_stands_still_alone(capsys):
    steps = Steps(first=Unreadable("rubbish"), second=None)
    await run_each(steps)
    assert steps.taken == ["first", "second"]
    assert "rubbish" in capsys.readouterr().out


async def test_what_is_no_trouble_of_the_world_is_not_hidden():
    with pytest.raises(KeyError):
        await run_each(Steps(first=KeyError("a bug")))
