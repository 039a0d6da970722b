"""The API as the notifier asks it: the token goes in the header, what goes wrong becomes a sentence."""

import httpx
import pytest

from services.notifier.adapters.backend_api import BackendApi, BackendAway, BackendRefuses
from services.notifier.ports import Unfit
from shared.api import routes
from shared.api.bot import Switched
from shared.api.health import Problem

TOKEN = "t" * 32
PAUSED = Switched(status="paused", by="telegram", at=None)


def refused(status, detail):
    problem = Problem(title="No", status=status, detail=detail, instance="/api/bot/status")
    return httpx.Response(status, text=problem.model_dump_json())


def api(answer, token=TOKEN):
    asked = []

    def serve(request):
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(serve))
    return BackendApi(client, "http://backend:8000/", token), asked


async def test_it_says_who_asks_and_keeps_the_token_out_of_the_address():
    it, asked = api(httpx.Response(200, text=PAUSED.model_dump_json()))
    assert await it.post(routes.SWITCH["pause"]) == PAUSED
    (request,) = asked
    assert str(request.url) == "http://backend:8000/api/bot/pause"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["x-asked-by"] == "telegram"
    assert TOKEN not in repr(it)


@pytest.mark.parametrize(
    ("answer", "fault", "sentence"),
    [
        (httpx.ConnectError("refused"), BackendAway, "the backend at BACKEND_URL does not answer (ConnectError)"),
        (httpx.Response(200, text="<html>"), BackendAway, "the backend at BACKEND_URL answers in another shape"),
        (httpx.Response(200, json={"jobs": []}), BackendAway, "the backend at BACKEND_URL answers in another shape"),
        (refused(503, "no API_TOKEN is set"), BackendAway, "no API_TOKEN is set"),
        (refused(404, "there is no cycle X"), BackendRefuses, "there is no cycle X"),
        (refused(409, "the bot is stopped"), Unfit, "the bot is stopped"),
        (httpx.Response(401, text="no"), BackendRefuses, "the backend answers 401"),
    ],
)
async def test_what_goes_wrong_is_a_sentence(answer, fault, sentence):
    it, _ = api(answer, token=None)
    with pytest.raises(fault) as raised:
        await it.get(routes.STATUS)
    assert str(raised.value).startswith(sentence)
