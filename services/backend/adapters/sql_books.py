"""Reads the books. Nothing here counts or adds up what grows: that was done as it was booked."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.backend.adapters.database import transaction
from services.backend.core.costs import costs
from services.backend.core.draft import ALL, JOB_OF, FigureKey, Holding, ModelSum, Sum
from services.backend.core.reasons import reason_text
from services.backend.core.setting_list import Change
from services.backend.core.totals import Row, Totals, trade_stats
from services.backend.core.valuation import CoinBalance, Deal, Valuation, after_trades, portfolio
from shared.api.bot import JOBS
from shared.api.chart import GateDecision, GateSeries
from shared.api.costs import CostPeriod
from shared.api.cycles import Cycle, Decision
from shared.api.portfolio import Portfolio
from shared.api.trades import Trade, TradeDetail, TradeStats
from shared.catalogue import sentence
from shared.errors import Permanent, Transient
from shared.events import OrderUnresolved
from shared.reason import FIGURES, Reason
from shared.tables import (
    cycles,
    job_runs,
    missed,
    model_figures,
    portfolio_snapshots,
    read_state,
    setting_changes,
    tallies,
    trade_figures,
    trades,
)
from shared.types import CycleId, Language, Market, UtcTime, slot_time, split_cycle

_TRADE = select(trades, trades.c.total_krw.label("total"), trades.c.profit_exact.label("profit"))
_LISTED = select(  # of a page only what it shows: each amount more is a Decimal more to make
    *(trades.c[name] for name in ("id", "symbol", "side", "price", "amount", "created_at")),
    trades.c.total_krw.label("total"),
)
INT32 = 2**31 - 1
_REASON = ("reason", "reason_code", "figures", "said")
_NEWEST_FIRST = (cycles.c.slot_at.desc(), cycles.c.cycle)
_UNRESOLVED = 1000  # ended so in all its life: more than a person would ever settle
_OPEN = 100  # more than twenty markets have under way
_EXPORTED = 1000  # rows read at once
_SPAN = {"day": 10, "month": 7}  # length of a period's name


class SqlBooks:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(reads=True)

    async def trades(
        self, *, limit: int, offset: int, symbol: str | None, side: str | None, before: int | None = None
    ) -> tuple[tuple[Trade, ...], int]:
        wanted = _equal(trades, symbol=symbol, side=side)
        page = _LISTED.where(*wanted).order_by(trades.c.id.desc()).limit(limit)
        counted = select(func.sum(trade_figures.c.trades)).where(
            trade_figures.c.period == ALL, *_equal(trade_figures, symbol=symbol, side=side)
        )
        async with transaction(self._engine) as db:
            total: int = await db.scalar(counted) or 0
            newest = INT32 if before is None else before - 1
            if wanted:
                page = page.where(trades.c.id <= newest).offset(offset)
            else:  # ids run without a gap, so that a page is found by its place and not by counting to it
                page = page.where(trades.c.id <= min(newest, total) - offset)
            found = (await db.execute(page)).all()
        return tuple(map(Trade.model_validate, found)), total

    async def trade(self, trade_id: int, language: Language) -> TradeDetail | None:
        row = await self._one(_TRADE.where(trades.c.id == trade_id))
        return None if row is None else _trade(row, language)

    async def every_trade(
        self, *, symbol: str | None, side: str | None, language: Language
    ) -> AsyncIterator[TradeDetail]:
        """Oldest first; read page by page, so that a million of them fit anywhere."""
        last = 0
        while True:
            page = _TRADE.where(trades.c.id > last, *_equal(trades, symbol=symbol, side=side))
            async with transaction(self._engine) as db:
                found = (await db.execute(page.order_by(trades.c.id).limit(_EXPORTED))).all()
            for row in found:
                yield _trade(row, language)
            if len(found) < _EXPORTED:
                return
            last = found[-1].id

    async def stats(self, by: str, first: date | None = None) -> TradeStats:
        period = trade_figures.c.period
        of_days = func.length(period) == _SPAN["day"]
        async with transaction(self._engine) as db:
            if first is None:
                overall = await _figures(db, period == ALL)
                spans = await _figures(db, func.length(period) == _SPAN[by])
            else:
                overall = await _figures(db, of_days & (period >= first.isoformat()))
                spans = [row.within(row.key.period[: _SPAN[by]]) for row in overall]
        return trade_stats(overall, spans)

    async def last_trade_at(self) -> UtcTime | None:
        at: UtcTime | None
        (at,) = await self._one(select(func.max(trades.c.created_at)))
        return at

    async def cycles(
        self,
        *,
        limit: int,
        market: str | None,
        language: Language,
        offset: int = 0,
        status: str | None = None,
        before: str | None = None,
    ) -> tuple[tuple[Cycle, ...], int]:
        wanted = _equal(cycles, market=market, status=status)
        page = select(cycles).where(*wanted, *_older_than(before)).order_by(*_NEWEST_FIRST)
        found, total = await self._page(page.limit(limit).offset(offset), cycles, wanted)
        return tuple(_cycle(row, language) for row in found), total

    async def cycle(self, cycle: str, language: Language) -> Cycle | None:
        row = await self._one(select(cycles).where(cycles.c.cycle == cycle))
        return None if row is None else _cycle(row, language)

    async def snapshot_before(self, market: str, until: UtcTime | None, reached: UtcTime | None) -> str | None:
        """The next cycle whose snapshot a row of candles is to be made of, from the newest one down.

        until: its slot is not after it. reached: how far back the row goes already; the oldest snapshot that is not
        before it joins on without a gap, and where there is none, the newest before it.
        """
        c = cycles.c
        upto = () if until is None else (c.slot_at <= until,)
        wanted = select(c.cycle).where(c.market == market, c.gate.is_not(None), *upto)
        newest = wanted.order_by(c.slot_at.desc()).limit(1)
        if reached is None:
            ways = [newest]
        else:
            ways = [wanted.where(c.slot_at >= reached).order_by(c.slot_at).limit(1), newest]
        async with transaction(self._engine) as db:
            for way in ways:
                if (cycle := await db.scalar(way)) is not None:
                    return str(cycle)
        return None

    async def unresolved(self, language: Language) -> tuple[Cycle, ...]:
        """The newest that ended with an order of unknown outcome, settled or not."""
        ended = select(cycles).where(cycles.c.end_kind == OrderUnresolved.__name__).order_by(*_NEWEST_FIRST)
        async with transaction(self._engine) as db:
            found = (await db.execute(ended.limit(_UNRESOLVED))).all()
        return tuple(_cycle(row, language) for row in found)

    async def open_cycles(self) -> tuple[CycleId, ...]:
        """Those that have begun and not ended, newest first; of very many the newest."""
        begun = select(cycles.c.cycle).where(cycles.c.ended_at.is_(None), cycles.c.started_at.is_not(None))
        async with transaction(self._engine) as db:
            return tuple((await db.scalars(begun.order_by(*_NEWEST_FIRST).limit(_OPEN))).all())

    async def held_markets(self) -> tuple[Market, ...]:
        """Those in which the bot holds something, by its last trade there."""
        newest = select(func.max(trades.c.id)).group_by(trades.c.symbol)
        held = select(trades.c.symbol, trades.c.held_volume).where(trades.c.id.in_(newest))
        async with transaction(self._engine) as db:
            return tuple(row.symbol for row in (await db.execute(held)).all() if row.held_volume > 0)

    async def costs(self, by: str, limit: int) -> tuple[tuple[CostPeriod, ...], CostPeriod]:
        """Newest first, and all of it."""
        m = model_figures.c
        async with transaction(self._engine) as db:
            spans = await _figures(db, func.length(trade_figures.c.period) == _SPAN[by])
            overall = await _figures(db, trade_figures.c.period == ALL)
            asked = await db.execute(
                select(model_figures).where(or_(func.length(m.period) == _SPAN[by], m.period == ALL))
            )
            model = {row.period: ModelSum(row.calls, row.cost) for row in asked.all()}
        return costs(spans, overall, model, limit)

    async def model_used(self, day: date) -> ModelSum:
        """What the model cost on a day of Seoul."""
        row = await self._one(select(model_figures).where(model_figures.c.period == str(day)))
        return ModelSum() if row is None else ModelSum(row.calls, row.cost)

    async def setting_changes(self) -> dict[str, Change]:
        """The last change of each setting, by its name in the environment."""
        s = setting_changes.c
        counted = select(func.max(s.id).label("id"), func.count().label("n")).group_by(s.name).subquery()
        last = select(setting_changes, counted.c.n).join(counted, counted.c.id == s.id)
        async with transaction(self._engine) as db:
            found = (await db.execute(last)).all()
        return {row.name: Change(row.value, row.before, row.at, row.n - 1) for row in found}

    async def gate(self, *, market: str | None, limit: int, before: str | None) -> GateSeries:
        c = cycles.c
        row = select(
            c.cycle, c.market, c.slot_at, c.gate.label("outcome"), c.gate_win_rate.label("figure"),
            c.gate_win_rate_min.label("threshold"), c.gate_trades.label("trades"),
        )  # fmt: skip
        row = row.where(c.gate.is_not(None), *_equal(cycles, market=market), *_older_than(before))
        async with transaction(self._engine) as db:
            found = (await db.execute(row.order_by(*_NEWEST_FIRST).limit(limit + 1))).all()
        told = tuple(map(GateDecision.model_validate, found[:limit]))
        return GateSeries(decisions=told, older=told[-1].cycle if len(found) > limit else None)

    async def decisions(
        self,
        *,
        limit: int,
        offset: int,
        symbol: str | None,
        decision: str | None,
        language: Language,
        before: str | None = None,
    ) -> tuple[tuple[Decision, ...], int]:
        wanted = [*_equal(cycles, market=symbol, ai_decision=decision), cycles.c.ai_decision.is_not(None)]
        said = (
            cycles.c.market.label("symbol"),
            cycles.c.ai_decision.label("decision"),
            cycles.c.ai_confidence.label("confidence"),
            cycles.c.decision.label("done"),
        )
        rest = [cycles.c[name] for name in ("cycle", "slot_at", "analyst", "end_kind", "price", "model_cost", *_REASON)]
        page = select(*said, *rest).where(*wanted, *_older_than(before)).order_by(*_NEWEST_FIRST)
        found, total = await self._page(page.limit(limit).offset(offset), cycles, wanted)
        return tuple(Decision.model_validate(_with_reason(row, language)) for row in found), total

    async def missed(self, cycle: str) -> str | None:
        row = await self._one(select(missed).where(missed.c.cycle == cycle))
        if row is None:
            return None
        more = more_of_row(row)
        return f"{row.reason}: {sentence(more, 'en')}" if more else str(row.reason)

    async def portfolio(self, hours: int) -> Portfolio:
        """hours: of history."""
        async with transaction(self._engine) as db:
            if valuation := await latest_valuation(db):
                valuation = after_trades(valuation, await _deals_after(db, valuation.at))
            held = {coin.symbol: await position(db, coin.symbol) for coin in (valuation.coins if valuation else ())}
            realised = sum((row.sum.profit for row in await _figures(db, trade_figures.c.period == ALL)), Decimal(0))
            history = [] if valuation is None else await _worth_since(db, valuation.at - timedelta(hours=hours))
        return portfolio(valuation, held, realised, history)

    async def totals(self) -> Totals:
        async with transaction(self._engine) as db:
            counted = (await db.execute(select(tallies))).all()
            overall = await _figures(db, trade_figures.c.period == ALL)
            newest = select(portfolio_snapshots.c.total_value_krw).order_by(portfolio_snapshots.c.id.desc()).limit(1)
            value = await db.scalar(newest)
        return _totals(counted, overall, value)

    async def ended_after(self, seq: int) -> list[tuple[int, str, float]]:
        """Place in the log, job, and seconds from start to end of all that ended behind `seq`, in the log's order."""
        c, r = cycles.c, job_runs.c
        trading = select(c.end_seq, literal(JOBS[0]), c.started_at, c.ended_at)
        beside = select(r.done_seq, r.job, r.asked_at, r.done_at).where(r.done_seq > seq)
        ended = union_all(trading.where(c.end_seq > seq, c.started_at.is_not(None)), beside)
        async with transaction(self._engine) as db:
            rows = (await db.execute(ended)).all()
        return sorted((place, job, (end - begun).total_seconds()) for place, job, begun, end in rows)

    async def lacks(self) -> str | None:
        try:
            await self._one(select(read_state))
            await self._one(select(job_runs.c.job).limit(1))  # of the newest tables
        except (Transient, Permanent) as e:
            return str(e)
        return None

    async def _one(self, query: Any) -> Any:
        async with transaction(self._engine) as db:
            return (await db.execute(query)).one_or_none()

    async def _page(self, page: Any, table: Any, wanted: list[ColumnElement[bool]]) -> tuple[Any, int]:
        async with transaction(self._engine) as db:
            found = (await db.execute(page)).all()
            total = await db.scalar(select(func.count()).select_from(table).where(*wanted))
        return found, total or 0


