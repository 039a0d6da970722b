"""Who is heard, what is passed over, and what a hearing that fails does."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.core.chat_message import ChatMessage
from services.notifier.listener import CommandListener
from services.notifier.ports import InboxConflict, Refused, RetryLater, Said
from shared.clock import monotonic
from shared.errors import Transient
from shared.fixed_clock import FixedClock

NOW = datetime(2026, 1, 5, 5, tzinfo=UTC)
PICTURE = b"PNG"
OWNER = "4711"


class FakeInbox:
    def __init__(self):
        self.heard, self.offsets = [], []

    async def after(self, offset):
        self.offsets.append(offset)
        if isinstance(self.heard, Exception):
            raise self.heard
        return self.heard


class FakeLease:
    def __init__(self):
        self.free, self.offset, self.left, self.log = True, 0, 0, []

    async def acquire(self):
        return self.offset if self.free else None

    async def advance(self, offset):
        self.log.append(f"heard {offset - 1}")
        self.offset = offset
        return self.free

    async def release(self):
        self.left += 1


class FakeChat:
    def __init__(self):
        self.sent, self.pictures, self.fault = [], [], None

    async def send(self, text, *, silent=False, picture=None):
        if self.fault:
            raise self.fault
        self.sent.append(text)
        self.pictures += [picture] if picture else []


@pytest.fixture
def it():
    inbox, lease, chat = FakeInbox(), FakeLease(), FakeChat()

    async def answer(text, may_switch):
        lease.log.append(f"answer {text}" + ("" if may_switch else " to a guest"))
        return Said(f"re {text}", PICTURE if text == "/daily" else None)

    return CommandListener(inbox, lease, answer, chat, OWNER, FixedClock(NOW), "en")


async def step(it):
    """Hear once, and answer all that waits."""
    pause = await it.step()
    while await it.answer_next() or await it.send_next():
        pass
    return pause


def said(id, text="/status", chat=OWNER, age_s=0, sender=OWNER):
    return ChatMessage(id, chat, sender, text, NOW - timedelta(seconds=age_s))


async def test_a_command_is_written_down_before_it_is_carried_out(it):
    it.inbox.heard = [said(7, "/pause"), said(8, "/status")]
    assert await step(it) == 0
    assert it.lease.log == ["heard 8", "answer /pause", "answer /status"]
    assert it.channel.sent == ["re /pause", "re /status"]
    await step(it)
    assert it.inbox.offsets == [0, 9]


async def test_an_answer_goes_out_with_its_picture(it):
    it.inbox.heard = [said(7, "/daily"), said(8, "/status")]
    await step(it)
    assert (it.channel.sent, it.channel.pictures) == (["re /daily", "re /status"], [PICTURE])


async def test_the_switch_goes_before_all_questions_and_keeps_its_order(it):
    it.inbox.heard = [
        said(7, "/why"), said(8, "/start yes"), said(9, "/gate"), said(10, "/PAUSE@upcycle_bot"), said(11, "hello"),
    ]  # fmt: skip
    await it.step()
    assert it.lease.log == ["heard 11", "answer /start yes", "answer /PAUSE@upcycle_bot"]
    while await it.answer_next():
        pass
    assert it.lease.log[3:] == ["answer /why", "answer /gate", "answer hello"]


async def test_neither_a_slow_answer_nor_a_slow_chat_holds_up_a_pause(it):
    stuck, paused = asyncio.Event(), asyncio.Event()

    async def answer(text, may_switch):
        if text == "/pause":
            paused.set()
        else:
            stuck.set()
            await asyncio.Event().wait()

    async def send(text, *, silent=False, picture=None):
        await asyncio.Event().wait()

    async def sleep(seconds):
        await asyncio.sleep(0)
        it.inbox.heard = [said(99, "/pause")] if stuck.is_set() and not paused.is_set() else []

    it.answer, it.channel.send, it.sleep = answer, send, sleep
    it.inbox.heard = [said(n, "/why") for n in range(50)]
    running = asyncio.ensure_future(it.run())
    async with asyncio.timeout(60):
        await paused.wait()
    running.cancel()
    await asyncio.wait([running])
    assert it.lease.left == 1


async def test_of_a_chat_full_of_questions_the_last_ones_are_named_and_not_answered(it):
    it.inbox.heard = [said(n, "/why") for n in range(25)]
    await step(it)
    assert it.channel.sent.count("re /why") == 20
    assert [text for text in it.channel.sent if text.startswith("5 of many questions were not answered: /why, /why")]


async def test_a_question_that_waited_too_long_is_named_and_not_answered(it):
    it.inbox.heard = [said(7, "/why")]
    await it.step()
    it.elapsed = lambda: monotonic() + 61
    await it.answer_next()
    await it.send_next()
    assert it.channel.sent[0].startswith("1 old commands were not carried out: /why")


async def test_nobody_but_the_owner_is_answered(it):
    it.inbox.heard = [said(7, "/stop", chat="666"), said(8, "/stop", chat="")]
    await step(it)
    assert it.channel.sent == []
    assert it.lease.offset == 9


GROUP = "-100123"


@pytest.mark.parametrize("owner", [None, OWNER])
async def test_in_a_group_all_are_answered_and_only_the_named_owner_may_switch(it, owner):
    it.chat, it.owner = GROUP, owner
    it.inbox.heard = [said(7, "/pause", GROUP, sender="666"), said(8, "/pause", GROUP), said(9, "/x", GROUP, sender="")]
    await step(it)
    answers = [line for line in it.lease.log if line.startswith("answer")]
    assert answers == [
        "answer /pause to a guest", "answer /pause" if owner else "answer /pause to a guest", "answer /x to a guest",
    ]  # fmt: skip


async def test_old_commands_are_named_and_not_carried_out(it):
    await step(it)
    it.clock.at += timedelta(minutes=5)
    it.inbox.heard = [said(7, "/stop"), said(8, "/pause"), ChatMessage(9, OWNER, OWNER, "/status", it.clock.at)]
    await step(it)
    first, second = it.channel.sent
    assert second == "re /status"
    assert first.startswith("2 old commands were not carried out: /stop, /pause\n")


async def test_while_another_hears_nothing_is_asked_of_telegram(it):
    it.lease.free = False
    assert await step(it) == 5
    assert it.inbox.offsets == []


async def test_who_lost_the_seat_carries_nothing_out(it):
    async def lost(offset):
        return False

    it.inbox.heard, it.lease.advance = [said(7, "/stop yes")], lost
    await step(it)
    assert it.channel.sent == []


async def test_who_is_overheard_steps_back_and_asks_again_after_a_minute(it):
    it.inbox.heard = InboxConflict("somebody else reads this bot's commands")
    assert await step(it) == 60
    assert it.lease.left == 1


async def test_a_refusal_is_not_asked_again_before_a_minute(it):
    it.inbox.heard = Refused("Telegram does not know the bot's token")
    assert [await step(it) for _ in range(3)] == [60, 60, 60]


async def test_trouble_is_asked_again_with_growing_pauses_and_then_forgotten(it):
    it.inbox.heard = Transient("502")
    assert [await step(it) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    it.inbox.heard = []
    assert await step(it) == 1
    it.inbox.heard = Transient("502")
    assert await step(it) == 2


async def test_an_answer_that_cannot_be_sent_stops_nothing(it):
    it.inbox.heard, it.channel.fault = [said(7)], Transient("away")
    assert await step(it) == 0
    assert it.lease.offset == 8


@pytest.mark.parametrize(("asks_s", "waits"), [(300, 300), (None, 2), (1, 2)])
async def test_a_wait_that_the_other_side_asks_for_is_kept(it, asks_s, waits):
    it.inbox.heard = RetryLater("asks to wait", asks_s)
    assert await it.step() == waits


async def test_an_outage_of_days_is_waited_for_a_minute_at_a_time(it):
    it.inbox.heard = Transient("blocked at the provider")
    waits = [await it.step() for _ in range(1100)]
    assert waits[:7] == [2, 4, 8, 16, 32, 60, 60]
    assert set(waits[7:]) == {60}


@pytest.mark.parametrize("ahead_s", [0, 50, 70, 3600, -70, -3600, 86_400 * 400])
@pytest.mark.parametrize(("age_s", "carried_out"), [(5, True), (61, False), (600, False)])
async def test_how_old_a_command_is_telegrams_clock_says_and_not_this_machines(it, ahead_s, age_s, carried_out):
    elapsed = iter([0.0, 500.0])
    it.elapsed = lambda: next(elapsed)
    it.clock.at = NOW + timedelta(seconds=ahead_s)
    it.inbox.heard = [replace(said(7, "/stop", age_s=age_s), received_at=NOW)]
    await step(it)
    assert (it.channel.sent == ["re /stop"]) is carried_out


async def test_what_was_written_before_this_process_listened_is_old_by_telegrams_clock_too(it):
    elapsed = iter([0.0, 3.0])
    it.elapsed = lambda: next(elapsed)
    it.inbox.heard = [replace(said(7, "/stop", age_s=10), received_at=NOW)]
    await step(it)
    assert it.channel.sent[0].startswith("1 old command")


async def test_the_owners_group_is_heard_under_its_new_id_and_nobody_without_one(it):
    it.moved_to = lambda: "-1004711"
    it.inbox.heard = [said(7, chat="-1004711"), said(8, chat=""), said(9, chat="-1004711", sender="")]
    await step(it)
    assert it.lease.log == ["heard 9", "answer /status", "answer /status to a guest"]


async def test_a_photo_without_words_is_no_command(it):
    it.inbox.heard = [said(7, "")]
    await step(it)
    assert it.channel.sent == []
