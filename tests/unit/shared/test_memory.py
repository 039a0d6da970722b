"""What a process remembers of the log, and when it asks again."""

import pytest
from nats.js.api import PubAck

from shared.bus.event_log import EventLog
from shared.bus.memory import LogRestored, Memory
from shared.bus.namespace import Namespace
from shared.reach import Reach
from tests.support.builders import AT, due, fill


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


class Bus:
    """Broker, connection and JetStream: acknowledges; on_publish: what happens while an event is on its way."""

    def __init__(self, seq, on_publish=lambda: None):
        self.connection, self.stats = self, {"reconnects": 0}
        self._seq, self._on_publish = seq, on_publish

    def jetstream(self, **_):
        return self

    async def publish(self, *_, **__):
        self._on_publish()
        return PubAck("EV", self._seq)


def log_over(bus, broker):
    log = EventLog(bus, Namespace())
    log.memory = Memory(broker.look, lambda: bus.stats["reconnects"])
    return log


async def test_an_event_that_came_to_a_log_put_back_on_its_way_is_not_believed_to_be_stored():
    """An order's intent leaves to one broker and is acknowledged by another: no order may follow it."""
    broker = Broker()

    def put_back():
        bus.stats["reconnects"] += 1
        broker.reach = Reach(created=AT, last=90, stamp="another's")

    bus = Bus(91, put_back)
    log = log_over(bus, broker)
    await log.memory.begin()
    with pytest.raises(LogRestored, match="message 60 is another one"):
        await log.emit(due())


async def test_an_event_that_gets_a_number_that_was_given_before_is_none():
    log = log_over(Bus(60), Broker())
    await log.memory.begin()
    with pytest.raises(LogRestored, match="got the number 60"):
        await log.emit(due())


async def test_what_was_stored_is_remembered():
    log = log_over(Bus(61), Broker())
    await log.memory.begin()
    stored = await log.emit(fill())
    assert log.memory.reach == Reach(created=AT, last=61, stamp=stored.stamp, fill=fill().cycle)
