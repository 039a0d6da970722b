"""Reads the books. Money is added up in Python where it must be exact."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.backend.adapters.database import DatabaseAway, NoTables, transaction
from services.backend.core.shapes import Cycle, Trade, TradeDetail, TradeStats
from services.backend.core.totals import Deal, Totals, trade_stats
from shared.tables import cycles, missed, read_state, trades
from shared.types import UtcTime

_TRADE = select(trades, trades.c.total_krw.label("total"))  # by the owner's name in the answer


class SqlBooks:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(reads=True)

    async def trades(
        self, *, limit: int, offset: int, symbol: str | None, side: str | None
    ) -> tuple[tuple[Trade, ...], int]:
        wanted = _equal(trades, symbol=symbol, side=side)
        page = _TRADE.where(*wanted).order_by(trades.c.id.desc()).limit(limit).offset(offset)
        async with transaction(self._engine) as db:
            found = (await db.execute(page)).all()
            total = await db.scalar(select(func.count()).select_from(trades).where(*wanted))
        return tuple(map(Trade.model_validate, found)), total or 0

    async def trade(self, trade_id: int) -> TradeDetail | None:
        row = await self._one(_TRADE.where(trades.c.id == trade_id))
        return None if row is None else TradeDetail.model_validate(row)

    async def stats(self) -> TradeStats:
        every = select(trades.c.symbol, trades.c.side, trades.c.funds_exact, trades.c.fee_exact).order_by(trades.c.id)
        async with transaction(self._engine) as db:
            return trade_stats(Deal(*row) for row in (await db.execute(every)).all())

    async def last_trade_at(self) -> UtcTime | None:
        (at,) = await self._one(select(func.max(trades.c.created_at)))
        return at  # type: ignore[no-any-return]

    async def cycles(self, *, limit: int, market: str | None) -> tuple[tuple[Cycle, ...], int]:
        wanted = _equal(cycles, market=market)
        page = select(cycles).where(*wanted).order_by(cycles.c.slot_at.desc(), cycles.c.cycle).limit(limit)
        async with transaction(self._engine) as db:
            found = (await db.execute(page)).all()
            total = await db.scalar(select(func.count()).select_from(cycles).where(*wanted))
        return tuple(map(Cycle.model_validate, found)), total or 0

    async def cycle(self, cycle: str) -> Cycle | None:
        row = await self._one(select(cycles).where(cycles.c.cycle == cycle))
        return None if row is None else Cycle.model_validate(row)

    async def missed(self, cycle: str) -> str | None:
        row = await self._one(select(missed.c.reason, missed.c.detail).where(missed.c.cycle == cycle))
        return None if row is None else f"{row.reason}: {row.detail}"

    async def totals(self) -> Totals:
        # The rounded column is summed here: a metric is a float anyway.
        async with transaction(self._engine) as db:
            jobs = await db.execute(
                select(cycles.c.status, func.count()).where(cycles.c.status.is_not(None)).group_by(cycles.c.status)
            )
            said = await db.execute(
                select(cycles.c.market, cycles.c.ai_decision, func.count())
                .where(cycles.c.ai_decision.is_not(None))
                .group_by(cycles.c.market, cycles.c.ai_decision)
            )
            traded = await db.execute(
                select(trades.c.symbol, func.count(), func.sum(trades.c.total_krw)).group_by(trades.c.symbol)
            )
            return _totals(jobs.all(), said.all(), traded.all())

    async def ended_after(self, seq: int) -> list[tuple[int, float]]:
        """Place in the log and seconds from start to end, of every cycle that ended behind `seq`."""
        ended = (
            select(cycles.c.end_seq, cycles.c.started_at, cycles.c.ended_at)
            .where(cycles.c.end_seq > seq, cycles.c.started_at.is_not(None))
            .order_by(cycles.c.end_seq)
        )
        async with transaction(self._engine) as db:
            return [(row[0], (row[2] - row[1]).total_seconds()) for row in (await db.execute(ended)).all()]

    async def lacks(self) -> str | None:
        try:
            await self._one(select(read_state))
        except (DatabaseAway, NoTables) as e:
            return str(e)
        return None

    async def _one(self, query: Any) -> Any:
        async with transaction(self._engine) as db:
            return (await db.execute(query)).one_or_none()


def _equal(table: Any, **wanted: str | None) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in wanted.items() if value is not None]


def _totals(jobs: Any, said: Any, traded: Any) -> Totals:
    return Totals(
        jobs=dict(map(tuple, jobs)),
        decisions={(market, word): count for market, word, count in said},
        trades={symbol: count for symbol, count, _ in traded},
        volume={symbol: volume for symbol, _, volume in traded},
    )