def more_of_row(row: Any) -> Reason | None:
    """What is known of a missed slot beyond its cause."""
    if not (row.reason_code or row.detail):
        return None
    return Reason(row.reason_code, FIGURES.validate_json(row.figures), text=row.detail)


async def latest_valuation(db: AsyncConnection, until: UtcTime | None = None) -> Valuation | None:
    """The newest valuation, or the newest that is not after `until`."""
    s = portfolio_snapshots.c
    upto = () if until is None else (s.created_at <= until,)
    newest = select(s.created_at).where(*upto).order_by(s.created_at.desc(), s.id.desc()).limit(1)
    rows = (await db.execute(select(portfolio_snapshots).where(s.created_at == newest.scalar_subquery()))).all()
    if not rows:
        return None
    coins = tuple(CoinBalance(row.symbol, row.coin_balance, row.price_exact) for row in rows)
    return Valuation(rows[0].created_at, rows[0].krw_balance, rows[0].total_value_krw, coins)


async def position(db: AsyncConnection, symbol: str, until: UtcTime | None = None) -> Holding:
    """What the bot itself holds of a coin, by its last trade, or by its last not after `until`."""
    upto = () if until is None else (trades.c.created_at <= until,)
    of = select(trades.c.held_volume, trades.c.held_cost).where(trades.c.symbol == symbol, *upto)
    row = (await db.execute(of.order_by(trades.c.id.desc()).limit(1))).one_or_none()
    return Holding() if row is None else Holding(*row)


