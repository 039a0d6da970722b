"""What is told of a service that ended."""

import json

import pytest

from services.local.last_words import last_words

TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "shared/stage.py", line 138, in running\n'
    "    raise NotReady(lacks)\n"
    "shared.stage.NotReady: the broker lacks consumer filter; apply the topology first\n"
)


def line(event, level="info", **more):
    return json.dumps({"event": event, "level": level, "logger": "uvicorn.error", **more})


def test_the_error_behind_a_failed_start_is_told_and_not_that_it_failed():
    log = "\n".join([line("Started"), line(TRACEBACK, "error"), line("Application startup failed. Exiting.", "error")])
    assert last_words(log) == "NotReady: the broker lacks consumer filter; apply the topology first"


def test_an_error_wins_over_what_was_said_while_stopping():
    log = "\n".join([line("address already in use", "error"), line("Application shutdown complete.")])
    assert last_words(log) == "address already in use"


def test_an_exception_beside_the_event_is_what_counts():
    assert last_words(line("a task broke", "error", exception="Traceback …\nKeyError: 'price'")) == "KeyError: 'price'"


def test_the_reason_is_told_with_the_event():
    log = line("this process cannot go on and ends", "critical", why="consumer filter is gone")
    assert last_words(log) == "this process cannot go on and ends: consumer filter is gone"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("paper: nix.csv: there is no such file\n", "paper: nix.csv: there is no such file"),
        (TRACEBACK, "NotReady: the broker lacks consumer filter; apply the topology first"),
        (line("Waiting for application startup."), "Waiting for application startup."),
        ("", ""),
    ],
)
def test_bare_lines_a_quiet_log_and_an_empty_one(log, said):
    assert last_words(log) == said
