"""The exit guard: between the cycles it watches prices and says when the bot's position is to be closed.

Rules only, and only while the bot may sell: paused or stopped it goes on watching but fires nothing, because pause
refuses orders. It never orders itself: the exit it publishes goes to the executor, like any decision.

Once for a position, with however many guards and restarts: an exit is published after the market's last exit that was
seen *before* the position was read. That one must have ended, so what it sold is out of the position already; if
another guard fired in between, whatever second it named, the server refuses this one. An exit names the position it is
for by the cycle that opened it, and the executor sells no other. After an exit that sold nothing (denied, refused) the
next may come `AGAIN_AFTER` later, then twice as late each time, up to `AGAIN_AFTER_MAX`.

An exit gets out. Where the book takes only a part, the rest is the next exit's, `STEP_AFTER` later, at whatever price
there is by then: as long as nothing else was bought or sold since, and for `CONTINUES_FOR` at most. After that, say
after a pause of the owner's, a rule must fire anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.clock.core.exits import Bar, ExitLimits, ExitTrigger, reason_to_exit, rest_of_exit, why
from services.clock.ports import ExitLog, LastExit, OwnerControl, PastPrices
from shared.events import ExitDue, Position
from shared.missed import FUTURE
from shared.settings import Settings
from shared.switch import SELLS
from shared.types import CycleId, Market, Price, UtcTime, exit_cycle, slot_time, split_cycle

log = structlog.get_logger("clock")
AGAIN_AFTER, AGAIN_AFTER_MAX = timedelta(minutes=5), timedelta(hours=1)
# Three looks of the watch: the bids a step took have had time to come back, and a crash has not had time to go far.
STEP_AFTER = timedelta(seconds=10)
CONTINUES_FOR = timedelta(hours=1)  # so that a tape of hours goes on at its next bar


@dataclass(slots=True)
class ExitGuard:
    """settings, settings_digest, code: as CycleStarter's. opening_takes: how long after its slot a buy is executed."""

    log: ExitLog
    owner: OwnerControl
    past: PastPrices
    limits: ExitLimits
    settings: Mapping[str, str]
    settings_digest: str
    code: str
    opening_takes: timedelta
    _peaks: dict[CycleId, Price] = field(default_factory=dict)  # by the cycle that opened the position

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        log: ExitLog,
        owner: OwnerControl,
        past: PastPrices,
        code: str,
        opening_takes: timedelta,
    ) -> "ExitGuard":
        limits = ExitLimits.of(settings)
        return cls(log, owner, past, limits, settings.deciding(), settings.digest(), code, opening_takes)

    async def on_bar(self, market: Market, bar: Bar) -> CycleId | None:
        """Look at a bar that has closed; the exit it started, if any."""
        return await self._check(market, bar.path(), bar.closed_at, known_from=bar.opened_at)

    async def on_price(self, market: Market, price: Price, at: UtcTime) -> CycleId | None:
        """Look at a price of the exchange's time `at`; the exit it started, if any."""
        return await self._check(market, (price,), at, known_from=at)

    async def under_way(self, market: Market) -> CycleId | None:
        """The market's exit that has not ended yet."""
        last = await self.log.last_exit(market)
        return None if last is None or last.ended else last.cycle

    async def holds(self, market: Market) -> bool:
        return await self._position(market) is not None

    async def continues(self, market: Market) -> bool:
        """Whether its last exit sold a part, and the rest is all that has happened since."""
        last = await self.log.last_exit(market)
        return last is not None and last.rule is not None and _is_rest(last, await self._position(market))

    async def _check(
        self, market: Market, prices: Iterable[Price], at: UtcTime, *, known_from: UtcTime
    ) -> CycleId | None:
        """known_from: up to there candles stand in for prices that this process has not seen."""
        last = await self.log.last_exit(market)  # before the position: see above
        if last is not None and not last.ended:
            return None
        held = await self._position(market)
        if held is None or held.opened_by is None:
            return None
        unfinished = last if last is not None and _is_rest(last, held) and at <= last.at + CONTINUES_FOR else None
        trigger, peak = None, await self._peak(market, held.opened_by, known_from)
        for price in prices:
            peak = price if peak is None else max(peak, price)
            trigger = trigger or reason_to_exit(held, peak, price, self.limits)
            if unfinished and unfinished.rule and unfinished.limit is not None:
                trigger = trigger or rest_of_exit(held, peak, price, unfinished.rule, unfinished.limit)
        if peak is not None:
            self._peaks = {c: p for c, p in self._peaks.items() if split_cycle(c)[0] != market} | {held.opened_by: peak}
        tried = last.attempt if last is not None and last.opened_by == held.opened_by and last.left is None else 0
        # The owner's own sale that sold nothing keeps no stop-loss waiting.
        pause = STEP_AFTER if unfinished or (last and last.rule is None) else _pause(tried)
        # A last one in the future was of a time that never was: it holds nobody up.
        if trigger is None or (last is not None and last.at - FUTURE <= at < last.at + pause):
            return None
        if (await self.owner.state()).status not in SELLS:
            return None
        due = self._due(market, held, trigger, at, tried + 1, _step(last, held))
        if not await self.log.put_exit(due, after=last.seq if last else 0):
            return None  # another guard was first
        log.warning("the position is to be closed", cycle=due.cycle, rule=due.rule, price=str(due.price))
        return due.cycle

    async def _position(self, market: Market) -> Position | None:
        """What the bot holds; None if nothing."""
        held = await self.log.position(market)
        return held if held is not None and held.volume > 0 and held.opened_by is not None else None

    async def _peak(self, market: Market, opened_by: CycleId, until: UtcTime) -> Price | None:
        """Highest price since the position was opened; from candles where this process was not there to see it."""
        if opened_by in self._peaks:
            return self._peaks[opened_by]
        since = slot_time(split_cycle(opened_by)[1]) + self.opening_takes
        return await self.past.highest(market, since, until) if since < until else None

    def _due(
        self, market: Market, held: Position, trigger: ExitTrigger, at: UtcTime, attempt: int, step: int
    ) -> ExitDue:
        return ExitDue(
            cycle=exit_cycle(market, at, "exit"),
            rule=trigger.rule,
            at=at,
            price=trigger.price,
            peak=trigger.peak,
            limit=trigger.limit,
            position=held,
            attempt=attempt,
            step=step,
            figures=why(trigger, step).figures,
            settings=dict(self.settings),
            settings_digest=self.settings_digest,
            code=self.code,
        )


def _is_rest(last: LastExit, held: Position | None) -> bool:
    return last.left is not None and last.left == held


def _step(last: LastExit | None, held: Position) -> int:
    """Which order of the exit the next one is."""
    if last is None or last.opened_by != held.opened_by:
        return 1
    return last.step if last.left is None else last.step + 1


def _pause(tried: int) -> timedelta:
    """How long after an exit the next may come; tried: how often this position was to be closed already."""
    doublings = max(min(tried, 10) - 1, 0)
    return min(AGAIN_AFTER * (1 << doublings), AGAIN_AFTER_MAX)
