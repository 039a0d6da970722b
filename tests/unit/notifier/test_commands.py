"""Each command as the owner sends it and as he is answered; the answers are golden files that a person reads."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.backend.core.commands import STATUS_AFTER
from services.backend.core.totals import trade_stats
from services.backend.core.valuation import portfolio
from services.backend.routes import examples
from services.notifier.commands import Commands
from services.notifier.core.answer_words import ANSWERS
from services.notifier.core.chat_message import ChatMessage, Command, is_stale, parse_command
from services.notifier.core.report import daily_report
from services.notifier.ports import Said, Unfit
from shared.api import routes
from shared.api.bot import Jobs, JobState, Missed, NextRun, Status, Switched
from shared.api.cycles import Cycle, CycleDetail, Cycles, Decision, Decisions, Logged
from shared.api.panic import Panic
from shared.api.portfolio import Coin, Portfolio
from shared.api.sale import Sale
from shared.api.trades import PeriodFigures, Trade, Trades, TradeStats
from shared.bus.wire import encode
from shared.errors import Permanent, Transient
from shared.fixed_clock import FixedClock
from tests.support.builders import due, objection, rejected, report_ready
from tests.support.golden import assert_golden

NOW = datetime(2026, 1, 5, 5, tzinfo=UTC)  # 14:00 in Seoul
CYCLE, NEWEST = "KRW-ETH-20260105T0300Z", "KRW-ETH-20260105T0400Z"
AT = datetime(2026, 1, 5, 3, tzinfo=UTC)  # 12:00 in Seoul


def logged(event):
    return Logged(seq=1, stored_at=AT, subject=event.subject, event=json.loads(encode(event)))


def cycle(name, **known):
    blank = dict.fromkeys(Cycle.model_fields) | {"market": "KRW-ETH", "slot_at": AT}
    return Cycle(**blank | known | {"cycle": name})


def decision(at, cost):
    blank = dict.fromkeys(Decision.model_fields) | {"symbol": "KRW-ETH", "decision": "hold"}
    return Decision(**blank | {"cycle": f"KRW-ETH at {at}", "slot_at": at, "model_cost": cost})


def period(day, profit, trades, fees):
    return PeriodFigures(period=day, profit=profit, trades=trades, fees=fees, buys=0, sells=0, volume=0, win_rate=None)


def coin(symbol, amount, price, bot, unrealised):
    value = Decimal(amount) * Decimal(price)
    return Coin(symbol=symbol, coin_balance=amount, coin_price=price, value=value, bot_amount=bot, bot_cost=0,
                unrealised=unrealised)  # fmt: skip


def trade(side, symbol, amount, price, total):
    return Trade(id=1, created_at=AT, side=side, symbol=symbol, amount=amount, price=price, total=total)


def job(id, next_run, **told):
    return JobState(**{"id": id, "next_run": next_run, "note": "", "paused": False, "by": None, "at": None} | told)


def status(**told):
    known = {"status": "running", "uptime_seconds": 0, "last_trade_time": None, "missed": (), "jobs": ()}
    return Status(mode="paper", markets=("KRW-ETH",), **known | told)


def missed(cause):
    return Missed(cycle=CYCLE, market="KRW-ETH", slot_at=AT, cause=cause, detail="")


STATS = TradeStats(
    trades=12, buys=6, sells=6, volume=0, fees="300.5", profit="-1200.5", win_rate=0.25,
    markets=(), entries=(), exits=(),
    periods=(
        period("2026-01-05", "949.5", 2, "50.5"), period("2025-12-30", -100, 1, 25), period("2025-12-29", -2050, 9, 225)
    ),
)  # fmt: skip
ACCOUNT = Portfolio(
    valued_at=AT, krw_balance=949975, total_value_krw=1001225, realised=0, unrealised=1225, history=(),
    coins=(coin("KRW-ETH", "0.0125", "4100000", "0.0125", 1225), coin("KRW-XRP", "0", "812.5", "0", 0)),
)  # fmt: skip
STOPPED = status(status="stopped")
PANICKED = examples.PANIC_REQUEST | {"text": "what the backend says in its reader's language"}
NEXT = "2026-01-05T15:00:00+09:00"
ANSWERED = {
    routes.STATUS.path: status(
        uptime_seconds=93784, last_trade_time=AT, missed=(missed("late"), missed("paused")),
        jobs=(NextRun(id="trading_job", next_run=NEXT), NextRun(id="daily_report_job", next_run=None)),
    ),
    routes.JOBS.path: Jobs(jobs=(
        job("trading_job", NEXT),
        job("daily_report_job", None, note="paused by api", paused=True, by="api"),
    )),
    routes.PORTFOLIO.path: ACCOUNT,
    routes.TRADES.path: Trades(total=125, trades=(
        trade("buy", "KRW-ETH", "0.0115", 4350000, 50000), trade("sell", "KRW-BONK", 100000, "0.0312", 3120),
    )),
    routes.STATS.path: STATS,
    routes.CYCLES.path: Cycles(cycles=(cycle(NEWEST), cycle(CYCLE, gate="rejected")), total=2),
    routes.CYCLE.at(CYCLE): CycleDetail(
        **dict(cycle(CYCLE)), why="the whole story",
        events=(logged(due()), logged(rejected(objections=(objection(),)))),
    ),
    routes.CYCLE.at(NEWEST): CycleDetail(**dict(cycle(NEWEST)), why="the newest story", events=()),
    routes.SALE.at("KRW-ETH"): Sale.model_validate(examples.SALE | {"order": "0.005"}),
    routes.PANIC.path: Panic.model_validate(examples.PANIC),
    routes.DECISIONS.path: Decisions(total=5, decisions=(
        decision(AT, "14.376"), decision("2026-01-05T00:00:00+09:00", 10), decision("2026-01-04T23:00:00+09:00", 100),
        decision("2026-01-01T00:00:00+09:00", None), decision("2025-12-31T23:00:00+09:00", 5000),
    )),
}  # fmt: skip


class FakeApi:
    """Answers with models, through the JSON that they are on the wire."""

    def __init__(self, **changes):
        self.answers, self.asked, self.given = ANSWERED | changes, [], []

    async def get(self, route, *parts, **query):
        self.asked.append((route.at(*parts), query))
        return self.read(route, self.answers[route.at(*parts)])

    async def post(self, route, *parts, **query):
        if isinstance(answer := self.answers.get(route.path), Exception):
            raise answer
        self.asked.append(("POST", route.at(*parts)))
        if given := {routes.SELL: examples.SALE_REQUEST, routes.ASK_PANIC: PANICKED}.get(route):
            self.given.append(query)
            return route.answer.model_validate(given)
        after = STATUS_AFTER[route.path.rpartition("/")[2]]
        return self.read(route, Switched(status=after, by="telegram", at=AT))

    def read(self, route, answer):
        if isinstance(answer, Exception):
            raise answer
        return route.read(answer.model_dump_json().encode())

    @property
    def posted(self):
        return [path for method, path in self.asked if method == "POST"]


def commands(language="en", api=None, report=None, markets=("KRW-ETH",)):
    async def last_report():
        return report

    api = api or FakeApi()
    clock = FixedClock(NOW)
    carry_out = Commands(api, last_report, clock, language, markets)

    async def by_owner(text):
        return (await carry_out(text, may_switch=True)).text

    return by_owner, api, clock


ASKED = ("/start", "/status", "/balance", "/trades 2", "/profit 7", "/why", f"/why {CYCLE}", "/gate", "/cost",
         "/daily", "/jobs", "/pause", "/resume", "/stop", "/stop yes", "/sell", "/sell eth", "/sell yes", "/panic",
         "/panic yes", "/help", "/nonsense", "good morning",
         "/trades 0", "/profit a lot", "/why yesterday", "/status now")  # fmt: skip


KNOWN = list(Commands(FakeApi(), None, FixedClock(NOW), "en", ())._known())


@pytest.mark.parametrize("page", ["telegram.md", "telegram.en.md"])
def test_the_guide_names_every_command(page):
    text = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8")
    assert set(KNOWN) <= set(re.findall(r"`/([a-z]+)", text))


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_each_answer_equals_its_golden_file(language):
    answer, _, _ = commands(language, report=report_ready())
    shown = {text.split()[0][1:] for text in ASKED}
    others = [f"/{name}" for name in KNOWN if name not in shown]  # a new command comes into the golden file by itself
    told = "\n".join([f"> {text}\n{await answer(text)}\n" for text in (*ASKED, *others)])
    assert_golden(f"messages/commands.{language}.txt", told)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_before_anything_happened_each_answer_says_so(language):
    fresh = FakeApi(**{
        routes.STATUS.path: STOPPED,
        routes.PORTFOLIO.path: portfolio(None, {}, Decimal(0), ()),
        routes.TRADES.path: Trades(trades=(), total=0),
        routes.STATS.path: trade_stats((), ()),
        routes.CYCLES.path: Cycles(cycles=(), total=0),
        routes.DECISIONS.path: Decisions(decisions=(), total=0),
    })  # fmt: skip
    answer, _, _ = commands(language, fresh)
    asked = ("/start", "/status", "/balance", "/trades", "/profit", "/why", "/gate", "/cost", "/daily")
    told = "\n".join([f"> {text}\n{await answer(text)}\n" for text in asked])
    assert_golden(f"messages/commands_at_first.{language}.txt", told)


def test_the_help_names_every_command_and_no_other():
    for say in ANSWERS.values():
        named = [line.split()[0][1:] for line in say["help"].splitlines()[1:]]
        assert sorted(named) == sorted(KNOWN)
    assert ANSWERS["ko"].keys() == ANSWERS["en"].keys()


async def test_stopping_takes_a_yes_within_a_minute():
    answer, api, clock = commands()
    await answer("/stop yes")  # nobody asked
    await answer("/stop")
    await answer("/stop maybe")  # that was the one try
    await answer("/stop yes")
    await answer("/stop")
    clock.at += timedelta(seconds=61)
    await answer("/stop yes")
    assert api.posted == []
    await answer("/stop")
    clock.at += timedelta(seconds=60)
    await answer("/stop yes")
    assert api.posted == ["/api/bot/stop"]


async def test_what_was_shown_is_sold_by_a_yes_within_a_minute():
    answer, api, clock = commands()
    await answer("/sell yes")  # nobody asked
    await answer("/sell ETH")
    clock.at += timedelta(seconds=61)
    await answer("/sell yes")
    assert api.posted == []
    await answer("/sell KRW-ETH")
    assert examples.SALE_REQUEST["cycle"] in await answer("/sell yes")
    await answer("/sell yes")  # once
    assert api.posted == [routes.SELL.at("KRW-ETH")]
    assert api.given == [{"id": examples.SALE["id"], "amount": "0.0115"}]


async def test_what_would_not_be_sold_takes_no_yes():
    held = Sale.model_validate(examples.SALE | {"obstacle": "the bot is paused"})
    other = Sale.model_validate(examples.SALE | {"market": "KRW-BTC"})
    answer, api, _ = commands(api=FakeApi(**{routes.SALE.at("KRW-ETH"): held, routes.SALE.at("KRW-BTC"): other}))
    assert (await answer("/sell btc")).endswith("/sell yes within 60 seconds")
    assert (await answer("/sell eth")).endswith("⚠️ the bot is paused")
    await answer("/sell yes")
    assert api.posted == []


async def test_a_panic_takes_a_yes_within_a_minute_also_where_nothing_can_be_shown():
    answer, api, clock = commands()
    await answer("/panic yes")
    await answer("/panic")
    clock.at += timedelta(seconds=61)
    await answer("/panic yes")
    assert api.posted == []

    async def away(*_, **__):
        raise Transient("the books are away")

    api.get = away
    told = await answer("/panic")
    assert ("the books are away" in told, "/panic yes" in told) == (True, True)
    assert await answer("/panic yes") == PANICKED["text"]
    assert (api.posted, api.given) == ([routes.ASK_PANIC.path], [{"sell": "true", "language": "en"}])


async def test_a_panic_that_nobody_hears_says_so_before_it_is_confirmed():
    unheard = Panic.model_validate(examples.PANIC | {"is_heard": False, "warning": "NO EXECUTOR LISTENS"})
    answer, _, _ = commands(api=FakeApi(**{routes.PANIC.path: unheard}))
    assert "⚠️ NO EXECUTOR LISTENS" in await answer("/panic")


async def test_start_changes_nothing_unless_the_bot_is_stopped_and_the_owner_is_sure():
    answer, api, _ = commands()
    await answer("/start")
    await answer("/start yes")
    assert api.posted == []
    api.answers |= {"/api/bot/status": STOPPED}
    await answer("/start")
    assert api.posted == []
    await answer("/start yes")
    assert api.posted == ["/api/bot/start"]


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "/start 로만 다시 시작합니다"), ("en", "Only /start sets it going")]
)
@pytest.mark.parametrize("name", ["pause", "resume"])
async def test_a_stopped_bot_is_neither_paused_nor_resumed_and_the_owner_is_told_what_is_left(language, said, name):
    answer, _, _ = commands(language, FakeApi(**{f"/api/bot/{name}": Unfit("the bot is stopped")}))
    told = await answer(f"/{name}")
    assert said in told
    assert f"/{name} " in told


async def test_a_bot_that_a_setting_keeps_stopped_is_not_started_and_the_setting_is_named():
    answer, _, _ = commands(api=FakeApi(**{"/api/bot/status": STOPPED, "/api/bot/start": Unfit("SCHEDULER_ENABLED")}))
    await answer("/start")
    assert (await answer("/start yes")).startswith("SCHEDULER_ENABLED=false keeps the bot stopped")


@pytest.mark.parametrize(
    "text",
    ["/start", "/start yes", "/stop", "/stop yes", "/pause", "/exits", "/resume", "/sell ETH", "/sell yes", "/panic"],
)
async def test_who_is_not_the_owner_switches_nothing_and_may_ask_all_the_same(text):
    api = FakeApi(**{"/api/bot/status": STOPPED})
    carry_out = Commands(api, None, FixedClock(NOW), "en", ("KRW-ETH",))
    assert "TELEGRAM_OWNER_ID. Nothing was changed" in (await carry_out(text, may_switch=False)).text
    assert api.asked == []
    assert "Stopped" in (await carry_out("/status", may_switch=False)).text


async def test_the_report_comes_as_in_the_morning_with_its_picture_where_one_is_wanted():
    async def last_report():
        return report_ready()

    async def picture(of):
        assert of == report_ready()
        return b"PNG"

    plain = Commands(FakeApi(), last_report, FixedClock(NOW), "en", ("KRW-ETH",))
    shown = Commands(FakeApi(), last_report, FixedClock(NOW), "en", ("KRW-ETH",), picture)
    text = daily_report(report_ready(), "en")
    assert await plain("/daily", may_switch=True) == Said(text)
    assert await shown("/daily", may_switch=True) == Said(text, b"PNG")


async def test_the_models_cost_is_read_page_by_page_until_last_month():
    class Pages(FakeApi):
        async def get(self, route, *, limit, offset):
            self.asked.append((route, offset))
            hours = (datetime(2026, 1, 20, tzinfo=UTC) - timedelta(hours=offset + n) for n in range(limit))
            return self.read(route, Decisions(decisions=[decision(hour, 1) for hour in hours], total=999))

    answer, api, clock = commands(api=Pages())
    clock.at = datetime(2026, 1, 20, tzinfo=UTC)
    told = await answer("/cost")
    assert [offset for _, offset in api.asked] == [0]
    assert "This month: 466 KRW (466 calls)" in told  # 19 days and 9 hours, and the newest hour


async def test_a_decision_made_between_two_pages_is_paid_once():
    class Shifting(FakeApi):
        async def get(self, route, *, limit, offset):
            self.asked.append((route, offset))
            shift = len(self.asked) - 1  # a new one each time
            first = datetime(2026, 1, 20, tzinfo=UTC) - timedelta(minutes=20 * (offset - shift))
            times = (first - timedelta(minutes=20 * n) for n in range(limit))
            return self.read(route, Decisions(decisions=[decision(at, 1) for at in times], total=9999))

    answer, api, clock = commands(api=Shifting())
    clock.at = datetime(2026, 1, 20, tzinfo=UTC)
    told = await answer("/cost")
    assert [offset for _, offset in api.asked] == [0, 500, 999]
    assert "This month: 1,396 KRW (1396 calls)" in told  # three an hour, and the newest


@pytest.mark.parametrize("fault", [Transient("the backend at BACKEND_URL does not answer"), Permanent("no API_TOKEN")])
async def test_a_backend_that_does_not_answer_is_told(fault):
    answer, _, _ = commands(api=FakeApi(**{"/api/bot/status": fault}))
    assert await answer("/status") == f"No answer could be had: {fault}"


async def test_the_gate_is_told_of_each_market():
    answer, api, _ = commands(markets=("KRW-ETH", "KRW-BTC"))
    told = await answer("/gate")
    assert told.count("🚧") == 2
    assert ("/api/cycles", {"limit": 50, "market": "KRW-BTC"}) in api.asked


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/status", Command("status")),
        ("/TRADES@upcycle_bot  5 ", Command("trades", ("5",))),
        ("status", None),
        ("", None),
        ("/", Command("")),
    ],
)
def test_a_command_is_read(text, read):
    assert parse_command(text) == read


@pytest.mark.parametrize(("age_s", "old"), [(0, False), (60, False), (61, True)])
def test_a_command_of_more_than_a_minute_ago_is_stale(age_s, old):
    said = ChatMessage(1, "1", "1", "/stop", NOW - timedelta(seconds=age_s))
    assert is_stale(said, NOW - timedelta(hours=1), NOW) is old


def test_a_command_from_before_the_start_is_stale_however_young():
    started = NOW.replace(microsecond=500_000)
    assert is_stale(ChatMessage(1, "1", "1", "/stop", NOW - timedelta(seconds=1)), started, NOW)
    assert not is_stale(ChatMessage(1, "1", "1", "/stop", NOW), started, NOW)  # Telegram counts whole seconds