async def _deals_after(db: AsyncConnection, at: UtcTime) -> list[Deal]:
    """By time; by the log's order where that stands still, as at the end of a tape."""
    t = trades.c
    valued = select(func.max(job_runs.c.done_seq)).where(job_runs.c.job == JOB_OF["PortfolioValued"])
    ended = select(cycles.c.end_seq).where(cycles.c.cycle == t.cycle).scalar_subquery()
    behind = and_(t.created_at == at, ended > valued.scalar_subquery())
    dealt = select(t.symbol, t.side, t.amount, t.funds_exact, t.fee_exact).where(or_(t.created_at > at, behind))
    return [Deal(*row) for row in (await db.execute(dealt.order_by(t.id))).all()]


async def _worth_since(db: AsyncConnection, at: UtcTime) -> list[tuple[UtcTime, Decimal]]:
    s = portfolio_snapshots.c
    rows = select(s.created_at, s.total_value_krw).where(s.created_at > at).distinct().order_by(s.created_at.desc())
    return [(row[0], row[1]) for row in (await db.execute(rows)).all()]


async def _figures(db: AsyncConnection, which: ColumnElement[bool]) -> list[Row]:
    rows = await db.execute(select(trade_figures).where(which))
    width = len(FigureKey._fields)
    return [Row(FigureKey(*row[:width]), Sum(*row[width:])) for row in rows]


