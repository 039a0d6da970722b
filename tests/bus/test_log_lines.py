"""Each line of a cycle, in whichever service, names the cycle and the one trace it belongs to."""

import json
import logging

import pytest
import structlog

from shared.errors import Permanent
from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.settings import Settings
from shared.stage import Stage
from shared.telemetry import set_up_logs
from tests.support.builders import CYCLE, due, passed, snapshot
from tests.support.waiting import eventually


@pytest.fixture
def said(capsys):
    """The lines so far; afterwards the log is as it was."""
    root = logging.getLogger()
    before, level, configured = list(root.handlers), root.level, structlog.get_config()
    found = []

    def lines():
        found.extend(json.loads(line) for line in capsys.readouterr().err.splitlines())
        return found

    yield lines
    root.handlers, root.level = before, level
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()


class Passing:
    async def __call__(self, event: SnapshotTaken) -> SignalPassed:
        structlog.get_logger("filter").info("thinking")
        return passed()


class Broken:
    async def __call__(self, event: SignalPassed) -> DecisionMade:
        raise Permanent("no such model")


async def test_a_cycle_has_one_trace_through_all_its_services(server, js, log, said):
    set_up_logs("INFO", service="test", pretty=False)
    settings = Settings.load(nats_url=server.url)
    first, second = Stage("filter", settings), Stage("analyst", settings)
    first.handle(Passing())
    second.handle(Broken())
    async with first.running(), second.running():
        await log.emit(due())
        await log.emit(snapshot())
        await eventually(lambda: any(line["event"] == "buried" for line in said()))
    lines = {line["event"]: line for line in said()}
    told = [lines[event] for event in ("thinking", "done", "buried")]
    assert {line["cycle"] for line in told} == {CYCLE}
    assert len({line["trace_id"] for line in told}) == 1
    assert "Permanent: no such model" in lines["buried"]["exception"]
