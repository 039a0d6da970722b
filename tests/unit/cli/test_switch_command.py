"""upcycle pause and resume ask the API of a running bot, with the owner's token."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import BaseModel

from services.cli.switch import run
from services.local.running import announced
from shared.api.bot import Jobs, JobState, Switched
from shared.api.health import Problem, Ready
from shared.errors import BadRequest

TOKEN = "t" * 32


def refused(status, detail):
    return status, Problem(title="No", status=status, detail=detail, instance="/api/bot/pause")


class Server(HTTPServer):
    """answer: status and body of a command. seen: path, token and asker of each."""

    answer: tuple[int, BaseModel]
    jobs = Jobs(jobs=())

    def __init__(self, *how):
        super().__init__(*how)
        self.seen, self.url = [], f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def bot():
    """An API that keeps what it is told, and says what it is to say."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self):
            assert (self.path, self.headers["Authorization"]) == ("/api/bot/jobs", f"Bearer {TOKEN}")
            self.say(200, server.jobs)

        def do_POST(self):
            server.seen.append((self.path, self.headers["Authorization"], self.headers["X-Asked-By"]))
            self.say(*server.answer)

        def say(self, status, body):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.model_dump_json().encode())

        def log_message(self, *_):
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("pause", "paused"),
        ("resume", "running"),
        ("stop", "stopped"),
        ("start", "running"),
        ("exits-only", "exits-only"),
    ],
)
def test_the_switch_is_told_and_what_holds_now_is_said(bot, capsys, monkeypatch, tmp_path, command, status):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = 200, Switched(status=status, by="cli", at=datetime(2026, 11, 22, 22, tzinfo=UTC))
    run(command, bot.url, tmp_path)
    assert bot.seen == [(f"/api/bot/{command}", f"Bearer {TOKEN}", "cli")]
    assert capsys.readouterr().out == f"the bot is {status}, by cli\n"


def test_a_job_that_does_not_run_all_the_same_is_told(bot, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = 200, Switched(status="running", by="cli", at=None)
    by = "nobody: its wish was deleted; upcycle jobs resume trading_job"
    state = {"id": "trading_job", "next_run": None, "note": f"paused by {by}", "paused": True, "by": by, "at": None}
    bot.jobs = Jobs(jobs=(JobState(**state), JobState(**state | {"id": "daily_report_job", "paused": False})))
    run("resume", bot.url, tmp_path)
    assert capsys.readouterr().out == f"the bot is running, by cli\nbut trading_job does not run: paused by {by}\n"


def test_a_bot_that_says_no_is_quoted(bot, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = refused(401, "this is not the token")
    with pytest.raises(BadRequest, match="says no: this is not the token"):
        run("pause", bot.url, tmp_path)


def test_a_stopped_bot_says_what_is_left(bot, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = refused(409, "the bot is stopped, and resume changes nothing; only start sets it going again")
    with pytest.raises(BadRequest, match="the bot is stopped, and resume changes nothing; only start"):
        run("resume", bot.url, tmp_path)


def test_what_is_no_bot_is_said_to_be_none(bot, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = 200, Ready(status="ok")  # another one's
    with pytest.raises(BadRequest, match="no bot answers at"):
        run("resume", bot.url, tmp_path)


def test_the_bot_of_the_data_folder_is_found_whatever_its_port(bot, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", TOKEN)
    bot.answer = 200, Switched(status="paused", by="cli", at=None)
    with announced(tmp_path, "nats://127.0.0.1:1", bot.server_port):
        run("pause", None, tmp_path)
    assert bot.seen == [("/api/bot/pause", f"Bearer {TOKEN}", "cli")]


def test_without_a_token_anywhere_nobody_is_asked(bot, tmp_path):
    with pytest.raises(BadRequest, match="no API_TOKEN is set"):
        run("pause", bot.url, tmp_path)
    assert bot.seen == []
