"""The index, or the reason why there is none; it never stops a cycle."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.collector.adapters.fear_greed import AlternativeMe, NoSentiment
from shared.catalogue import sentence
from shared.events import Absent, FearGreed
from shared.reason import Reason

DAY = datetime(2026, 4, 27, tzinfo=UTC)  # 1777248000
BODY = {
    "name": "Fear and Greed Index",
    "data": [
        {"value": "47", "value_classification": "Neutral", "timestamp": "1777248000", "time_until_update": "24000"}
    ],
    "metadata": {"error": None},
}


def answering(answer, **options):
    def respond(request):
        assert str(request.url) == "https://index.test/fng/?limit=1"
        return answer(request) if callable(answer) else answer

    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    return AlternativeMe("https://index.test/", http_client=http, **options)


def why(absent):
    """In English; in Korean it is another sentence of the same figures."""
    assert (type(absent), absent.absent) == (Absent, "")
    told, korean = (sentence(Reason(absent.reason_code, absent.figures), language) for language in ("en", "ko"))
    assert korean not in (told, absent.reason_code)
    return told


async def known(answer, at=DAY + timedelta(hours=3), **options):
    async with answering(answer, **options) as index:
        return await index.known_at(at)


async def test_todays_value_is_read_with_the_day_it_stands_for():
    assert await known(httpx.Response(200, json=BODY)) == FearGreed(at=DAY, value=47, label="Neutral")


async def test_a_value_stamped_at_the_slot_is_known_and_a_later_one_is_not():
    body = httpx.Response(200, json=BODY)
    assert isinstance(await known(body, at=DAY), FearGreed)
    told = await known(body, at=DAY - timedelta(seconds=1))
    assert why(told) == "it stands for 2026-04-27, which was not known yet"


async def test_a_value_older_than_two_days_is_absent():
    body = httpx.Response(200, json=BODY)
    assert isinstance(await known(body, at=DAY + timedelta(days=2)), FearGreed)
    told = await known(body, at=DAY + timedelta(days=2, seconds=1))
    assert why(told) == "it stands for 2026-04-27 and is too old"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"data": []},
        {"data": [{"value": "47"}]},
        {"data": [{"value": "101", "value_classification": "Greed", "timestamp": "1777248000"}]},
        {"data": [{"value": "47", "value_classification": "Greed", "timestamp": "soon"}]},
        {"data": [{"value": "47", "value_classification": "Greed", "timestamp": "9" * 30}]},
    ],
)
async def test_an_answer_that_cannot_be_is_absent(body):
    assert why(await known(httpx.Response(200, json=body))) == "alternative.me answered something unreadable"


async def test_a_page_of_html_is_absent():
    told = await known(httpx.Response(200, text="<html>"))
    assert why(told) == "alternative.me answered something unreadable"


@pytest.mark.parametrize("status", [404, 429, 503])
async def test_an_error_status_is_the_reason(status):
    assert why(await known(httpx.Response(status))) == f"alternative.me answered {status}"


async def test_no_connection_is_the_reason():
    def refuse(request):
        raise httpx.ConnectError("no route", request=request)

    assert why(await known(refuse)) == "alternative.me is out of reach: ConnectError"


async def test_silence_ends_after_the_time_given():
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            await asyncio.Event().wait()

    async with AlternativeMe(timeout_s=0.02, http_client=httpx.AsyncClient(transport=Silent())) as index:
        assert why(await index.known_at(DAY)) == "alternative.me did not answer within 0.02 s"


async def test_where_there_can_be_none_the_reason_is_told():
    assert why(await NoSentiment().known_at(DAY)) == "a tape has none"
