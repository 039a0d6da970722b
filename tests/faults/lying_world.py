"""One account, one true time, and the machines that believe to be alone on it: for the campaign `lies`."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.collector.adapters.upbit_market import UpbitMarket
from services.executor.adapters.journal import Journal
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.paper.adapters.synthetic import make_tape, write_tape
from services.paper.app import create_app
from services.replay.memory_log import MemoryLog
from shared.bus.memory import LogRestored
from shared.events import Event, OrderIntended
from shared.reach import Reach
from shared.settings import Settings
from shared.switch import DesiredState, Fault, Status, SwitchState, paused_by_nobody, state
from shared.types import slot_time, split_cycle
from shared.upbit_clock import ExchangeClock
from shared.upbit_pacing import PacedTransport
from tests.faults.machine import SEND_WITHIN_S, Commands
from tests.support.lying_edge import LyingEdge

MARKETS = ("KRW-ETH", "KRW-BTC")
START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 45
FIRST = START + timedelta(days=15)
URL, OPENING = "http://paper.test", 100_000_000
SLOT_LATE_MAX = timedelta(minutes=16)  # a look is ten minutes late at most, and its order five more
_STAMPS = count(1)


def seconds() -> float:
    return asyncio.get_running_loop().time()


class TrueTime:
    """The exchange's clock."""

    def now(self) -> datetime:
        return FIRST + timedelta(seconds=seconds())


class MachineTime(TrueTime):
    """This machine's, which somebody sets."""

    ahead_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead_s)


class Log(MemoryLog):
    """gone: an older copy was put in its place under whoever works on it."""

    def __init__(self, time: MachineTime) -> None:
        super().__init__()
        self.time, self.gone = time, False
        self.stamps: list[str] = []
        self.intended_at: dict[str, float] = {}

    def now(self) -> datetime:
        return self.time.now()

    @property
    def memory(self) -> Any:
        return SimpleNamespace(reach=Reach(created=START, last=len(self.lines), stamp=self.stamps[-1:][0]))

    async def emit(self, event: Event, *, after: int = 0) -> Any:
        self._must_be_the_same()
        if isinstance(event, OrderIntended):
            self.intended_at.setdefault(event.client_order_id, seconds())
        stored = await super().emit(event, after=after)
        if stored.new:
            self.stamps.append(f"{next(_STAMPS)}")
        return stored

    async def load(self, subject: str) -> Any:
        self._must_be_the_same()
        return await super().load(subject)

    async def since(self, seq: int, pattern: str) -> Any:
        self._must_be_the_same()
        return await super().since(seq, pattern)

    async def reach(self, stamp_of: int = 0) -> Reach:
        stamp = self.stamps[stamp_of - 1] if 0 < stamp_of <= len(self.stamps) else ""
        return (await super().reach()).model_copy(update={"created": START, "stamp": stamp})

    async def subjects(self, pattern: str) -> list[str]:
        return [line.event.subject for line in self.lines if line.event.kind == "FillRecorded"]

    def copy(self) -> "Log":
        twin = Log(self.time)
        twin.lines, twin._at, twin.stamps = list(self.lines), dict(self._at), list(self.stamps)
        for name in ("_slots", "_kinds"):
            getattr(twin, name).update({key: list(lines) for key, lines in getattr(self, name).items()})
        return twin

    def _must_be_the_same(self) -> None:
        if self.gone:
            raise LogRestored("the event log was put back from an older copy: so the campaign did")


@dataclass
class Store:
    """What lies on the broker's disk."""

    log: Log
    wish: DesiredState | Fault = field(default_factory=DesiredState)
    acknowledged: set[int] = field(default_factory=set)

    def copy(self) -> "Store":
        return Store(self.log.copy(), self.wish, set(self.acknowledged))


class Switch:
    """The owner's switch, as a process reads it. reader: whose last reading is kept."""

    def __init__(self, bot: "Bot", reader: str = "") -> None:
        self._bot, self._reader = bot, reader

    @property
    def log(self) -> Commands:
        return Commands(self._bot.store.log)

    async def state(self) -> SwitchState:
        said = state(self._bot.store.wish, self.log.given())
        self._bot.read[self._reader] = said.status
        return said

    async def job(self, id: str) -> Any:
        return SimpleNamespace(paused=False)

    async def change(self, to: Any) -> DesiredState:
        stored = self._bot.store.wish
        old = stored if isinstance(stored, DesiredState) else paused_by_nobody(stored)
        if (new := to(old)) is not None:
            self._bot.store.wish = new
        return new or old


