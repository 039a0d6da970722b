"""One day out of the books."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.backend.adapters.database import transaction
from services.backend.adapters.sql_books import latest_valuation, more_of_row, position
from services.backend.core.report import Day, DayCycle, Deal
from shared.events import ReportDue
from shared.tables import cycles, missed, trades

# A valuation of the report's own hour is made a moment after it; a later one would be another hour's.
_THIS_HOUR = timedelta(minutes=1)


class SqlDays:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(reads=True)

    async def of(self, due: ReportDue) -> Day:
        t, c, m = trades.c, cycles.c, missed.c
        dealt = select(t.side, t.funds_exact, t.fee_exact, t.profit_exact, t.cycle).order_by(t.id)
        dealt = dealt.where(t.created_at >= due.from_at, t.created_at < due.to_at)
        ran = select(c.cycle, c.status, c.gate, c.gate_distance, c.ai_decision, c.analyst, c.model_cost)
        ran = ran.where(c.slot_at >= due.from_at, c.slot_at < due.to_at).order_by(c.slot_at, c.cycle)
        out = select(missed).where(m.slot_at >= due.from_at, m.slot_at < due.to_at)
        async with transaction(self._engine) as db:
            firsts = [
                (await db.execute(select(of.c.market, func.min(of.c.slot_at)).group_by(of.c.market))).all()
                for of in (cycles, missed)
            ]
            valuation = await latest_valuation(db, due.slot_at + _THIS_HOUR)
            coins = () if valuation is None else valuation.coins
            return Day(
                deals=tuple(Deal(*row) for row in (await db.execute(dealt)).all()),
                cycles=tuple(DayCycle(*row) for row in (await db.execute(ran)).all()),
                missed={row.cycle: (row.reason, more_of_row(row)) for row in (await db.execute(out)).all()},
                first={
                    market: min(at for found in firsts for of, at in found if of == market)
                    for market in {row[0] for found in firsts for row in found}
                },
                valuation=valuation,
                held={coin.symbol: await position(db, coin.symbol, valuation.at) for coin in coins if valuation},
            )
