"""What ends is started again; who only watches is never the end of trading."""

import asyncio
from pathlib import Path

import pytest

from services.local import supervisor as under_test
from services.local.errors import StartFailed
from services.local.supervisor import Child, Supervisor
from shared.clock import monotonic
from shared.errors import NEWER
from tests.support.waiting import eventually


class Ended:
    """A process that ends at once."""

    def poll(self):
        return 1


class Broken(Supervisor):
    """Whatever it starts ends at once."""

    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        self.started = []

    def _spawn(self, child):
        child.process, child.started = Ended(), monotonic()
        self.started.append(child.name)


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.setattr(under_test, "_LOOK_S", 0)
    hours = iter(range(10_000))
    monkeypatch.setattr(under_test, "monotonic", lambda: next(hours))  # each look is a second later
    said = []

    def of(name):
        log = Path(tmp_path / f"{name}.log")
        log.write_text("backend: no room on this disk\n")
        supervisor = Broken({}, tmp_path, say=said.append)
        supervisor.children[name] = Child(name, 1, {}, log, process=Ended())
        return supervisor, said

    return of


async def test_a_stage_that_ends_again_and_again_is_given_up(watched):
    supervisor, _ = watched("executor")
    with pytest.raises(StartFailed, match="executor ended 6 times in a row: backend: no room"):
        await supervisor.watch()
    assert supervisor.started == ["executor"] * 5


async def test_a_stage_that_is_too_old_for_the_log_is_given_up_at_once_with_its_sentence(watched, monkeypatch):
    supervisor, _ = watched("executor")
    monkeypatch.setattr(Ended, "poll", lambda _: NEWER)
    with pytest.raises(StartFailed, match="executor ended: backend: no room"):
        await supervisor.watch()
    assert supervisor.started == []


@pytest.mark.parametrize("name", ["backend", "notifier"])
async def test_who_only_watches_is_tried_again_for_ever_and_that_is_said_once(watched, name):
    supervisor, said = watched(name)
    watch = asyncio.ensure_future(supervisor.watch())
    await eventually(lambda: len(supervisor.started) > 12)
    watch.cancel()
    assert [line.splitlines() for line in said[5:]] == [[
        f"{name} ended 6 times in a row: backend: no room on this disk",
        f"trading goes on; {name} is tried again each minute",
    ]]  # fmt: skip
