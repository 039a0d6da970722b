"""The owner's commands on a real broker: one process of all hears them, each is carried out once."""

import asyncio
from contextlib import AsyncExitStack

import nats
import pytest

from services.notifier.adapters.lease import SILENT_S, JetStreamLease
from services.notifier.app import create_stage
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway
from shared.settings import Settings
from tests.support.bot_api import CHAT, TOKEN, bot_api, conflict, floods, ok
from tests.support.builders import end
from tests.support.waiting import eventually


class Time:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def time():
    return Time()


async def test_one_of_two_sits_and_how_far_was_heard_outlives_it(js, time):
    one, two = (JetStreamLease(lambda: js, Namespace(), name, time) for name in ("one", "two"))
    assert await one.acquire() == 0
    assert await two.acquire() is None
    assert await one.advance(8)
    assert await one.acquire() == 8
    await one.release()
    assert await two.acquire() == 8
    assert await one.acquire() is None


async def test_a_silent_holder_loses_the_seat_and_what_he_hears_afterwards_is_not_his(js, time):
    one, two = (JetStreamLease(lambda: js, Namespace(), name, time) for name in ("one", "two"))
    await one.acquire()
    await two.acquire()
    time.at += SILENT_S - 1
    assert await two.acquire() is None
    assert await one.acquire() == 0  # a word is enough
    await two.acquire()
    time.at += SILENT_S - 1
    assert await two.acquire() is None
    time.at += 1
    assert await two.acquire() == 0
    assert not await one.advance(8)
    assert await two.advance(8)


async def test_of_two_who_sit_down_at_once_one_does(js, time):
    for _ in range(5):
        leases = [JetStreamLease(lambda: js, Namespace(), name, time) for name in ("one", "two", "three")]
        taken = await asyncio.gather(*(lease.acquire() for lease in leases))
        assert sum(offset is not None for offset in taken) == 1
        for lease in leases:
            await lease.release()


async def test_a_broker_without_the_bucket_is_a_sentence(server, time):
    nc = await nats.connect(server.url)
    with pytest.raises(BrokerAway, match="telegram"):
        await JetStreamLease(lambda: nc.jetstream(timeout=1), Namespace(), "one", time).acquire()
    await nc.close()


@pytest.fixture
def telegram():
    with bot_api() as running:
        yield running


def notifier(server, telegram):
    return create_stage(
        Settings.load(
            nats_url=server.url, telegram_enabled=True, telegram_bot_token=TOKEN, telegram_chat_id=CHAT,
            telegram_base_url=telegram.url, backend_url="http://127.0.0.1:9", language="en",
        )
    )  # fmt: skip


async def test_two_replicas_answer_once_and_the_rest_takes_over(server, js, telegram):
    async with AsyncExitStack() as running:
        await running.enter_async_context(notifier(server, telegram).running())
        async with notifier(server, telegram).running():
            await eventually(lambda: telegram.count("getUpdates") == 1)
            telegram.says("/help")
            telegram.says("/stop yes", chat="666")
            telegram.says("/pause", sender="666")
            telegram.says("/pause", ago_s=120)
            for word in ("not carried out: /pause", "Upcycle's commands", "In a group"):
                await eventually(lambda word=word: any(word in text for text in telegram.texts))
            answers = [text for text in telegram.texts if "Upcycle's commands" in text]
            assert len(answers) == 1
            assert sum("In a group only the owner may use /pause" in text for text in telegram.texts) == 1
    assert {body["chat_id"] for body in telegram.sent} == {CHAT}
    stored = await (await js.key_value("telegram")).get("seat")
    assert b'"offset":1004' in stored.value


async def test_a_conflict_takes_no_message_away(server, js, log, telegram):
    telegram.plays("getUpdates", conflict)
    async with notifier(server, telegram).running():
        await eventually(lambda: telegram.count("getUpdates") == 1)
        await log.emit(end("OrderFilled"))
        await eventually(lambda: any("Trade executed" in text for text in telegram.texts))
        assert telegram.count("getUpdates") == 1


async def test_a_message_waits_for_telegram_and_outlives_the_process(server, js, log, telegram):
    telegram.plays("sendMessage", ok, floods(600))
    async with notifier(server, telegram).running():
        await eventually(lambda: len(telegram.sent) == 1)  # the start
        await log.emit(end("OrderFilled"))
        await eventually(lambda: telegram.count("sendMessage") == 2)
    async with notifier(server, telegram).running():
        await eventually(lambda: any("Trade executed" in text for text in telegram.texts))
    assert sum("Trade executed" in text for text in telegram.texts) == 1
