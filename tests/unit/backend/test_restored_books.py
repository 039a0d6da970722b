"""Books that were read from a log which is an older copy by now: nothing is booked before a person has accepted it."""

from datetime import timedelta

import pytest

from services.backend.handler import AnotherLog, Projection
from shared.reach import Reach
from tests.support.builders import AT

KNOWN = Reach(created=AT, last=9, stamp="nine")


class Books:
    """Books that stand where they were read to."""

    def __init__(self):
        self.booked, self.begun_anew_from = [], None

    async def last_seq(self):
        return KNOWN.last

    async def reach(self):
        return KNOWN

    async def apply_all(self, events, *, after=0):
        self.booked += events
        return len(events)

    async def start_over(self, found):
        self.begun_anew_from = found


class Log:
    def __init__(self, reach):
        self._reach, self.read_from = reach, None

    async def reach(self, stamp_of):
        return self._reach

    async def after(self, seq):
        self.read_from = seq
        return
        yield


def projection(reach):
    books, log, told = Books(), Log(reach), []

    async def tell(why):
        told.append(why)

    return Projection(books, log, tell), books, log, told


@pytest.mark.parametrize(
    "older", [Reach(created=AT, last=4), Reach(created=AT + timedelta(days=1), last=9), KNOWN.after(20, "twenty")]
)
async def test_a_log_that_has_lost_messages_is_told_and_not_read_on(older):
    older = older.model_copy(update={"stamp": "another's"})
    catch_up, books, log, told = projection(older)
    with pytest.raises(AnotherLog, match="Nothing is booked; go on with upcycle adopt --all"):
        await catch_up.catch_up()
    assert (books.booked, log.read_from) == ([], None)
    assert told == [catch_up.fault] != [""]


async def test_a_log_that_a_person_accepted_is_read_from_its_beginning():
    accepted = Reach(created=AT, last=5, stamp="five", accepted_at=AT)
    catch_up, books, log, told = projection(accepted)
    await catch_up.catch_up()
    assert (books.begun_anew_from, log.read_from, told, catch_up.fault) == (accepted, 0, [""], "")


async def test_the_same_log_is_read_on_behind_the_books():
    catch_up, books, log, told = projection(KNOWN)
    await catch_up.catch_up()
    assert (books.begun_anew_from, log.read_from, told) == (None, 9, [""])
