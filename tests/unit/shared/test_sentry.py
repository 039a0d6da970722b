"""What reaches Sentry: errors with their cycle and exception; and what never does."""

import json
import logging
import subprocess
import sys

import pytest
import sentry_sdk
import structlog

from shared.sentry import set_up_sentry
from shared.settings import BadSetting, Settings
from tests.support.processes import environment
from tests.support.sentry_server import sentry_server

TELEGRAM = "12345:PLANTEDtelegramtoken"
KEY = "sk-PLANTED0123456789"


@pytest.fixture
def listening():
    """A process that was set up, and its log; afterwards all is as it was."""
    root, hook = logging.getLogger(), sys.excepthook
    before = list(root.handlers)
    with sentry_server() as server:
        set_up_sentry(
            Settings.load(
                sentry_enabled=True, sentry_dsn=server.dsn, sentry_environment="test", openai_api_key=KEY,
                telegram_bot_token=TELEGRAM,
            ),
            service="executor",
        )  # fmt: skip
        yield server
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    root.handlers, sys.excepthook = before, hook


def test_an_error_arrives_with_its_cycle_its_exception_and_no_secret(listening):
    local_of_the_frame = "PLANTEDlocal"
    try:
        raise RuntimeError(f"POST https://api.telegram.org/bot{TELEGRAM}/sendMessage with {KEY}: {TELEGRAM[:5]}")
    except RuntimeError as e:
        line = {"event": "buried", "stage": "executor", "cycle": "KRW-ETH-20260105T0300Z", "error": f"x {KEY}"}
        logging.getLogger("bus").error(line | {"exc_info": e, "_record": object()})
    assert local_of_the_frame
    sentry_sdk.flush(30)
    (event,) = listening.events
    assert event["logentry"]["message"] == "buried"
    assert event["tags"] == {"service": "executor", "stage": "executor", "cycle": "KRW-ETH-20260105T0300Z"}
    assert (event["level"], event["environment"], event["server_name"]) == ("error", "test", "executor")
    (fault,) = event["exception"]["values"]
    assert (fault["type"], fault["value"][:10]) == ("RuntimeError", "POST https")
    assert fault["stacktrace"]["frames"][-1]["function"].startswith("test_an_error")
    sent = b"".join(listening.envelopes)
    assert b"PLANTED" not in sent.replace(b'local_of_the_frame = \\"PLANTEDlocal\\"', b"")  # the source line itself
    assert b'"vars"' not in sent
    assert event.get("breadcrumbs", {"values": []}) == {"values": []}
    assert not {name for name in ("request", "user", "modules", "extra") if event.get(name)}
    assert "argv" not in json.dumps(event)


def test_a_librarys_error_arrives_too_with_the_cycle_it_came_in(listening):
    with structlog.contextvars.bound_contextvars(cycle="KRW-ETH-20260105T0300Z", got="SnapshotTaken"):
        logging.getLogger("asyncio").error("Task exception was %s", "never retrieved")
    sentry_sdk.flush(30)
    (event,) = listening.events
    assert event["logentry"]["message"] == "Task exception was never retrieved"
    assert event["tags"]["cycle"] == "KRW-ETH-20260105T0300Z"
    assert event["tags"]["got"] == "SnapshotTaken"


@pytest.mark.parametrize(
    ("status", "heads", "body"),
    [
        (429, {"Retry-After": "soon"}, b"{}"), (429, {"X-Sentry-Rate-Limits": "x:y:z,:::,-1"}, b"\xff"),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"), (200, {}, b"[" * 100_000), (302, {"Location": "//["}, b""),
        (403, {}, b"<html>Forbidden</html>"), (500, {"Retry-After": "1e999"}, b""),
    ],
)  # fmt: skip
def test_whatever_sentry_answers_nothing_of_it_reaches_the_process(listening, status, heads, body):
    listening.status, listening.heads, listening.body = status, heads, body
    for n in range(3):
        logging.getLogger("bus").error({"event": f"buried {n}"})
    sentry_sdk.flush(30)
    assert listening.envelopes


def test_what_is_no_error_does_not(listening):
    logging.getLogger("bus").warning({"event": "will try again"})
    sentry_sdk.flush(30)
    assert listening.events == []


def test_a_line_before_the_end_of_the_process_is_sent_before_it_ends(listening, monkeypatch):
    flush = sentry_sdk.flush
    monkeypatch.setattr(sentry_sdk, "flush", lambda _: flush(30))  # for a slow machine; it gives up after two seconds
    logging.getLogger("bus").critical({"event": "this process cannot go on and ends"})
    assert len(listening.events) == 1


def test_without_a_dsn_or_with_a_wrong_one_it_says_so():
    with pytest.raises(BadSetting, match=r"^SENTRY_DSN: is not set"):
        set_up_sentry(Settings.load(sentry_enabled=True), service="clock")
    with pytest.raises(BadSetting, match=r"^SENTRY_DSN: is no DSN"):
        set_up_sentry(Settings.load(sentry_enabled=True, sentry_dsn="PLANTED"), service="clock")


def test_where_it_is_off_it_is_not_even_imported(tmp_path):
    code = (
        "import sys, shared.sentry as s; from shared.settings import Settings as T; s.set_up_sentry(T(), service='x')"
    )
    code += "; sys.exit('sentry_sdk' in sys.modules)"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=environment(), cwd=tmp_path, check=False).returncode == 0
