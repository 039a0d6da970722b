"""What a process remembers of the log, and when it asks again."""

import pytest

from shared.bus.memory import LogRestored, Memory
from shared.reach import Reach
from tests.support.builders import AT


class Broker:
    """reach: of its log. connections: how many there were."""

    def __init__(self):
        self.reach, self.connections, self.questions = Reach(created=AT, last=60, stamp="mine"), 0, 0

    async def look(self, stamp_of):
        self.questions += 1
        return self.reach


@pytest.fixture
async def house():
    broker = Broker()
    memory, told = Memory(broker.look, lambda: broker.connections), []
    memory.on_restored.append(told.append)
    await memory.begin()
    return broker, memory, told


async def test_nothing_is_asked_while_the_connection_stays(house):
    broker, memory, _ = house
    for _ in range(3):
        await memory.sure()
    assert broker.questions == 1
    broker.connections += 1
    for _ in range(3):
        await memory.sure()
    assert broker.questions == 2


async def test_after_a_new_connection_a_shorter_log_is_another_one_and_stays_so(house):
    broker, memory, told = house
    memory.note(61, "next")
    broker.connections += 1
    for _ in range(2):
        with pytest.raises(LogRestored, match="ends at message 60"):
            await memory.sure()
        broker.reach = Reach(created=AT, last=400, stamp="next")  # too late: it was seen
    assert len(told) == 1


async def test_a_log_that_has_grown_over_its_loss_is_known_by_the_mark_of_the_last_message(house):
    broker, memory, _ = house
    broker.connections, broker.reach = 1, Reach(created=AT, last=400, stamp="another's")
    with pytest.raises(LogRestored, match="message 60 is another one"):
        await memory.sure()


def test_a_new_message_with_an_old_number_is_a_loss_even_where_no_connection_broke(house):
    _, memory, told = house
    memory.follows(61, before=60)
    with pytest.raises(LogRestored, match="got the number 60, and message 60 was there"):
        memory.follows(60, before=60)
    assert len(told) == 1


async def test_a_process_that_remembers_nothing_asks_nothing():
    broker = Broker()
    memory = Memory(broker.look, lambda: broker.connections)
    broker.connections = 5
    memory.note(90, "mine")
    await memory.sure()
    memory.follows(3, before=memory.last)
    assert broker.questions == 0
