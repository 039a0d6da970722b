"""Messages against a Bot API server that misbehaves by script; pauses are counted, not waited for."""

import asyncio
from contextlib import asynccontextmanager
from unittest.mock import patch

import httpx
import pytest
from structlog.testing import capture_logs

from services.notifier.adapters import bot_api as adapter
from services.notifier.adapters.bot_api import BotApi, TelegramAway, TelegramRefuses
from services.notifier.adapters.telegram import Telegram
from services.notifier.core.refusals import sentence
from tests.support.bot_api import (
    CHAT,
    TOKEN,
    blocked,
    bot_api,
    broken,
    conflict,
    floods,
    garbage,
    hangs,
    no_chat,
    no_photos,
    ok,
    refuses,
    unauthorized,
)
from tests.support.golden import assert_golden


class FakeTime:
    def __init__(self):
        self.at, self.slept = 100.0, []

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 2))
        self.at += seconds


@pytest.fixture(scope="module")
def serving():
    with bot_api() as server:
        yield server


@pytest.fixture
def server(serving):
    serving.script, serving.asked, serving.sent = {}, [], []
    return serving


@asynccontextmanager
async def telegram(server, token=TOKEN):
    async with httpx.AsyncClient() as client:
        time = FakeTime()
        yield Telegram(BotApi(client, token, server.url), CHAT, sleep=time.sleep, now=time.now), time


async def test_a_message_goes_to_the_owners_chat_with_its_signs_escaped(server):
    async with telegram(server) as (it, _):
        await it.send("RSI < 30 & <b>falling</b>", silent=True)
    assert server.sent == [
        {
            "chat_id": CHAT,
            "text": "RSI &lt; 30 &amp; &lt;b&gt;falling&lt;/b&gt;",
            "parse_mode": "HTML",
            "disable_notification": True,
        }
    ]


async def test_messages_at_once_leave_a_second_apart(server):
    async with telegram(server) as (it, time):
        await asyncio.gather(*(it.send(str(n)) for n in range(3)))
    assert sorted(server.texts) == ["0", "1", "2"]
    assert time.slept == [0, 1.05, 1.05]


@pytest.mark.parametrize(
    ("script", "pauses"),
    [
        ([floods(17)], [17]),
        ([floods(None), floods(None)], [1.05, 2]),
        ([floods(0)], [1.05]),
        ([broken, broken, broken], [1.05, 2, 4]),
        ([garbage], [1.05]),
        ([hangs], [1.05]),
    ],
    ids=["429 with its wait", "429 without", "429 with no wait", "502", "garbage", "a hang"],
)
async def test_trouble_on_the_way_is_waited_out(server, script, pauses):
    server.plays("sendMessage", *script)
    with patch.object(BotApi.call, "__kwdefaults__", {"photo": None, "within_s": 0.2}):
        async with telegram(server) as (it, time):
            await it.send("hello")
    assert server.texts == ["hello"]
    assert time.slept == [0, *pauses]


async def test_a_server_that_is_not_there_is_trouble_on_the_way(server):
    async with telegram(server) as (it, _):
        it.api = BotApi(it.api.client, TOKEN, "http://127.0.0.1:9")
        with pytest.raises(TelegramAway, match="5 tries"):
            await it.send("hello")


async def test_a_long_wait_is_handed_back_to_the_bus_and_telegram_is_not_asked_meanwhile(server):
    server.plays("sendMessage", floods(600))
    async with telegram(server) as (it, time):
        for _ in range(20):
            with pytest.raises(TelegramAway, match="asks to wait 600 s more"):
                await it.send("hello")
        assert server.count("sendMessage") == 1
        time.at += 600
        await it.send("hello")
    assert server.texts == ["hello"]


async def test_a_group_that_became_a_supergroup_is_followed_under_its_new_id(server):
    moved = {"parameters": {"migrate_to_chat_id": -1001000200}}
    server.plays("sendMessage", refuses(400, "Bad Request: group chat was upgraded to a supergroup chat", **moved))
    async with telegram(server) as (to, _):
        await to.send("bought")
        await to.send("sold")
        assert to.chat_id == "-1001000200"
    assert [body["chat_id"] for method, body in server.asked if method == "sendMessage"] == [
        CHAT, "-1001000200", "-1001000200"
    ]  # fmt: skip


async def test_a_chat_that_is_moved_again_and_again_is_no_endless_loop(server):
    ids = iter(range(-1000, 0))
    server.plays("sendMessage", *[refuses(400, "x", parameters={"migrate_to_chat_id": next(ids)}) for _ in range(9)])
    async with telegram(server) as (to, _):
        with pytest.raises(TelegramAway, match="not delivered in 5 tries"):
            await to.send("bought")


