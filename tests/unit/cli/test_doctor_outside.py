"""The doctor's look at the outside: exchange, key, model, Telegram; each against a stand-in on this machine."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from services.cli.checks import outside
from services.cli.commands.doctor import examine
from services.local.running import announced
from shared.settings import Settings
from tests.support.paper_server import TOKEN, seat, seated

KEY = "sk-planted-key-of-a-test"
BOT = "123456:planted-token-of-a-test"


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    with seat() as port, seated(port, tmp_path_factory.mktemp("paper")) as running:
        yield running


class Server(HTTPServer):
    def __init__(self, *how):
        super().__init__(*how)
        self.paths = []


@contextmanager
def stand_in(status, body):
    """A server that answers every GET alike; `.paths` holds what was asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            server.paths.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def give(paper, expire_at):
    """The paper exchange's key another end."""
    said = {"key": {"expire_at": expire_at}}
    httpx.post(f"{paper.url}/admin/faults", json=said, headers={"Authorization": f"Bearer {TOKEN}"}).raise_for_status()


async def found(check, settings):
    return {row.name: row for row in await examine(settings, [check])}


async def test_on_paper_the_key_is_looked_at_and_an_order_is_tried(paper, tmp_path):
    settings = Settings.load(data_dir=tmp_path, upbit_base_url=paper.url, paper_clock="stepped")
    rows = await found(outside.exchange, settings)
    assert {name: row.state for name, row in rows.items()} == {
        "exchange": "ok", "key": "ok", "test order": "ok", "clock skew": "skip", "withdrawal": "skip",
    }  # fmt: skip
    assert "days more" in rows["key"].found
    assert rows["exchange"].found == f"{paper.url} has KRW-ETH"


async def test_on_paper_too_the_machines_clock_is_held_against_an_exchange_of_the_walls_time(paper, tmp_path):
    """This one stands on a tape of another year."""
    rows = await found(outside.exchange, Settings.load(data_dir=tmp_path, upbit_base_url=paper.url))
    assert rows["clock skew"].state == "fail"
    assert "set this machine's clock by NTP" in rows["clock skew"].todo


async def test_the_exchange_of_the_running_system_is_found_by_itself(paper, tmp_path):
    settings = Settings.load(data_dir=tmp_path)
    (row,) = await outside.exchange(settings)
    assert (row.name, row.state) == ("exchange", "skip")
    with announced(tmp_path, "nats://127.0.0.1:4222", 8000, paper.url):
        assert (await found(outside.exchange, settings))["key"].state == "ok"


async def test_a_key_that_ends_soon_warns_and_one_that_has_ended_fails(paper, tmp_path):
    settings = Settings.load(data_dir=tmp_path, upbit_base_url=paper.url)
    for expire_at, state in (("2025-09-14T00:00:00Z", "warn"), ("2025-09-10T00:00:00Z", "fail")):
        give(paper, expire_at)
        assert (await found(outside.exchange, settings))["key"].state == state
    give(paper, "2030-01-01T00:00:00Z")


async def test_an_exchange_that_is_away_fails(tmp_path):
    (row,) = await outside.exchange(Settings.load(data_dir=tmp_path, upbit_base_url="http://127.0.0.1:9"))
    assert (row.state, row.todo) == ("fail", "look at the network and at UPBIT_BASE_URL")


async def test_live_every_proof_is_looked_at_and_no_key_is_shown(paper, tmp_path, monkeypatch):
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "planted-access-key")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "planted-secret-key-that-opens-nothing-at-all")
    rows = await found(
        outside.exchange, Settings.load(data_dir=tmp_path, trading_mode="live", upbit_base_url=paper.url)
    )
    assert rows["key"].state == "fail"
    assert rows["key"].todo == "correct UPBIT_ACCESS_KEY"
    assert {"exchange", "key", "withdrawal", "test order"} == set(rows)
    assert "planted" not in str(rows)


async def test_live_without_keys_says_what_to_make(tmp_path):
    (row,) = await outside.exchange(Settings.load(data_dir=tmp_path, trading_mode="live"))
    assert (row.state, row.found) == ("fail", "UPBIT_ACCESS_KEY: is not set; UPBIT_SECRET_KEY: is not set")


@pytest.mark.parametrize(
    ("status", "body", "state", "said"),
    [
        (200, json.dumps({"data": [{"id": "gpt-4.1"}]}), "ok", "has gpt-4.1"),
        (200, json.dumps({"data": [{"id": "llama"}]}), "warn", "does not list gpt-4.1"),
        (401, "{}", "fail", "refuses the key"),
        (404, "", "warn", "answers 404"),
        (500, "", "warn", "answers 500"),
    ],
)
async def test_the_model(status, body, state, said):
    with stand_in(status, body) as (server, url):
        (row,) = await outside.model(Settings.load(openai_api_key=KEY, openai_base_url=f"{url}/v1"))
    assert server.paths == ["/v1/models"]
    assert row.state == state
    assert said in row.found
    assert KEY not in str(row)


async def test_a_model_that_is_away_fails_and_without_a_key_the_rules_speak():
    (row,) = await outside.model(Settings.load(openai_api_key=KEY, openai_base_url="http://127.0.0.1:9"))
    assert (row.state, KEY in str(row)) == ("fail", False)
    (row,) = await outside.model(Settings.load())
    assert (row.state, row.found) == ("skip", "OPENAI_API_KEY is not set: the rules-only analyst speaks")


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (401, "fail"), (404, "fail"), (502, "warn")])
async def test_telegram(status, state):
    settings = Settings.load(telegram_enabled=True, telegram_bot_token=BOT, telegram_chat_id="1")
    with stand_in(status, "{}") as (server, url):
        (row,) = await outside.telegram(settings, url)
    assert server.paths == [f"/bot{BOT}/getMe"]
    assert row.state == state
    assert BOT not in str(row)


async def test_telegram_that_is_away_fails_without_its_token():
    settings = Settings.load(telegram_enabled=True, telegram_bot_token=BOT, telegram_chat_id="1")
    (row,) = await outside.telegram(settings, "http://127.0.0.1:9")
    assert (row.state, BOT in str(row)) == ("fail", False)
