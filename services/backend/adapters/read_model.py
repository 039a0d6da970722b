"""Writes the books: a batch of the log and its last place, in one transaction.

An event whose place has been passed is left alone, so what is delivered twice is booked once. Ids count up
in the order of the log and are given here: a sequence of the database would skip one at every rollback, and
a rebuilt table would differ.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.backend.adapters.database import shielded, transaction
from services.backend.core.draft import (
    JOB_OF,
    BooksState,
    Draft,
    FigureKey,
    Holding,
    JobRun,
    ModelSum,
    Sum,
    draft_of,
    reach_of,
)
from shared.errors import Transient
from shared.events import Event, FillRecorded
from shared.reach import Reach
from shared.stored import Stored
from shared.tables import (
    bot_status,
    cycles,
    job_runs,
    metadata,
    missed,
    model_figures,
    portfolio_snapshots,
    read_state,
    setting_changes,
    tallies,
    trade_figures,
    trades,
)
from shared.types import UtcTime

_CYCLE = tuple(column.name for column in cycles.columns)
_KEY = ("cycle", "market", "slot_at")


class BooksBehind(Transient):
    """Somebody threw the books away; what lies between is to be read again first."""


class ReadModel:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock = asyncio.Lock()  # empty books have no row yet that the database could lock

    async def apply(self, event: Event, seq: int, at: UtcTime, *, after: int = 0) -> bool:
        """Book one event; False if it had been booked before. Raises BooksBehind where they stand before `after`."""
        return await self.apply_all([Stored(event, seq, at)], after=after) == 1

    async def apply_all(self, events: Sequence[Stored], *, after: int = 0) -> int:
        """Book a batch of the log, in its order; say how many of it were new."""
        # Cancelled amid a transaction, aiosqlite would leave the file locked behind it: what has begun is ended.
        return await shielded(self._apply(events, after))

    async def begin(self, created: UtcTime | None = None) -> None:
        """Put empty books at the log's beginning: from now on two who build them wait for each other.

        created: when the log's stream was made.
        """
        async with transaction(self._engine) as db:
            await db.execute(insert(read_state).values(id=1, last_seq=0, stream_created=created))

    async def belong_to(self, created: UtcTime) -> None:
        """Note of which stream the books are, where they do not say."""
        says_nothing = read_state.c.stream_created.is_(None)
        async with self._lock, transaction(self._engine) as db:
            first = _insert(db, read_state).values(id=1, last_seq=0)
            await db.execute(first.on_conflict_do_nothing(index_elements=["id"]))
            await db.execute(update(read_state).where(says_nothing).values(stream_created=created))

    async def start_over(self, found: Reach) -> None:
        """Throw the books away and put them at the beginning of the log that was found."""
        await shielded(self._start_over(found))

    async def _start_over(self, found: Reach) -> None:
        async with self._lock, transaction(self._engine) as db:
            for table in reversed(metadata.sorted_tables):
                await db.execute(delete(table))
            await db.execute(insert(read_state).values(id=1, last_seq=0, stream_created=found.created))

    async def _apply(self, events: Sequence[Stored], after: int) -> int:
        async with self._lock, transaction(self._engine) as db:
            row = (await db.execute(select(read_state).with_for_update())).one_or_none()
            reach = _reach(row)
            if reach.last < after:
                raise BooksBehind(f"the books stand at {reach.last}, not at {after} any more: they are built anew")
            new = [stored for stored in events if row is None or stored.seq > reach.last]
            if not new:
                return 0
            await _write(db, draft_of(new, await _known(db, new)))
            place = _columns(reach_of(new, reach))
            if row is None:
                await db.execute(insert(read_state).values(id=1, **place))
            else:
                await db.execute(update(read_state).values(place))
            return len(new)

    async def reach(self) -> Reach:
        """How far the log reached that the books were read from."""
        return await shielded(self._reach())

    async def _reach(self) -> Reach:
        async with transaction(self._engine) as db:
            return _reach((await db.execute(select(read_state))).one_or_none())

    async def last_seq(self) -> int:
        return await shielded(self._last_seq())

    async def _last_seq(self) -> int:
        async with transaction(self._engine) as db:
            return await db.scalar(select(read_state.c.last_seq)) or 0


def _reach(row: Any) -> Reach:
    if row is None:
        return Reach()
    return Reach(
        created=row.stream_created,
        last=row.last_seq,
        stamp=row.stamp or "",
        fill=row.last_fill,
        accepted_at=row.accepted_at,
    )


def _columns(reach: Reach) -> dict[str, Any]:
    return {
        "last_seq": reach.last,
        "stream_created": reach.created,
        "stamp": reach.stamp or None,
        "last_fill": reach.fill,
        "accepted_at": reach.accepted_at,
    }


async def _known(db: AsyncConnection, events: Sequence[Stored]) -> BooksState:
    """Of the books what these events need; most need nothing."""
    books, kinds = BooksState(), {stored.event.kind for stored in events}
    if "TradingDue" in kinds:
        s = setting_changes.c
        newest = select(func.max(s.id)).group_by(s.name)
        there = await db.execute(select(s.name, s.value).where(s.id.in_(newest)))
        books.settings = {row.name: row.value for row in there}
        books.changes = await _last_id(db, setting_changes)
    if kinds.isdisjoint({"FillRecorded", "ControlGiven", *JOB_OF}):
        return books
    r = job_runs.c
    newest = select(func.max(r.asked_seq)).group_by(r.job)  # an older one without an answer has failed
    waiting = select(r.job, r.asked_seq, r.asked_at).where(r.done_seq.is_(None), r.asked_seq.in_(newest))
    books.trades = await _last_id(db, trades)
    books.statuses = await _last_id(db, bot_status)
    books.snapshots = await _last_id(db, portfolio_snapshots)
    books.last_trade_at = await db.scalar(select(func.max(trades.c.created_at)))
    books.waiting = {row.job: JobRun(*row) for row in (await db.execute(waiting)).all()}
    for symbol in {stored.event.market for stored in events if isinstance(stored.event, FillRecorded)}:
        position = select(trades.c.held_volume, trades.c.held_cost, trades.c.opened_for).where(
            trades.c.symbol == symbol
        )
        if last := (await db.execute(position.order_by(trades.c.id.desc()).limit(1))).one_or_none():
            books.held[symbol] = Holding(*last)
    return books


async def _write(db: AsyncConnection, draft: Draft) -> None:
    for table, rows in (
        (trades, draft.trades),
        (missed, draft.missed),
        (bot_status, draft.statuses),
        (portfolio_snapshots, draft.snapshots),
        (setting_changes, draft.settings),
    ):
        if rows:
            await db.execute(insert(table), rows)
    if draft.cycles:
        rows = [dict.fromkeys(_CYCLE) | row for row in draft.cycles.values()]
        here = _insert(db, cycles)
        stays = {name: func.coalesce(here.excluded[name], cycles.c[name]) for name in _CYCLE if name not in _KEY}
        await db.execute(here.on_conflict_do_update(index_elements=["cycle"], set_=stays), rows)
    if draft.tallies:
        counted = [dict(zip(("kind", "market", "word"), key, strict=True), n=n) for key, n in draft.tallies.items()]
        more = _insert(db, tallies)
        added = {"n": tallies.c.n + more.excluded.n}
        await db.execute(more.on_conflict_do_update(index_elements=["kind", "market", "word"], set_=added), counted)
    if draft.job_runs:
        run = _insert(db, job_runs)
        done = {"done_seq": run.excluded.done_seq, "done_at": run.excluded.done_at}
        rows = [asdict(row) for row in draft.job_runs.values()]
        await db.execute(run.on_conflict_do_update(index_elements=["asked_seq"], set_=done), rows)
    if draft.figures:
        await _add_up(db, draft.figures)
    if draft.model:
        await _add_up_model(db, draft.model)


async def _add_up(db: AsyncConnection, figures: dict[FigureKey, Sum]) -> None:
    """Add in Python: SQLite keeps these amounts as text."""
    f = trade_figures.c
    parts = FigureKey._fields
    there = select(trade_figures).where(f.period.in_({key.period for key in figures}))
    before = {tuple(row[: len(parts)]): Sum(*row[len(parts) :]) for row in (await db.execute(there)).all()}
    rows = [key._asdict() | asdict(before.get(key, Sum()) + more) for key, more in figures.items()]
    put = _insert(db, trade_figures)
    amounts = {name: put.excluded[name] for name in ("trades", "volume", "fees", "profit", "wins", "slippage")}
    await db.execute(put.on_conflict_do_update(index_elements=list(parts), set_=amounts), rows)


async def _add_up_model(db: AsyncConnection, sums: dict[str, ModelSum]) -> None:
    there = await db.execute(select(model_figures).where(model_figures.c.period.in_(sums)))
    before = {row.period: ModelSum(row.calls, row.cost) for row in there.all()}
    rows = [{"period": period} | asdict(before.get(period, ModelSum()) + more) for period, more in sums.items()]
    put = _insert(db, model_figures)
    amounts = {name: put.excluded[name] for name in ("calls", "cost")}
    await db.execute(put.on_conflict_do_update(index_elements=["period"], set_=amounts), rows)


def _insert(db: AsyncConnection, table: Table) -> Any:
    return (postgresql if db.dialect.name == "postgresql" else sqlite).insert(table)


async def _last_id(db: AsyncConnection, table: Table) -> int:
    return await db.scalar(select(func.max(table.c.id))) or 0
