"""The paths of an order, each as a story: what lies in the log, how the exchange answers, who does what."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.events import Event
from tests.faults import acts
from tests.faults.acts import Act
from tests.support.builders import AT, CYCLE, decision, due, snapshot

EARLIER, LATER = "KRW-ETH-20260105T0200Z", "KRW-ETH-20260105T0400Z"
OTHER = "KRW-BTC-20260105T0300Z"
ALL = (acts.executor, acts.owner_settles, acts.executor)
GIVEN_UP = (acts.executor_given_up, acts.owner_settles, acts.executor)


@dataclass(frozen=True)
class Story:
    """asked: cycles and what was decided. acts: one after the other. held: the bot bought an hour before.

    exchange: what the FakeExchange is told. slow_s: how long the log takes to say that an intent is stored.
    """

    name: str
    asked: tuple[tuple[str, str], ...] = ()
    held: bool = False
    acts: tuple[Act, ...] = ALL
    exchange: dict[str, Any] = field(default_factory=dict)
    slow_s: float = 0.0
    paused: bool = False  # at the end
    again_s: float = 0.0

    def events(self) -> list[Event]:
        found: list[Event] = []
        for cycle, choice in self.asked:
            found += [due(cycle=cycle, slot_at=AT), snapshot(cycle=cycle), decision(cycle=cycle, decision=choice)]
        return found


BUY, SELL = ((CYCLE, "buy"),), ((CYCLE, "sell"),)
DROPPED: dict[str, Any] = {"script": ["lose"]}
BRIEFLY: dict[str, Any] = {"script": ["lose"], "hidden_for": 2}
HIDDEN: dict[str, Any] = {"script": ["lose"], "hidden_for": 10_000}
WAYS: dict[str, dict[str, Any]] = {
    "filled": {},
    "partly filled": {"executes": Decimal("0.3")},
    "filled with nothing": {"executes": Decimal(0)},
    "refused": {"script": ["refuse"]},
    "refused, but executed": {"script": ["lie"], "hidden_for": 1},
    "sent twice by an edge": {"script": ["doubled"], "hidden_for": 1},
    "its answer dropped after it was taken": DROPPED,
    "its answer dropped, hidden at first": BRIEFLY,
    "its answer dropped, hidden until the owner looks": HIDDEN,
    "its request timed out": {"script": ["vanish"]},
    "open for a while": {"open_for": 3},
    "open until the owner looks": {"open_for": 10_000},
    "not connected, then filled": {"script": ["unconnected", "unconnected"]},
    "never connected": {"script": ["unconnected"] * 50},
    "sent away by a quota, then dropped": {"script": ["busy", "lose"]},
    "sent away by a quota each time": {"script": ["busy"] * 50},
}
PANICS: dict[str, dict[str, Any]] = {
    "": {},
    ", refused": {"script": ["refuse"]},
    ", refused, but executed": {"script": ["lie"], "hidden_for": 1},
    ", sent twice by an edge": {"script": ["doubled"], "hidden_for": 1},
    ", dropped": {"script": ["lose"]},
    ", timed out": {"script": ["vanish"]},
    ", partly filled": {"executes": Decimal("0.3")},
}


def _all() -> list[Story]:
    told = [Story("hold", ((CYCLE, "hold"),))]
    for side, asked in (("buy", BUY), ("sell", SELL)):
        held = side == "sell"
        for way, exchange in WAYS.items():
            told.append(Story(f"{side}: {way}", asked, held, exchange=exchange))
            told.append(Story(f"{side}, delivered for the last time: {way}", asked, held, GIVEN_UP, exchange))
    two = ((CYCLE, "sell"), (LATER, "sell"))
    told += [
        Story("a sell with nothing to sell", SELL),
        Story("a buy whose intent takes 4 s", BUY, slow_s=4.0),
        Story("a buy whose intent takes 6 s", BUY, slow_s=6.0),
        Story("two sells", two, True),
        Story("two sells, the first one's message for the last time", two, True, GIVEN_UP, DROPPED),
        Story("two sells, the first one given up late", two, True, (acts.executor_given_up_late, *ALL), BRIEFLY),
        Story("two sells, the first one hidden", two, True, exchange=HIDDEN),
        Story("two sells, the first one partly filled", two, True, exchange={"executes": Decimal("0.5")}),
        Story("buys in two markets, the first one hidden", (*BUY, (OTHER, "buy")), exchange=HIDDEN),
        Story("buy, and 40 s until it is delivered again", BUY, exchange=DROPPED, again_s=40.0),
        Story("two executors, a buy", BUY, acts=(acts.two_executors, *ALL)),
        Story("two executors, a buy and a sell", (*BUY, (LATER, "sell")), acts=(acts.two_executors, *ALL)),
        Story("two executors, a sell whose answer is dropped", SELL, True, (acts.two_executors, *ALL), DROPPED),
    ]  # fmt: skip
    guard = (acts.prices(4_000_000, 3_700_000, 3_690_000), *ALL)
    for way in ("filled", "partly filled", "refused", "its answer dropped after it was taken", "its request timed out"):
        told.append(Story(f"exit: {way}", (), True, guard, WAYS[way]))
    told.append(Story("exit beside an hour's sell", SELL, True, guard))
    for name, asked, held in (("an hour's sell", SELL, True), ("a buy", BUY, False)):
        panics = acts.once("executor: after switch.state", acts.panic(with_log=True, elsewhere=True))
        far = (acts.beside(acts.executor, panics), *ALL)
        told.append(Story(f"panic on another machine beside {name}", asked, held, far, paused=True))
    for way, exchange in PANICS.items():
        told.append(Story(f"panic by the page{way}", (), True, (acts.panic_due, *ALL), exchange, paused=True))
    told += [
        Story("panic by the page beside an hour's sell", SELL, True, (acts.panic_due, *ALL), paused=True),
        Story("panic by the page beside a buy", BUY, True, (acts.panic_due, *ALL), paused=True),
        Story(
            "panic by the page in the middle of an hour's sell", SELL, True,
            (acts.beside(acts.executor, acts.once("executor: after switch.state", acts.panic_due)), *ALL), paused=True,
        ),
        Story(
            "panic by the page after an hour's sell nobody knows of", SELL, True,
            (acts.executor, acts.panic_due, acts.executor, acts.owner_settles, *ALL), HIDDEN, paused=True,
        ),
        Story("two executors, a panic by the page", (), True, (acts.panic_due, acts.two_executors, *ALL), paused=True),
        Story(
            "panic by the page and at the terminal", (), True,
            (acts.panic_due, acts.beside(acts.executor, acts.panic(with_log=True)), *ALL), paused=True,
        ),
    ]  # fmt: skip
    for with_log in (True, False):
        name = "panic" if with_log else "panic without the log"
        for way, exchange in PANICS.items():
            panics = (acts.panic(with_log=with_log), *ALL)
            told.append(Story(f"{name}{way}", (), True, panics, exchange, paused=True))
        once = (acts.panic(with_log=with_log, again=False), *ALL)
        told.append(Story(f"{name}, not run again", (), True, once, paused=True))
        beside = (acts.beside(acts.executor, acts.panic(with_log=with_log)), *ALL)
        told.append(Story(f"{name} beside an hour's sell", SELL, True, beside, paused=True))
        told.append(Story(f"{name} beside a buy", BUY, True, beside, paused=True))
        late = acts.once("executor: after switch.state", acts.panic(with_log=with_log))
        late_beside = (acts.beside(acts.executor, late), *ALL)
        told.append(Story(f"{name} in the middle of an hour's sell", SELL, True, late_beside, paused=True))
        told.append(Story(f"{name} in the middle of a buy", BUY, False, late_beside, paused=True))
        settled = (acts.executor, acts.panic(with_log=with_log), acts.owner_settles, *ALL)
        told.append(Story(f"{name} after an hour's sell nobody knows of", SELL, True, settled, HIDDEN, paused=True))
    return told


STORIES = {story.name: story for story in _all()}
# Walked in `make test`; two deaths at a time in `make faults-points`.
FAST = (
    "hold",
    "buy: filled",
    "sell: refused, but executed",
    "a buy whose intent takes 6 s",
    "sell: its answer dropped, hidden at first",
    "two sells, the first one given up late",
    "exit: its answer dropped after it was taken",
    "panic without the log",
)
# What a rule or two of the order path is there for.
CHOSEN = (
    "buy: sent twice by an edge",
    "panic without the log, refused, but executed",
    "buy, delivered for the last time: its answer dropped after it was taken",
    "sell: its answer dropped, hidden until the owner looks",
    "two executors, a buy",
    "panic beside an hour's sell",
    "panic without the log beside an hour's sell",
    "panic without the log, not run again",
    "panic on another machine beside an hour's sell",
    "panic after an hour's sell nobody knows of",
    "panic without the log after an hour's sell nobody knows of",
    "panic by the page",
)
