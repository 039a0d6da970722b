"""The model's adapter against a server that misbehaves by script: each trouble is an answer with its code."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from services.analyst.adapters.openai_model import OpenAIModel
from services.analyst.core.answer import Usage
from services.analyst.core.judge import judge
from services.local.nats_server import free_port
from shared.clock import monotonic
from shared.prompt.advice import SCHEMA, Advice
from shared.prompt.build import Prompt
from tests.support.openai_server import (
    advice,
    drips,
    fails,
    hangs,
    openai_server,
    replies,
    sends,
)

PROMPT = Prompt("You judge one market.", "price = 4000000 KRW", "v1", "0" * 64, 20)
GOOD = advice("buy", {"price": 4_000_000.0})
APIS = pytest.mark.parametrize("api", ["chat", "responses"])
NEVER_BILLED = {
    "LLM_KEY_REFUSED", "LLM_QUOTA", "LLM_BUSY", "LLM_SERVER_ERROR", "LLM_REQUEST_REFUSED", "LLM_UNREACHABLE",
}  # fmt: skip


@pytest.fixture(scope="module")
def openai():
    with openai_server(replies(GOOD)) as server:
        yield server


async def ask(server, api="chat", *, timeout_s=30.0, url=None):
    settings = {"key": "sk-test", "base_url": url or server.url, "model": "gpt-4.1", "api": api}
    async with OpenAIModel(**settings, timeout_s=timeout_s, pause_s=0.01) as model:
        return await model.ask(PROMPT)


@APIS
async def test_an_answer_comes_with_its_words_its_usage_and_who_gave_it(api, openai):
    server = openai.plays(replies(GOOD))
    answer = await ask(server, api)
    assert (answer.code, answer.finish, answer.text, answer.billed) == (None, "stop", GOOD, True)
    assert answer.usage == Usage(5200, 90, 1024)
    assert answer.served_by == "gpt-4.1-2025-04-14"


@APIS
async def test_the_request_carries_the_prompt_the_strict_schema_and_a_bound_on_what_is_written(api, openai):
    server = openai.plays(replies(GOOD))
    await ask(server, api)
    (asked,), (headers,) = server.asked, server.headers
    assert headers["authorization"] == "Bearer sk-test"
    messages = asked["messages"] if api == "chat" else asked["input"]
    assert [message["content"] for message in messages] == [PROMPT.system, PROMPT.user]
    form = asked["response_format"]["json_schema"] if api == "chat" else asked["text"]["format"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert form["schema"]["required"] == ["decision", "confidence", "reason", "evidence"]
    assert form["schema"]["$defs"]["Cited"]["additionalProperties"] is False
    assert "rsi_hour" in form["schema"]["$defs"]["EvidenceName"]["enum"]
    assert asked["max_completion_tokens" if api == "chat" else "max_output_tokens"] == 4000
    if api == "responses":
        assert asked["store"] is False


def test_the_schema_is_the_sdks_own_strict_form_of_the_model():
    from openai.lib._pydantic import to_strict_json_schema

    assert to_strict_json_schema(Advice) == SCHEMA


async def test_the_key_is_in_no_log_line_however_much_is_logged(openai, caplog):
    with caplog.at_level("DEBUG"):
        await ask(openai.plays(fails(401, "invalid_api_key", message="Incorrect API key provided: sk-test")))
        await ask(openai.plays(replies(GOOD)))
    assert "POST" in caplog.text
    assert "sk-test" not in caplog.text


TROUBLE = [
    ("LLM_REFUSED", replies(None, refusal="I cannot give financial advice."), 1),
    ("LLM_CUT", replies(GOOD[:20], finish="length"), 1),
    ("LLM_FILTERED", replies("", finish="content_filter"), 1),
    ("LLM_EMPTY", replies(""), 1),
    ("LLM_PROSE", replies(f"Here you are: {GOOD}"), 1),
    ("LLM_NOT_JSON", replies("I would wait."), 1),
    ("LLM_QUOTA", fails(429, "insufficient_quota"), 1),
    ("LLM_KEY_REFUSED", fails(401, "invalid_api_key", message="Incorrect API key provided: sk-te*t"), 1),
    ("LLM_KEY_REFUSED", fails(403, "unsupported_country_region_territory"), 1),
    ("LLM_REQUEST_REFUSED", fails(400, "unsupported_value"), 1),
    ("LLM_REQUEST_REFUSED", fails(404, "model_not_found"), 1),
    ("LLM_SERVER_ERROR", fails(500), 3),
    ("LLM_BUSY", fails(429, "rate_limit_exceeded"), 3),
    ("LLM_BUSY", fails(429, "rate_limit_exceeded", retry_after="3600"), 1),
    ("LLM_TIMEOUT", fails(504), 1),
    ("LLM_NOT_AN_ANSWER", sends(b"<html>gateway</html>", "text/html"), 1),
    ("LLM_NOT_AN_ANSWER", sends(GOOD.encode(), "text/plain"), 1),
    ("LLM_NOT_AN_ANSWER", sends(b"\x00\xff garbage"), 1),
    ("LLM_NOT_AN_ANSWER", sends(b""), 1),
    ("LLM_NOT_AN_ANSWER", sends(b"[" * 200_000), 1),
    ("LLM_NOT_AN_ANSWER", sends(b'"a text"'), 1),
    ("LLM_NOT_AN_ANSWER", sends(b'{"choices":[]}'), 1),
    ("LLM_NOT_AN_ANSWER", sends(b"{}"), 1),
    ("LLM_TOO_LONG", sends(b'{"x":"' + b"a" * 10_000_000 + b'"}'), 1),
    ("LLM_TOO_LONG", sends(b'{"x":"' + b"a" * 10_000_000 + b'"}', status=500), 1),
]  # fmt: skip


EITHER = [("chat", *row) for row in TROUBLE] + [("responses", *row) for row in TROUBLE[:6]]  # whose bodies differ


@pytest.mark.parametrize(
    ("api", "code", "step", "requests"), EITHER, ids=[f"{n}-{row[0]}-{row[1]}" for n, row in enumerate(EITHER)]
)
async def test_every_trouble_has_its_code_is_a_hold_and_is_tried_again_only_where_that_helps(
    code, step, requests, api, openai
):
    server = openai.plays(step)
    answer = await ask(server, api)
    judged = judge(answer, {})
    assert (judged.code, judged.decision, judged.confidence) == (code, "hold", None)
    assert len(server.asked) == requests
    assert answer.billed is (code not in NEVER_BILLED)
    assert "sk-te" not in judged.said


@pytest.mark.parametrize("step", [hangs, drips(GOOD.encode() * 100)], ids=["hangs", "drips"])
async def test_one_deadline_bounds_a_server_that_hangs_or_drips(step, openai):
    server = openai.plays(step)
    began = monotonic()
    answer = await ask(server, timeout_s=1)
    assert monotonic() - began < 10  # the drip would go on for longer
    assert (answer.code, answer.billed) == ("LLM_TIMEOUT", True)
    assert len(server.asked) == 1


async def test_a_busy_server_is_asked_again_after_the_time_it_names(openai):
    server = openai.plays(fails(429, "rate_limit_exceeded", retry_after="0.3"), replies(GOOD))
    began = monotonic()
    answer = await ask(server)
    assert monotonic() - began >= 0.3
    assert (answer.text, len(server.asked)) == (GOOD, 2)


async def test_a_time_to_wait_beyond_the_deadline_is_not_waited(openai):
    server = openai.plays(fails(429, "rate_limit_exceeded", retry_after="40"), replies(GOOD))
    began = monotonic()
    answer = await ask(server, timeout_s=20)
    assert monotonic() - began < 10
    assert (answer.code, answer.billed, len(server.asked)) == ("LLM_BUSY", False, 1)


async def test_a_server_error_that_passes_is_forgotten(openai):
    server = openai.plays(fails(500), fails(503), replies(GOOD))
    assert (await ask(server)).text == GOOD


async def test_where_nobody_listens_nothing_is_spent():
    answer = await ask(None, url=f"http://127.0.0.1:{free_port()}/v1")
    assert (answer.code, answer.billed) == ("LLM_UNREACHABLE", False)


async def test_a_connection_that_breaks_may_have_been_billed_and_is_not_tried_again():
    taken = []

    async def hang_up(reader, writer):
        taken.append(await reader.read(100))
        writer.transport.abort()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0, family=socket.AF_INET)
    port = listener.sockets[0].getsockname()[1]
    answer = await ask(None, url=f"http://127.0.0.1:{port}/v1")
    listener.close()
    assert (answer.code, answer.billed, len(taken)) == ("LLM_BROKEN_OFF", True, 1)


async def test_a_redirect_is_not_followed_with_the_key(openai):
    server = openai.plays(lambda _: _redirect())
    answer = await ask(server)
    assert (answer.code, len(server.asked)) == ("LLM_REQUEST_REFUSED", 1)


def _redirect():
    from starlette.responses import RedirectResponse

    return RedirectResponse("http://127.0.0.1:9/v1/chat/completions")


@APIS
async def test_an_answer_without_usage_counts_as_unknown(api, openai):
    server = openai.plays(replies(GOOD, usage=None))
    answer = await ask(server, api)
    assert (answer.usage, answer.text) == (None, GOOD)


@APIS
async def test_the_usage_is_kept_where_the_answer_is_cut(api, openai):
    server = openai.plays(replies(GOOD[:9], finish="length"))
    assert (await ask(server, api)).usage == Usage(5200, 90, 1024)


# Bodies recorded from OpenAI (../shared/data/fixtures/openai); none of them answers our question.
RECORDED = {
    "parse_max_tokens_reached": ("LLM_CUT", Usage(79, 1, 0)),
    "parse_nothing": ("LLM_NOT_JSON", Usage(14, 37, 0)),
    "parse_pydantic_model": ("LLM_NO_CONFIDENCE", Usage(79, 14, 0)),
    "parse_pydantic_model_refusal": ("LLM_REFUSED", Usage(79, 12, 0)),
    "parse_pydantic_tool": ("LLM_EMPTY", Usage(76, 24, 0)),
}


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_body_of_openai_is_read_as_what_it_is(name, data_dir, openai):
    body = _recorded(data_dir / "fixtures/openai/chat_completions" / f"{name}.json")
    server = openai.plays(sends(json.dumps(body["body"]).encode()))
    answer = await ask(server)
    code, usage = RECORDED[name]
    assert (judge(answer, {}).code, answer.usage) == (code, usage)
    assert answer.served_by == "gpt-4o-2024-08-06"


@pytest.mark.parametrize(
    ("name", "code"), [("errors.json", "LLM_QUOTA"), ("http_exchanges/error_400_unsupported_value.json", None)]
)
async def test_a_recorded_error_of_openai_is_told_by_its_own_name(name, code, data_dir, openai):
    (body,) = _recorded(data_dir / "fixtures/openai" / name)
    server = openai.plays(sends(json.dumps(body["body"]).encode(), status=body["status"]))
    answer = await ask(server)
    assert answer.code == (code or "LLM_REQUEST_REFUSED")
    assert answer.detail == f"HTTP {body['status']} {body['body']['error']['code']}"
    assert len(server.asked) == 1


def _recorded(path: Path):
    return json.loads(path.read_text())
