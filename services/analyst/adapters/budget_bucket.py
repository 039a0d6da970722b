"""The day's money in a key-value bucket of the broker: one key a day of Seoul, changed only by compare-and-set."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import nats.errors
import structlog
from nats.js.errors import Error as JetStreamError
from nats.js.errors import KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from services.analyst.core import budget
from services.analyst.core.budget import Day, No
from services.analyst.ports import Declined, Grant
from shared.bus import keys
from shared.errors import Transient
from shared.fixed_clock import Clock
from shared.types import CycleId
from shared.writing import seoul_day

log = structlog.get_logger("analyst")
_TRIES = 50  # another process came first each time


class NoBudget(Transient):
    """The bucket does not answer: without it nobody is asked."""


class BudgetBucket:
    """cap: won a day. used: told the share of it that is spent, after every look. count: a day out of the log.

    The bucket is the record; the log is asked where it has none of a day.
    """

    def __init__(
        self,
        open_bucket: Callable[[], Awaitable[KeyValue]],
        clock: Clock,
        cap: Decimal,
        used: Callable[[float], None],
        count: Callable[[str], Awaitable[Day]],
    ) -> None:
        # The machine's day, also on a tape: its hours are played in minutes, but the money is spent today.
        self._open, self._clock, self._cap, self._used, self._count = open_bucket, clock, cap, used, count

    async def begin(self) -> None:
        """Tell what is spent before the first question: an alarm about it does not end because a process began anew."""
        try:
            day, _ = await self._day(str(seoul_day(self._clock.now())))
        except Transient as e:
            log.warning("the model's budget is not known yet", why=str(e))
        else:
            self._used(float(day.spent / self._cap))

    async def reserve(self, cycle: CycleId, worst_krw: Decimal) -> Grant | Declined:
        day = seoul_day(self._clock.now())
        today, before = str(day), str(day - timedelta(days=1))
        asked_before = (await self._day(before))[0].asked.get(cycle, 0)

        def change(day: Day) -> Day | No:
            return budget.reserve(day, cycle, worst_krw, self._cap, asked_before=asked_before)

        changed = await self._change(today, change)
        if not isinstance(changed, Day):
            log.warning("the model is not asked", why=changed, cap_krw=str(self._cap))
            asked_today = (await self._day(today))[0].asked.get(cycle, 0)
            return Declined(changed, asked_before + asked_today)
        return Grant(today, cycle, worst_krw, changed.asked[cycle] + asked_before)

    async def settle(self, grant: Grant, cost_krw: Decimal) -> None:
        try:
            await self._change(grant.day, lambda day: budget.settle(day, grant.cycle, grant.krw, cost_krw))
        except NoBudget as e:  # to raise would lose an answer that is paid, and ask again
            log.warning("the budget keeps a call at its worst case", cycle=grant.cycle, krw=str(grant.krw), why=str(e))

    async def _change(self, key: str, change: Callable[[Day], Day | No]) -> Day | No:
        """Read, change, and write if nobody wrote since; else from the start."""
        for _ in range(_TRIES):
            day, revision = await self._day(key)
            changed = change(day)
            if not isinstance(changed, Day):
                self._used(float(day.spent / self._cap))
                return changed
            if await self._written(key, changed, revision):
                self._told(day.spent, changed.spent)
                return changed
        raise NoBudget(f"the model's budget of {key} was changed by others {_TRIES} times in a row")

    async def _day(self, key: str) -> tuple[Day, int]:
        """The day and its revision; 0 where the bucket has none, and the log says it.

        Of a deleted or unreadable one all counts as spent.
        """
        try:
            stored = await keys.value(await self._open(), key)
        except (nats.errors.Error, JetStreamError, TimeoutError) as e:
            raise NoBudget(f"the model's budget cannot be read: {type(e).__name__}") from e
        try:
            if stored.body is not None:
                return Day.model_validate_json(stored.body), stored.revision
        except ValueError as e:
            log.error("the model's budget cannot be read", day=key, why=str(e)[:200])
        if not stored.revision:
            return await self._count(key), 0
        lost = Day(spent=self._cap)
        log.error("the model's budget was deleted or spoilt: nobody knows what is spent, so all is", day=key)
        await self._written(key, lost, stored.revision)
        return lost, stored.revision

    async def _written(self, key: str, day: Day, revision: int) -> bool:
        try:
            await (await self._open()).update(key, day.model_dump_json().encode(), last=revision)
        except KeyWrongLastSequenceError:
            return False
        except (nats.errors.Error, JetStreamError, TimeoutError) as e:
            raise NoBudget(f"the model's budget cannot be written: {type(e).__name__}") from e
        return True

    def _told(self, before: Decimal, after: Decimal) -> None:
        self._used(float(after / self._cap))
        if budget.crosses_warning(before, after, self._cap):
            log.warning("most of the model's budget of today is spent", spent_krw=str(after), cap_krw=str(self._cap))
