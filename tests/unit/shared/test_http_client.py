"""Which way requests take: nothing of this machine, and nothing of Upbit's, goes by a proxy of the environment."""

import ast
from pathlib import Path

import httpx
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.analyst.adapters.openai_model import OpenAIModel
from services.cli.api import ask
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.ports import ExchangeUnreachable, UnreadableAnswer
from shared.api.health import Ready
from shared.api.routes import PAUSE_JOB, READY
from shared.errors import BadRequest
from shared.http_client import direct_client, proxied_client, proxy_for
from tests.support.served import served

ROOT = Path(__file__).parents[3]
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def proxies(monkeypatch):
    for name in (*NAMES, *map(str.lower, NAMES)):
        monkeypatch.delenv(name, raising=False)

    def given(**names):
        for name, value in names.items():
            monkeypatch.setenv(name, value)

    return given


@pytest.mark.parametrize(
    ("names", "way"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ({"https_proxy": "10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ({"ALL_PROXY": "http://10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ({"HTTP_PROXY": "http://10.0.0.1:3128"}, None),  # not for https
        ({"HTTPS_PROXY": "http://10.0.0.1:3128", "NO_PROXY": "api.telegram.org"}, None),
        ({"HTTPS_PROXY": "http://10.0.0.1:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_what_goes_out_takes_the_owners_proxy_where_he_has_one_for_it(proxies, names, way):
    proxies(**names)
    assert proxy_for("https://api.telegram.org") == way


@pytest.mark.parametrize(
    "proxy",
    [
        "socks://127.0.0.1:1080/",
        "socks5h://x:1",
        "http://",
        "http://h:port",
        "http://h:0",
        "ftp://h",
        "http://[",
        "://",
    ],
)
def test_a_proxy_that_cannot_be_used_keeps_nothing_from_starting(proxies, proxy):
    proxies(HTTPS_PROXY=proxy, ALL_PROXY=proxy)
    assert proxy_for("https://api.openai.com/v1") is None
    proxied_client("https://api.openai.com/v1")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1", "http://backend:8000", "http://127.8.8.8",
            "http://host.docker.internal:11434", "http://0.0.0.0:1"]
)  # fmt: skip
def test_this_machine_and_its_neighbours_are_asked_straight(proxies, url):
    proxies(HTTP_PROXY=NOWHERE, HTTPS_PROXY=NOWHERE, ALL_PROXY=NOWHERE, NO_PROXY="")
    assert proxy_for(url) is None


@pytest.fixture
def here(proxies):
    """A server of this machine, in an environment whose proxies lead nowhere."""

    async def well(_):
        return JSONResponse({"status": "ok"})

    with served(Starlette(routes=[Route("/{rest:path}", well)]), "a neighbour") as url:
        proxies(HTTP_PROXY=NOWHERE, HTTPS_PROXY=NOWHERE, ALL_PROXY="socks://127.0.0.1:1080/", NO_PROXY="127.0.0.0/8")
        yield url


async def test_a_neighbour_answers_whatever_the_environment_says(here):
    for make in (direct_client, lambda: proxied_client(here)):
        async with make() as http:
            assert (await http.get(here)).json() == {"status": "ok"}
    assert ask(here, READY) == Ready(status="ok")
    with pytest.raises(BadRequest, match="no request can carry"):
        ask(here, PAUSE_JOB, "x", token="토큰" * 20)


async def test_upbits_hours_are_read_straight(here):
    with pytest.raises(UnreadableAnswer):  # it was reached: what it says is no candle
        await PyupbitHours(here, retries_s=()).now("KRW-BTC")
    with pytest.raises(ExchangeUnreachable):
        await PyupbitHours(NOWHERE, retries_s=()).now("KRW-BTC")


async def test_the_model_is_asked_by_the_owners_proxy(proxies, monkeypatch):
    proxies(HTTPS_PROXY="http://10.0.0.1:3128")
    ways = []
    real = httpx2.AsyncHTTPTransport
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda **given: ways.append(given["proxy"]) or real(**given))
    for url in (None, "http://ollama:11434/v1"):
        async with OpenAIModel(key="k", base_url=url, model="m", api="chat", timeout_s=1):
            pass
    assert ways == ["http://10.0.0.1:3128", None]


def test_no_client_of_ours_asks_the_environment_by_itself():
    """httpx and requests would: each client says trust_env=False, and each call goes through a client."""
    found = []
    for file in (*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "httpx" in text or "requests" in text else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called, given = ast.unparse(node.func), {word.arg: word.value for word in node.keywords}
            if called in ("httpx.AsyncClient", "httpx.Client", "httpx2.AsyncClient", "httpx2.Client"):
                off = given.get("trust_env")
                found += [] if isinstance(off, ast.Constant) and off.value is False else [(file.name, called)]
            elif called.startswith(("httpx.", "httpx2.")) and called.rpartition(".")[2] in ("get", "post", "stream"):
                found.append((file.name, called))
            elif called.startswith("requests.") and called.rpartition(".")[2] in ("get", "post", "Session"):
                found += [] if "proxies" in given else [(file.name, called)]
    assert found == []
    assert httpx.AsyncClient(trust_env=False).trust_env is False
