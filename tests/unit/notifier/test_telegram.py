import asyncio
import json

import httpx
import pytest

from services.notifier.adapters.telegram import Telegram, TelegramAway, TelegramRefuses, cut

TOKEN = "12345:not-a-real-token"


class FakeTime:
    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


class FakeBotApi:
    """Answers with what it is told to, then takes everything; notes what came when."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.time = FakeTime()
        self.taken: list[tuple[float, dict]] = []
        self.asked: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
        self.asked.append(self.time.at)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"ok": True})
        if isinstance(answer, Exception):
            raise answer
        if answer.is_success:
            self.taken.append((self.time.at, json.loads(request.content)))
        return answer

    @property
    def telegram(self) -> Telegram:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Telegram(client, TOKEN, "4711", sleep=self.time.sleep, now=self.time.now)


async def test_a_message_goes_to_the_owners_chat_with_its_signs_escaped():
    api = FakeBotApi()
    await api.telegram.send("RSI < 30 & <b>falling</b>")
    ((_, body),) = api.taken
    assert body == {
        "chat_id": "4711",
        "text": "RSI &lt; 30 &amp; &lt;b&gt;falling&lt;/b&gt;",
        "parse_mode": "HTML",
    }


async def test_messages_at_once_leave_a_second_apart():
    api = FakeBotApi()
    telegram = api.telegram
    await asyncio.gather(*(telegram.send(str(n)) for n in range(3)))
    first, second, third = [at for at, _ in api.taken]
    assert second - first >= 1
    assert third - second >= 1


async def test_telegrams_own_wait_is_kept():
    api = FakeBotApi(httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 17}}))
    await api.telegram.send("hello")
    assert api.asked[1] - api.asked[0] == pytest.approx(17)
    assert len(api.taken) == 1


@pytest.mark.parametrize("trouble", [httpx.Response(502), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")])
async def test_trouble_on_the_way_is_tried_again_with_growing_pauses(trouble):
    api = FakeBotApi(trouble, trouble, trouble)
    await api.telegram.send("hello")
    pauses = [later - earlier for earlier, later in zip(api.asked, api.asked[1:], strict=False)]
    assert pauses == pytest.approx([1.05, 2, 4])
    assert len(api.taken) == 1


async def test_trouble_that_stays_is_handed_back_to_the_bus():
    api = FakeBotApi(*[httpx.Response(503)] * 5)
    with pytest.raises(TelegramAway):
        await api.telegram.send("hello")
    assert len(api.asked) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_raised_at_once_with_its_reason_and_without_the_token(status):
    api = FakeBotApi(httpx.Response(status, json={"ok": False, "description": "Bad Request: chat not found"}))
    with pytest.raises(TelegramRefuses) as refused:
        await api.telegram.send("hello")
    assert str(refused.value) == f"status {status}: Bad Request: chat not found"
    assert len(api.asked) == 1


async def test_no_error_and_no_picture_of_it_shows_the_token():
    api = FakeBotApi(httpx.Response(401, text=f"<html>/bot{TOKEN}/</html>"))
    telegram = api.telegram
    with pytest.raises(TelegramRefuses) as refused:
        await telegram.send("hello")
    assert TOKEN not in str(refused.getrepr(style="long"))
    assert TOKEN not in repr(telegram)


async def test_after_a_refusal_the_next_message_is_sent():
    api = FakeBotApi(httpx.Response(400))
    telegram = api.telegram
    with pytest.raises(TelegramRefuses):
        await telegram.send("one")
    await telegram.send("two")
    assert [body["text"] for _, body in api.taken] == ["two"]


def test_a_message_is_cut_to_what_telegram_holds_and_no_sign_is_split():
    text = cut("🤖" * 3000)  # two units each
    assert len(text.encode("utf-16-le")) // 2 <= 4096
    assert text.endswith("🤖 …")
    assert cut("가" * 4096) == "가" * 4096
