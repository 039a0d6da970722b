"""Writes the books: an event's row and its place in the log, in one transaction.

An event whose place has been passed is left alone, so what is delivered twice is booked once. Ids count up
in the order of the log and are given here: a sequence of the database would skip one at every rollback, and
a rebuilt table would differ.
"""

import asyncio
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.backend.adapters.database import transaction
from services.backend.core.projection import CycleRow, MissedRow, Row, StatusRow, TradeRow, row_of
from shared.events import Event
from shared.tables import bot_status, cycles, missed, read_state, trades
from shared.types import UtcTime


class ReadModel:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock = asyncio.Lock()  # empty books have no row yet that the database could lock

    async def apply(self, event: Event, seq: int, at: UtcTime) -> bool:
        # Cancelled amid a transaction, aiosqlite would leave the file locked behind it: what has begun is ended.
        return await asyncio.shield(self._apply(event, seq, at))

    async def _apply(self, event: Event, seq: int, at: UtcTime) -> bool:
        async with self._lock, transaction(self._engine) as db:
            last = await db.scalar(select(read_state.c.last_seq).with_for_update())
            if last is not None and seq <= last:
                return False
            if row := row_of(event, seq, at):
                await _put(db, row)
            if last is None:
                await db.execute(insert(read_state).values(id=1, last_seq=seq))
            else:
                await db.execute(update(read_state).values(last_seq=seq))
            return True

    async def last_seq(self) -> int:
        async with transaction(self._engine) as db:
            return await db.scalar(select(read_state.c.last_seq)) or 0


async def _put(db: AsyncConnection, row: Row) -> None:
    match row:
        case TradeRow():
            await db.execute(insert(trades).values(id=await _next_id(db, trades), **asdict(row)))
        case CycleRow():
            told = {name: value for name, value in asdict(row).items() if value is not None}
            here = update(cycles).where(cycles.c.cycle == row.cycle).values(told)
            if (await db.execute(here)).rowcount == 0:
                await db.execute(insert(cycles).values(told))
        case MissedRow():
            await db.execute(insert(missed).values(asdict(row)))
        case StatusRow():
            await db.execute(insert(bot_status).values(await _status(db, row)))


async def _status(db: AsyncConnection, row: StatusRow) -> dict[str, Any]:
    traded = (await db.execute(select(func.count(), func.max(trades.c.created_at)).select_from(trades))).one()
    return {
        "id": await _next_id(db, bot_status),
        "status": row.status,
        "last_trade_time": traded[1],
        "total_trades": traded[0],
        "uptime_seconds": None,  # no event says it; /api/bot/status does
        "created_at": row.at,
        "updated_at": row.at,
    }


async def _next_id(db: AsyncConnection, table: Table) -> int:
    return (await db.scalar(select(func.max(table.c.id))) or 0) + 1
