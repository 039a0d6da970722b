"""Lines of the log: JSON with the cycle and the trace they belong to; readable in a terminal; no secret in either."""

import json
import logging

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider

from shared.telemetry import Trouble, set_up_logs

CYCLE = "KRW-ETH-20260105T0300Z"


@pytest.fixture
def said(capsys):
    """Gives what a process wrote; afterwards the log is as it was."""
    root = logging.getLogger()
    before, level, configured = list(root.handlers), root.level, structlog.get_config()
    yield lambda: capsys.readouterr().err
    root.handlers, root.level = before, level
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_names_service_cycle_and_trace_ours_and_a_librarys_alike(said):
    set_up_logs("INFO", service="filter", pretty=False)
    span = TracerProvider().get_tracer("test").start_as_current_span("message")
    with structlog.contextvars.bound_contextvars(cycle=CYCLE), span as current:
        structlog.get_logger("stage").info("done", seconds=0.1)
        logging.getLogger("a_library").warning("slow %s", "consumer")
    ours, theirs = lines(said())
    assert (ours["event"], theirs["event"]) == ("done", "slow consumer")
    for line in (ours, theirs):
        assert (line["service"], line["cycle"]) == ("filter", CYCLE)
        assert line["trace_id"] == format(current.get_span_context().trace_id, "032x")
        assert len(line["span_id"]) == 16
        assert line["timestamp"].endswith("Z")


def test_outside_a_span_no_trace_is_made_up(said):
    set_up_logs("INFO", service="filter", pretty=False)
    structlog.get_logger("stage").info("up")
    assert "trace_id" not in lines(said())[0]


def test_a_trouble_is_told_when_it_comes_changes_and_goes_and_not_at_each_look(said):
    set_up_logs("INFO", service="backend", pretty=False)
    trouble = Trouble(structlog.get_logger("backend"), "the books do not answer")
    trouble.over()  # there was none
    for why in ("no route", "no route", "no route", "locked"):
        trouble.met(why)
    for _ in range(3):
        trouble.over()
    told = [(line["level"], line["event"], line.get("why")) for line in lines(said())]
    assert told == [
        ("warning", "the books do not answer", "no route"),
        ("warning", "the books do not answer", "locked"),
        ("info", "over", None),
    ]


@pytest.mark.parametrize("pretty", [False, True])
def test_an_exceptions_text_holds_no_secret_either(said, pretty):
    set_up_logs("INFO", service="notifier", pretty=pretty)
    try:
        raise RuntimeError("POST https://api.telegram.org/bot12345:PLANTED-secret/sendMessage")
    except RuntimeError as e:
        structlog.get_logger("bus").error("buried", exc_info=e)
        logging.getLogger("asyncio").exception("Bearer PLANTED.secret of nats://executor:PLANTED@nats:4222")
    text = said()
    assert text.count("Traceback") == 2
    assert "PLANTED" not in text


def test_in_a_terminal_it_is_a_line_a_person_reads(said):
    set_up_logs("INFO", service="filter", pretty=True)
    structlog.get_logger("stage").info("done", cycle=CYCLE, seconds=0.1)
    (line,) = said().splitlines()
    assert "done" in line
    assert f"cycle={CYCLE}" in line
    assert "{" not in line


def test_in_a_terminal_no_text_of_a_line_moves_the_cursor(said):
    set_up_logs("INFO", service="filter", pretty=True)
    structlog.get_logger("bus").error("buried", why="\x1b[2J\x1b]0;title\x07 gone")
    assert "\x1b[2J" not in (text := said())
    assert "␛[2J" in text
