"""What the wish in the bucket and the commands in the log come to: the more restrictive of the two."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.switch import COMMANDS, DesiredState, Given, of_log, state

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
AFTER = {"start": "running", "resume": "running", "exits-only": "exits-only", "pause": "paused", "stop": "stopped"}
RANK = ("running", "exits-only", "paused", "stopped")


def log(*commands):
    """The last of each name, in the order they were given, an hour apart."""
    return {name: Given(n, "api", at(n)) for n, name in enumerate(commands, 1)}


def at(n):
    return AT + timedelta(hours=n)


def wish(command, n, **changes):
    return DesiredState(**{"status": AFTER[command], "by": "api", "at": at(n), "command": command} | changes)


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ((), "running"),
        (("pause",), "paused"),
        (("pause", "resume"), "running"),
        (("pause", "start"), "running"),
        (("stop",), "stopped"),
        (("stop", "start"), "running"),
        (("stop", "pause"), "stopped"),
        (("stop", "resume"), "stopped"),
        (("stop", "pause", "resume"), "stopped"),
        (("start", "stop", "pause", "start"), "running"),
        (("resume", "pause", "stop"), "stopped"),
        (("exits-only",), "exits-only"),
        (("exits-only", "pause"), "paused"),
        (("pause", "exits-only"), "exits-only"),
        (("exits-only", "resume"), "running"),
        (("exits-only", "pause", "resume"), "running"),
        (("stop", "exits-only"), "stopped"),
        (("exits-only", "stop", "start"), "running"),
    ],
)
def test_a_pause_takes_nothing_back_of_a_stop_and_only_a_start_does(commands, status):
    assert of_log(log(*commands)).status == status


@pytest.mark.parametrize(("before", "status"), [((), "exits-only"), (("pause",), "paused"), (("stop",), "stopped")])
def test_exits_only_that_cannot_be_read_keeps_from_buying_and_takes_no_pause_back(before, status):
    said = log(*before)
    unreadable = Given(len(before) + 1, "somebody: the command cannot be read", None)
    assert of_log({**said, "exits-only": unreadable}).status == status


@given(wished=st.sampled_from(RANK), said=st.lists(st.sampled_from(COMMANDS), max_size=6))
def test_the_bot_never_does_more_than_the_bucket_and_the_log_both_allow(wished, said):
    both = state(DesiredState(status=wished, by="api", at=AT), log(*said))
    assert RANK.index(both.status) == max(RANK.index(wished), RANK.index(of_log(log(*said)).status))


@pytest.mark.parametrize(
    ("fault", "said"), [*product(("missing", "deleted", "unreadable"), ((), ("start",), ("stop",)))]
)
def test_without_a_wish_the_bot_is_paused_or_as_the_log_says_stopped_and_one_sentence_says_what_to_do(fault, said):
    found = state(fault, log(*said))
    assert (found.status, found.fault) == ("stopped" if said == ("stop",) else "paused", fault)
    assert found.notice("ko").endswith("upcycle start" if said == ("stop",) else "upcycle resume")
    assert found.trouble.endswith("upcycle start" if said == ("stop",) else "upcycle resume")


def test_a_wish_put_back_from_an_older_copy_sets_no_stopped_bot_running():
    found = state(wish("start", 1), log("start", "stop"))
    assert (found.status, found.by, found.at) == ("stopped", "api", at(2))


def test_a_stop_holds_that_reached_the_bucket_alone_and_one_that_reached_the_log_alone():
    assert state(wish("stop", 2), log("start")).status == "stopped"
    assert state(wish("start", 1), log("start", "stop")).status == "stopped"


def test_a_start_holds_only_once_both_have_it():
    assert state(wish("start", 3), log("start", "stop")).status == "stopped"
    assert state(wish("stop", 2), log("stop", "start")).status == "stopped"
    assert state(wish("start", 2), log("stop", "start")).status == "running"


@pytest.mark.parametrize(
    ("stored", "said", "fault"),
    [
        (DesiredState(by="topology"), (), ""),
        (DesiredState(by="default"), (), ""),  # of an older version
        (DesiredState(by="topology"), ("pause", "resume"), "untold"),
        (DesiredState(status="paused", by="topology"), (), "lost"),
        (DesiredState(status="stopped", by="settings", at=AT), ("pause",), ""),
        (wish("pause", 1), ("pause",), ""),
        (wish("pause", 1).model_copy(update={"command": None}), ("pause",), ""),  # of an older version
        (wish("resume", 1), ("resume", "pause"), ""),  # the log alone was told the pause: the executor's
        (wish("pause", 9), ("pause",), "untold"),
        (wish("resume", 9), (), "untold"),
        (DesiredState(status="running", by="me"), (), "untold"),
    ],
)
def test_a_wish_without_its_command_in_the_log_is_told(stored, said, fault):
    assert state(stored, log(*said)).fault == fault
    assert bool(state(stored, log(*said)).trouble) is bool(fault)


def test_a_command_nobody_can_read_still_holds():
    assert of_log({"stop": Given(5, "somebody", None), "start": Given(4, "api", AT)}).status == "stopped"
