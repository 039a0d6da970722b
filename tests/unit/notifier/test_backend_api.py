"""The API as the notifier asks it: the token goes in the header, what goes wrong becomes a sentence."""

import httpx
import pytest

from services.notifier.adapters.backend_api import BackendApi, BackendAway, BackendRefuses
from services.notifier.ports import Unfit

TOKEN = "t" * 32


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
    it, asked = api(httpx.Response(200, json={"status": "paused"}))
    assert await it.post("/api/bot/pause") == {"status": "paused"}
    (request,) = asked
    assert str(request.url) == "http://backend:8000/api/bot/pause"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["x-asked-by"] == "telegram"
    assert TOKEN not in repr(it)


@pytest.mark.parametrize(
    ("answer", "fault", "sentence"),
    [
        (httpx.ConnectError("refused"), BackendAway, "the backend at BACKEND_URL does not answer (ConnectError)"),
        (httpx.Response(200, text="<html>"), BackendAway, "the backend at BACKEND_URL answers with no JSON"),
        (httpx.Response(503, json={"detail": "no API_TOKEN is set"}), BackendAway, "no API_TOKEN is set"),
        (httpx.Response(404, json={"detail": "there is no cycle X"}), BackendRefuses, "there is no cycle X"),
        (httpx.Response(409, json={"detail": "the bot is stopped"}), Unfit, "the bot is stopped"),
        (httpx.Response(401, text="no"), BackendRefuses, "the backend answers 401"),
    ],
)
async def test_what_goes_wrong_is_a_sentence(answer, fault, sentence):
    it, _ = api(answer, token=None)
    with pytest.raises(fault) as raised:
        await it.get("/api/bot/status")
    assert str(raised.value).startswith(sentence)
