"""Kill -9 at every point of every path, none left out: `make faults-points`; adds to faults.json.

Each story is told once whole, which names its points; then for each point once with a death there and once
with a stop of 100 s, and, for a few stories, once for each two deaths (PAIRS=0: not). STORY="…" KILL=17,23 (or STOP=17)
tells one of them again, point by point.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from shared.clock import monotonic
from shared.events import CycleEnded, FillRecorded, PanicDue, PanicEnded
from tests.faults import acts
from tests.faults.machine import OPENING, Fate, Instant, Machine, journals_are_short, journals_tear
from tests.faults.report import report
from tests.faults.stories import EARLIER, FAST, STORIES, Story
from tests.support import checkers
from tests.support.builders import AT, decision, due, snapshot


class Broken(AssertionError):
    """A law was broken; the text says where, and how to see it again."""


@dataclass
class Walk:
    """One story over and over, in a folder of its own."""

    story: Story
    folder: Path
    runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    _first: Machine | None = None

    async def tell(self, kills: Collection[int] = (), stops: Collection[int] = ()) -> list[str]:
        """Tell it with these deaths and stops; the points that were passed. Raises Broken."""
        self.runs += 1
        machine = (await self._prepared()).copy(self.folder / str(self.runs), Fate(kills, stops))
        machine.log.slow_s, machine.again_s = self.story.slow_s, self.story.again_s
        for name, value in self.story.exchange.items():
            setattr(machine.exchange, name, list(value) if name == "script" else value)
        try:
            for act in self.story.acts:
                await act(machine)
            check(machine, self.story)
        except Exception as e:
            at = [f"{n} ({machine.fate.passed[n - 1]})" for n in (*kills, *stops)]
            again = f'make faults-points STORY="{self.story.name}"'
            again += "".join(
                f" {word}={','.join(map(str, ns))}" for word, ns in (("KILL", kills), ("STOP", stops)) if ns
            )
            where = f"{'stopped' if stops else 'killed'} at {' and '.join(at) or 'nowhere'}"
            raise Broken(f"{self.story.name}, {where}: {again}\n{type(e).__name__}: {e}") from e
        self.ends.update(end.kind for end in machine.log.of(CycleEnded))
        return machine.fate.passed

    async def each_point(self) -> int:
        """A death at each point, one a run, and a long stop at each; how many there are."""
        points = await self.tell()
        for number in range(1, len(points) + 1):
            await self.tell((number,))
            await self.tell(stops=(number,))
        return len(points)

    async def each_pair(self) -> int:
        """A second death at each point after the first."""
        pairs = 0
        for first in range(1, len(await self.tell()) + 1):
            for second in range(first + 1, len(await self.tell((first,))) + 1):
                await self.tell((first, second))
                pairs += 1
        return pairs

    async def _prepared(self) -> Machine:
        """The world before the story: empty, or with what the bot bought an hour earlier."""
        if self._first is None:
            machine = Machine(self.folder / "before")
            if self.story.held:
                for event in (due(cycle=EARLIER, slot_at=AT), snapshot(cycle=EARLIER), decision(cycle=EARLIER)):
                    await machine.log.emit(event)
                await acts.executor(machine)
                assert len(machine.exchange.orders) == 1
            for event in self.story.events():
                await machine.log.emit(event)
            machine.fate = Fate()
            self._first = machine
        return self._first


def check(machine: Machine, story: Story) -> None:
    """The laws of an order's path."""
    log, exchange = [line.event for line in machine.log.lines], machine.exchange
    assert machine.wrong == [], machine.wrong
    if any(isinstance(event, CycleEnded) for event in log):
        checkers.assert_each_started_cycle_ended_once(log)
    sent = Counter(name for name in exchange.requests if not name.endswith("-panic"))
    assert not [name for name, times in sent.items() if times > 1], sent
    checkers.assert_every_executed_order_is_recorded(log, exchange)
    checkers.assert_fills_are_the_exchanges(log, exchange)
    checkers.assert_the_books_hold_what_was_executed(log)
    checkers.assert_account_is_what_was_executed(log, exchange, OPENING)
    state = machine.journal.read()
    assert state.is_merged
    assert all(journal.read().paused is None for journal in machine.journals)
    assert state.open == {}, f"the journal still has {list(state.open)}"
    last = next((e for e in reversed(log) if isinstance(e, FillRecorded)), None)
    assert last is None or state.held(last.market) == last.position
    assert {due.id for due in log if isinstance(due, PanicDue)} == {
        end.id for end in log if isinstance(end, PanicEnded)
    }
    if story.paused:
        assert machine.wished.resolved().status == "paused" or machine.fate.kills


@contextmanager
def quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)


def walk(name: str, *, pairs: bool = False, short: bool = False) -> tuple[str, int, int, Counter[str]]:
    """Walk a story whole: its name, points, pairs of points, and how its cycles ended. Raises Broken.

    short: the journal is written anew at each line.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-"))
        for patched in (quiet(), journals_tear(), *([journals_are_short()] if short else ())):
            stack.enter_context(patched)
        it = Walk(STORIES[name], Path(folder))
        runner = stack.enter_context(asyncio.Runner(loop_factory=Instant))
        points = runner.run(it.each_point())
        return name, points, runner.run(it.each_pair()) if pairs else 0, it.ends


def told_again(name: str, kills: tuple[int, ...], stops: tuple[int, ...]) -> int:
    """One story with these deaths, and every point it passed."""
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        quiet(),
        journals_tear(),
        asyncio.Runner(loop_factory=Instant) as runner,
    ):
        passed = runner.run(Walk(STORIES[name], Path(folder)).tell(kills, stops))
    print("\n".join(f"{n:4} {what}{'  <- here' if n in (*kills, *stops) else ''}" for n, what in enumerate(passed, 1)))
    return 0


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in os.environ.get(name, "").split(",") if number)


def _safely(job: tuple[str, bool, bool]) -> tuple[str, int, int, Counter[str]] | str:
    name, pairs, short = job
    try:
        return walk(name, pairs=pairs, short=short)
    except Broken as e:
        return str(e)


def main() -> int:
    if name := os.environ.get("STORY"):
        return told_again(name, _numbers("KILL"), _numbers("STOP"))
    began = monotonic()
    pairs = os.environ.get("PAIRS") != "0"
    jobs = [(name, pairs and name in FAST, False) for name in STORIES]
    jobs += [(name, False, True) for name in STORIES if "panic" in name]  # and with a journal written anew each time
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        done = list(pool.map(_safely, jobs))
    broken = [text for text in done if isinstance(text, str)]
    walked = [one for one in done if not isinstance(one, str)]
    report(
        "each point",
        {
            "paths": len(STORIES),
            "points": sum(points for _, points, _, _ in walked),
            "pairs of points": sum(pairs for _, _, pairs, _ in walked),
            "laws broken": len(broken),
            "ends": dict(sorted(sum((ends for *_, ends in walked), Counter()).items())),
            "points by path": {name: points for (name, points, _, _) in walked},
            "seconds": round(monotonic() - began),
        },
    )
    print("\n".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