def _older_than(cycle: str | None) -> list[ColumnElement[bool]]:
    """What stands behind a cycle in a list of them, newest first; new rows shift nothing of it."""
    if cycle is None:
        return []
    at, c = slot_time(split_cycle(cycle)[1]), cycles.c
    return [or_(c.slot_at < at, and_(c.slot_at == at, c.cycle > cycle))]


def _with_reason(row: Any, language: Language) -> dict[str, Any]:
    return dict(row._mapping) | {"reason": reason_text(row, language)}


def _cycle(row: Any, language: Language) -> Cycle:
    return Cycle.model_validate(_with_reason(row, language))


def _trade(row: Any, language: Language) -> TradeDetail:
    """The owner's column holds the Korean sentence; where nothing tells more, it is the reason in every language."""
    reason = reason_text(row, language) or row.ai_decision
    return TradeDetail.model_validate(dict(row._mapping) | {"ai_decision": reason})


def _equal(table: Any, **wanted: str | None) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in wanted.items() if value is not None]


def _totals(counted: Any, overall: list[Row], value: Decimal | None) -> Totals:
    jobs: dict[str, int] = {}
    decisions, done, failed = {}, {}, {}
    for kind, market, word, n in counted:
        if kind == "end":
            jobs[word] = jobs.get(word, 0) + n
        elif kind == "decision":
            decisions[market, word] = n
        elif kind == "failed":
            failed[word] = n
        elif kind == "job":
            done[word] = n
    trades_of: dict[str, int] = {}
    volume_of: dict[str, Decimal] = {}
    for key, whole in overall:
        trades_of[key.symbol] = trades_of.get(key.symbol, 0) + whole.trades
        volume_of[key.symbol] = volume_of.get(key.symbol, Decimal(0)) + whole.volume
    return Totals(jobs, decisions, trades_of, volume_of, done, failed, value)
