"""As for Upbit, so for Telegram, the model, the index, the heartbeat and our own API: each odd answer has a name."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.analyst.adapters.openai_model import OpenAIModel
from services.analyst.core.answer import Answer
from services.analyst.core.judge import judge
from services.backend.dead_man import DeadMan
from services.backend.routes import examples
from services.cli import api
from services.collector.adapters.fear_greed import AlternativeMe
from services.notifier.adapters.backend_api import BackendApi
from services.notifier.adapters.bot_api import WAIT_MAX_S, BotApi, TelegramAway, TelegramRefuses
from services.notifier.adapters.inbox import TelegramInbox
from services.notifier.adapters.telegram import Telegram
from services.notifier.commands import Commands
from services.notifier.ports import Refused, RetryLater
from shared.api import routes
from shared.api.health import Problem
from shared.catalogue.model import NO_ANSWER
from shared.errors import BadRequest, Permanent, Transient
from shared.events import Absent, FearGreed
from shared.fixed_clock import FixedClock
from shared.http_client import direct_client
from tests.conftest import DATA
from tests.support.builders import AT
from tests.support.odd import odd_answer
from tests.support.openai_server import advice

UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 1, "date": 1767582000, "text": "/status", "chat": {"id": 4711, "type": "private"},
        "from": {"id": 4711, "is_bot": False},
    },
}  # fmt: skip
TELEGRAM = [
    {"ok": True, "result": [UPDATE, UPDATE | {"update_id": 6}]},
    {"ok": True, "result": {"message_id": 1}},
    {"ok": False, "error_code": 400, "description": "upgraded", "parameters": {"migrate_to_chat_id": -1001}},
    {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 34}},
]
MODEL = [
    {
        "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4.1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": advice("hold"), "refusal": None},
                     "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 1}},
    },
    {"error": {"message": "m", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}},
]  # fmt: skip
INDEX = {
    "name": "Fear and Greed Index",
    "data": [{"value": "40", "value_classification": "Fear", "timestamp": "1551157200", "time_until_update": "68499"}],
    "metadata": {"error": None},
}
PROBLEM = Problem(title="Not Found", status=404, detail="no", instance="/").model_dump()
PAGES = [examples.STATUS, examples.JOBS, examples.CYCLES, examples.CYCLE_DETAIL, examples.DECISIONS, examples.TRADES,
         examples.STATS, examples.PORTFOLIO, examples.SWITCHED, PROBLEM]  # fmt: skip


def odd(*bodies, recorded=""):
    """One of these, or of the recorded ones where they are at hand, made odd in one place or in its bytes."""
    found = [json.loads(file.read_text()) for file in sorted((DATA / "fixtures").glob(recorded))] if recorded else []
    rows = [row for told in found for row in (told if isinstance(told, list) else [told])]
    retry = st.sampled_from([{}, {}, {"retry-after": "inf"}, {"retry-after": "x"}, {"retry-after-ms": "nan"}])
    head = st.sampled_from([{}, {}, {"location": "http://["}, {"set-cookie": "=; expires=never"}])
    answers = st.sampled_from([*bodies, *(row["body"] for row in rows)]).flatmap(odd_answer)
    return st.builds(lambda answer, *more: (answer[0], answer[1] | more[0] | more[1], answer[2]), answers, retry, head)


def every(examples):
    """The same ones each time: what a wider hunt finds is made a case of its own."""
    return settings(
        max_examples=int(os.environ.get("UPCYCLE_ODD", examples)), deadline=None, database=None,
        derandomize="UPCYCLE_ODD" not in os.environ, suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def line(answer):
    """A transport on which one answer comes, byte by byte as it is."""
    status, heads, body = answer
    return httpx.MockTransport(lambda _: httpx.Response(status, stream=httpx.ByteStream(body), headers=heads))


def client(answer):
    return direct_client(transport=line(answer))


async def no_pause(_):
    return None


@every(120)
@given(odd(*TELEGRAM, recorded="telegram/errors.json"))
async def test_telegrams_answers(answer):
    async with client(answer) as http:
        bot = BotApi(http, "1:secret-token", "http://t")
        for asked in (TelegramInbox(bot).after(0), Telegram(bot, "4711", sleep=no_pause).send("bought")):
            fault = None
            try:
                heard = await asked
            except (RetryLater, Refused, TelegramRefuses) as e:
                heard, fault = [], e
            assert "secret-token" not in str(fault)
            assert 0 < (getattr(fault, "wait_s", None) or 1) <= WAIT_MAX_S
            for said in heard or ():
                assert isinstance(said.id, int)
                assert said.chat.lstrip("-").isdigit() or (said.chat, said.sender, said.text) == ("", "", "")


@every(80)
@given(odd(INDEX))
async def test_the_indexs_answers(answer):
    async with AlternativeMe(http_client=client(answer)) as index:
        found = await index.known_at(datetime(2019, 2, 26, 5, tzinfo=UTC))
    assert isinstance(found, FearGreed | Absent)


@every(60)
@given(odd(*PAGES))
async def test_the_backends_answers_and_every_command_over_them(answer):
    async with client(answer) as http:
        backend = BackendApi(http, "http://127.0.0.1:8000", "t" * 40)

        async def no_report():
            return None

        commands = Commands(backend, no_report, FixedClock(AT), "en", ("KRW-ETH",))
        for text in ("status", "balance", "trades", "profit", "why", "gate", "cost", "jobs", "pause", "start"):
            assert isinstance((await commands(f"/{text}", True)).text, str)
        with suppress(Transient, Permanent):
            await backend.post(routes.SWITCH["pause"])


@every(60)
@given(odd(*PAGES))
def test_the_backends_answers_to_the_command_line(answer):
    with pytest.MonkeyPatch.context() as patch:
        real = httpx.Client
        patch.setattr(httpx, "Client", lambda **given: real(transport=line(answer), **given))
        with suppress(BadRequest):
            api.ask("http://127.0.0.1:1", routes.STATUS)


@every(40)
@given(odd({"ok": True}))
async def test_the_dead_mans_answers(answer):
    async with client(answer) as http:
        await DeadMan(http, "https://hc-ping.com/secret", lambda: None, FixedClock(AT))._call()


@every(100)
@given(odd(*MODEL, recorded="openai/**/*.json"))
async def test_the_models_answers(answer):
    status, heads, body = answer
    given_line = httpx2.MockTransport(lambda _: httpx2.Response(status, stream=httpx2.ByteStream(body), headers=heads))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx2, "AsyncHTTPTransport", lambda **_: given_line)
        async with OpenAIModel(
            key="sk-secret", base_url="http://m/v1", model="gpt-4.1", api="chat", timeout_s=0.5, pause_s=0.0
        ) as model:
            told = await model.ask(Words())
    assert isinstance(told, Answer)
    assert "sk-secret" not in repr(told)
    judged = judge(told, {})
    assert judged.code in NO_ANSWER or judged.code == "LLM_ANSWERED"
    json.dumps(judged.said).encode()


class Words:
    system = user = "words"


NO_MONEY = [
    (429, "insufficient_quota"), (429, "billing_not_active"), (400, "billing_hard_limit_reached"),
    (403, "insufficient_balance"), (402, "invalid_request_error"), (200, "insufficient_quota"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "name"), NO_MONEY)
async def test_no_money_is_the_same_under_every_name_and_is_not_asked_for_again(status, name):
    code, asked = await ask_once(status, {"error": {"message": "m", "type": name, "code": name}})
    assert (code, asked) == ("LLM_QUOTA", 1)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", ["<html>Access denied</html>", ""])
async def test_a_gateways_page_says_nothing_about_the_key(status, body):
    assert (await ask_once(status, body))[0] == "LLM_NOT_AN_ANSWER"
    assert (await ask_once(status, {"error": {"code": "invalid_api_key"}}))[0] == "LLM_KEY_REFUSED"


@pytest.mark.parametrize(
    "heads",
    [{"retry-after": "Fri, 31 Dec 2027 23:59:59 GMT", "date": "Fri, 31 Dec 2027 22:59:59 GMT"},
     {"retry-after": "3600"}, {"retry-after-ms": "3600000"}],
)  # fmt: skip
async def test_a_wait_that_is_too_long_is_understood_in_every_form(heads):
    assert await ask_once(429, {"error": {"code": "rate_limit_exceeded"}}, heads) == ("LLM_BUSY", 1)


async def ask_once(status, body, heads=None):
    asked = []

    def answer(_):
        asked.append(1)
        if isinstance(body, str):
            return httpx2.Response(status, text=body, headers={"content-type": "text/html"})
        return httpx2.Response(status, json=body, headers=heads)

    given_line = httpx2.MockTransport(answer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx2, "AsyncHTTPTransport", lambda **_: given_line)
        async with OpenAIModel(
            key="sk-secret", base_url="http://m/v1", model="gpt-4.1", api="chat", timeout_s=5, pause_s=0.0
        ) as model:
            return (await model.ask(Words())).code, len(asked)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_gateways_page_says_nothing_about_the_bots_token(status):
    async with client((status, {}, b"<html>404</html>")) as http:
        with pytest.raises(TelegramAway, match="nothing of use"):
            await BotApi(http, "1:x", "http://t").call("sendMessage", {})


@given(st.sampled_from(["1e308", "inf", "NaN", "-5", "0", "1e999", "x", None, [], True]))
async def test_a_wait_that_cannot_be_is_none_or_an_hour(asked):
    body = json.dumps({"ok": False, "parameters": {"retry_after": asked}}).encode()
    async with client((429, {}, body)) as http:
        with pytest.raises(TelegramAway) as e:
            await BotApi(http, "1:x", "http://t").call("getUpdates", {})
    assert e.value.wait_s is None or 0 < e.value.wait_s <= WAIT_MAX_S