class Bot:
    """A machine with a bot on it: data folder, broker's disk, clock, and its way to the exchange."""

    def __init__(self, folder: Path, edge: LyingEdge, store: Store | None = None) -> None:
        self.folder, self.edge, self.time = folder, edge, MachineTime()
        self.store = store or Store(Log(self.time))
        self.store.log.time = self.time
        self.read: dict[str, Status] = {}
        self.wrong: list[str] = []
        edge.on_order = self._may_it_leave
        self.settings = settings(folder)
        keys = (URL, self.settings.paper_access_key, self.settings.paper_secret_key)
        self.exchange = UpbitExchange(*keys, transport=PacedTransport(edge, now=seconds))
        self.exchange._upbit._platform = "Linux"  # else a thread is asked for it, and time stands still
        self.clock = ExchangeClock(edge, machine=self.time, now=seconds)
        secret = keys[2].get_secret_value()
        way = PacedTransport(self.clock, now=seconds)
        self.quotes = UpbitMarket(base_url=URL, access_key=keys[1], secret_key=secret, transport=way)
        self.quotes._upbit._platform = "Linux"

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "executor")

    def copied(self, folder: Path, edge: LyingEdge) -> "Bot":
        """The data folder and the broker's disk on a second machine."""
        shutil.copytree(self.folder / "executor", folder / "executor")
        return Bot(folder, edge, self.store.copy())

    def _may_it_leave(self, name: str) -> None:
        if name in self.edge.sent:
            return  # once more after a 429: the exchange takes a name once
        if not any(kept.intent and kept.intent.client_order_id == name for kept in self.journal.read().open.values()):
            self.wrong.append(f"{name} left without an intent in the journal")
        if name.endswith("-panic"):
            return
        if (late_s := seconds() - self.store.log.intended_at.get(name, -1e9)) >= SEND_WITHIN_S:
            self.wrong.append(f"{name} left {late_s:.1f} s after its intent")
        if self.read.get("executor") != "running":
            self.wrong.append(f"{name} left while the switch was {self.read.get('executor')}")
        late = TrueTime().now() - slot_time(split_cycle(name)[1])
        if not timedelta(seconds=-2) <= late <= SLOT_LATE_MAX and not name.endswith("-close"):
            self.wrong.append(f"{name} left {late} after its slot")


@dataclass
class Account:
    """The paper exchange behind all edges, with coins of the owner's own on it."""

    folder: Path
    own: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MARKETS, Decimal(0)))
    spent: Decimal = Decimal(0)
    _by_hand: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.app = create_app(settings(self.folder))
        self.exchange = self.app.state.exchange
        self.exchange.clock = TrueTime()

    def buys_by_hand(self, market: str, won: int) -> None:
        name = f"by-hand-{next(self._by_hand)}"
        asked = {"market": market, "side": "bid", "ord_type": "price", "price": f"{won}", "identifier": name}
        self.exchange.place(asked)
        order = next(order for order in self.exchange.orders() if order.identifier == name)
        self.own[market] += order.volume
        self.spent += order.funds + order.fee

    def coins(self, market: str) -> Decimal:
        return self.exchange.account.coin(market.removeprefix("KRW-")).total

    def close(self) -> None:
        self.exchange.close()
        self.app.state.nonces.close()


@cache
def _tape_folder() -> tempfile.TemporaryDirectory[str]:
    """Made once a process, and gone with it."""
    folder = tempfile.TemporaryDirectory(prefix="lies-tape-")
    write_tape(make_tape(START, DAYS), Path(folder.name))
    return folder


def _tape() -> str:
    return ",".join(str(file) for file in sorted(Path(_tape_folder().name).glob("KRW-*.parquet")))


def settings(folder: Path) -> Settings:
    return Settings.load(
        data_dir=folder, trading_symbol=",".join(MARKETS), paper_tape=_tape(), paper_clock="stepped",
        tape_from=FIRST.isoformat(), paper_balance_krw=OPENING, position_max_krw=OPENING, order_lookup_s=8,
        orders_per_day_max=10_000, daily_loss_max_krw=OPENING, cooldown_after_loss_min=1, paper_limits="off",
    )  # fmt: skip