REFUSALS = {"blocked": blocked, "wrong token": unauthorized, "no chat": no_chat}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_what_would_be_refused_again_is_asked_once_a_minute_however_much_waits(server, refusal):
    server.plays("sendMessage", *[refusal] * 2)
    async with telegram(server) as (it, time):
        for minute in (1, 2):
            for _ in range(50):
                with pytest.raises(TelegramRefuses):
                    await it.send("hello")
            assert server.count("sendMessage") == minute
            time.at += 60
        await it.send("hello")
    assert server.texts == ["hello"]


async def test_a_message_that_is_refused_for_itself_holds_up_no_other(server):
    server.plays("sendMessage", refuses(400, "Bad Request: can't parse entities"))
    async with telegram(server) as (it, _):
        with pytest.raises(TelegramRefuses, match="400: Bad Request: can't parse entities"):
            await it.send("one")
        await it.send("two")
    assert server.texts == ["two"]


def test_each_refusal_has_a_sentence_that_says_what_to_do():
    told = {
        "blocked": sentence(403, "Forbidden: bot was blocked by the user"),
        "wrong token": sentence(401, "Unauthorized"),
        "conflict": sentence(409, "Conflict: terminated by other getUpdates request"),
        "no chat": sentence(400, "Bad Request: chat not found"),
        "another": sentence(400, "Bad Request: can't parse entities"),
    }
    assert sentence(404, "Not Found") == told["wrong token"]
    assert_golden("messages/telegram_refusals.txt", "".join(f"{name}: {text}\n" for name, text in told.items()))


@pytest.mark.parametrize("step", [unauthorized, conflict, broken, garbage, refuses(400, f"no /bot{TOKEN}/x")])
async def test_no_error_and_no_picture_of_it_shows_the_token(server, step):
    server.plays("getMe", step)
    async with telegram(server) as (it, _):
        with pytest.raises((TelegramAway, TelegramRefuses)) as refused:
            await it.api.call("getMe", {})
        assert TOKEN not in repr(it)
    assert TOKEN not in str(refused.getrepr(style="long", showlocals=False))
    assert TOKEN not in str(refused.value)


async def test_a_token_with_signs_no_address_holds_is_trouble_too(server):
    async with telegram(server, token="1:\x00") as (it, _):
        with pytest.raises((TelegramAway, TelegramRefuses)):
            await it.api.call("getMe", {})


PNG = b"\x89PNG\r\n\x1a\n\x00 no picture, and no end of one: --\r\n"


async def test_a_picture_carries_its_text(server):
    async with telegram(server) as (it, _):
        await it.send("Profit < 3 %", silent=True, picture=PNG)
    assert server.sent == [
        {
            "chat_id": CHAT,
            "caption": "Profit &lt; 3 %",
            "parse_mode": "HTML",
            "disable_notification": "true",
            "photo": PNG,
        }
    ]


async def test_a_text_too_long_for_a_caption_goes_ahead_of_its_picture(server):
    longest, longer = "가" * 1022 + "🟢", "가" * 1023 + "🟢"
    async with telegram(server) as (it, time):
        await it.send(longest, picture=PNG)
        await it.send(longer, picture=PNG)
    assert [method for method, _ in server.asked] == ["sendPhoto", "sendMessage", "sendPhoto"]
    assert server.texts == [longest, longer, ""]
    assert time.slept == [0, 1.05, 1.05]


@pytest.mark.parametrize("script", [[no_photos], [floods(3), broken, garbage, floods(2), hangs]], ids=["no", "trouble"])
async def test_a_picture_that_does_not_arrive_takes_no_text_along(server, script):
    server.plays("sendPhoto", *script)
    with patch.object(BotApi.call, "__kwdefaults__", {"photo": None, "within_s": 0.2}), capture_logs() as lines:
        async with telegram(server) as (it, _):
            await it.send("hello", picture=PNG)
    assert (server.texts, server.photos) == (["hello"], [])
    assert [line["event"] for line in lines] == ["a picture was not sent"]


async def test_a_picture_after_its_text_is_lost_rather_than_the_text_sent_twice(server):
    server.plays("sendPhoto", floods(600))
    async with telegram(server) as (it, _):
        await it.send("long " * 300, picture=PNG)
    assert len(server.texts) == 1


async def test_trouble_on_the_way_of_a_picture_is_waited_out(server):
    server.plays("sendPhoto", floods(17), broken, ok)
    async with telegram(server) as (it, time):
        await it.send("hello", picture=PNG)
    assert (server.texts, server.photos) == (["hello"], [PNG])
    assert time.slept == [0, 17, 2]


@pytest.mark.parametrize("refusal", [blocked, floods(600)], ids=["blocked", "a long wait"])
async def test_a_chat_that_is_shut_to_a_picture_is_asked_for_no_text_either(server, refusal):
    server.plays("sendPhoto", refusal)
    async with telegram(server) as (it, _):
        with pytest.raises((TelegramAway, TelegramRefuses)):
            await it.send("hello", picture=PNG)
    assert [method for method, _ in server.asked] == ["sendPhoto"]


def test_the_usual_answer_is_waited_for_longer_than_telegram_takes():
    assert adapter._ANSWER_S >= 10
