"""Each command as the owner sends it and as he is answered; the answers are golden files that a person reads."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.commands import Commands
from services.notifier.core.answer_words import ANSWERS
from services.notifier.core.chat_message import ChatMessage, Command, is_stale, parse_command
from services.notifier.ports import Unfit
from shared.bus.wire import encode
from shared.errors import Permanent, Transient
from shared.fixed_clock import FixedClock
from tests.support.builders import due, objection, rejected, report_ready
from tests.support.golden import assert_golden

NOW = datetime(2026, 1, 5, 5, tzinfo=UTC)  # 14:00 in Seoul
CYCLE, NEWEST = "KRW-ETH-20260105T0300Z", "KRW-ETH-20260105T0400Z"
AT = "2026-01-05T12:00:00+09:00"


def logged(event):
    return {"seq": 1, "stored_at": AT, "subject": event.subject, "event": json.loads(encode(event))}


def decision(at, cost):
    return {"cycle": f"KRW-ETH at {at}", "slot_at": at, "model_cost": cost}


STATS = {
    "trades": 12, "profit": -1200.5, "win_rate": 0.25, "periods": [
        {"period": "2026-01-05", "profit": 949.5, "trades": 2, "fees": 50.5},
        {"period": "2025-12-30", "profit": -100, "trades": 1, "fees": 25},
        {"period": "2025-12-29", "profit": -2050, "trades": 9, "fees": 225},
    ],
}  # fmt: skip
PORTFOLIO = {
    "valued_at": AT, "krw_balance": 949975, "total_value_krw": 1001225, "unrealised": 1225, "coins": [
        {"symbol": "KRW-ETH", "coin_balance": 0.0125, "coin_price": 4100000, "value": 51250,
         "bot_amount": 0.0125, "unrealised": 1225},
        {"symbol": "KRW-XRP", "coin_balance": 0, "coin_price": 812.5, "value": 0, "bot_amount": 0, "unrealised": 0},
    ],
}  # fmt: skip
STOPPED = {"status": "stopped", "uptime_seconds": 0, "last_trade_time": None, "missed": [], "jobs": []}
ANSWERED = {
    "/api/bot/status": {
        "status": "running", "uptime_seconds": 93784, "last_trade_time": AT, "missed": [{}, {}],
        "jobs": [{"id": "trading_job", "next_run": "2026-01-05T15:00:00+09:00"},
                 {"id": "daily_report_job", "next_run": None}],
    },
    "/api/bot/jobs": {"jobs": [
        {"id": "trading_job", "next_run": "2026-01-05T15:00:00+09:00", "note": ""},
        {"id": "daily_report_job", "next_run": None, "note": "paused by api", "paused": True, "by": "api"},
    ]},
    "/api/portfolio": PORTFOLIO,
    "/api/trades": {"total": 125, "trades": [
        {"created_at": AT, "side": "buy", "symbol": "KRW-ETH", "amount": 0.0115, "price": 4350000, "total": 50000},
        {"created_at": AT, "side": "sell", "symbol": "KRW-BONK", "amount": 100000, "price": 0.0312, "total": 3120},
    ]},
    "/api/trades/stats": STATS,
    "/api/cycles": {"cycles": [{"cycle": NEWEST, "gate": None}, {"cycle": CYCLE, "gate": "rejected"}]},
    f"/api/cycles/{CYCLE}": {
        "cycle": CYCLE, "slot_at": AT, "why": "the whole story",
        "events": [logged(due()), logged(rejected(objections=(objection(),)))],
    },
    f"/api/cycles/{NEWEST}": {"why": "the newest story"},
    "/api/decisions": {"decisions": [
        decision(AT, 14.376), decision("2026-01-05T00:00:00+09:00", 10), decision("2026-01-04T23:00:00+09:00", 100),
        decision("2026-01-01T00:00:00+09:00", None), decision("2025-12-31T23:00:00+09:00", 5000),
    ]},
}  # fmt: skip


class FakeApi:
    def __init__(self, **changes):
        self.answers, self.asked = ANSWERED | changes, []

    async def get(self, path, **query):
        self.asked.append((path, query))
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def post(self, path):
        if isinstance(answer := self.answers.get(path), Exception):
            raise answer
        self.asked.append(("POST", path))
        after = {"pause": "paused", "stop": "stopped", "resume": "running", "start": "running"}
        return {"status": after[path.rpartition("/")[2]], "by": "telegram", "at": AT}

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
        return await carry_out(text, may_switch=True)

    return by_owner, api, clock


ASKED = ("/start", "/status", "/balance", "/trades 2", "/profit 7", "/why", f"/why {CYCLE}", "/gate", "/cost",
         "/daily", "/jobs", "/pause", "/resume", "/stop", "/stop yes", "/help", "/nonsense", "good morning",
         "/trades 0", "/profit a lot", "/why yesterday", "/status now")  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_each_answer_equals_its_golden_file(language):
    answer, _, _ = commands(language, report=report_ready())
    told = "\n".join([f"> {text}\n{await answer(text)}\n" for text in ASKED])
    assert_golden(f"messages/commands.{language}.txt", told)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_before_anything_happened_each_answer_says_so(language):
    fresh = FakeApi(**{
        "/api/bot/status": STOPPED,
        "/api/portfolio": {"valued_at": None, "coins": []},
        "/api/trades": {"trades": [], "total": 0},
        "/api/trades/stats": {"trades": 0, "profit": 0, "win_rate": None, "periods": []},
        "/api/cycles": {"cycles": []},
        "/api/decisions": {"decisions": []},
    })  # fmt: skip
    answer, _, _ = commands(language, fresh)
    asked = ("/start", "/status", "/balance", "/trades", "/profit", "/why", "/gate", "/cost", "/daily")
    told = "\n".join([f"> {text}\n{await answer(text)}\n" for text in asked])
    assert_golden(f"messages/commands_at_first.{language}.txt", told)


def test_the_help_names_every_command_and_no_other():
    known = Commands(FakeApi(), None, FixedClock(NOW), "en", ())._known()
    for say in ANSWERS.values():
        named = [line.split()[0][1:] for line in say["help"].splitlines()[1:]]
        assert sorted(named) == sorted(known)
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


async def test_start_changes_nothing_unless_the_bot_is_stopped_and_the_owner_is_sure():
    answer, api, _ = commands()
    await answer("/start")
    await answer("/start yes")
    assert api.posted == []
    api.answers |= {"/api/bot/status": ANSWERED["/api/bot/status"] | {"status": "stopped"}}
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


@pytest.mark.parametrize("text", ["/start", "/start yes", "/stop", "/stop yes", "/pause", "/resume"])
async def test_who_is_not_the_owner_switches_nothing_and_may_ask_all_the_same(text):
    api = FakeApi(**{"/api/bot/status": STOPPED})
    carry_out = Commands(api, None, FixedClock(NOW), "en", ("KRW-ETH",))
    assert "TELEGRAM_OWNER_ID. Nothing was changed" in await carry_out(text, may_switch=False)
    assert api.asked == []
    assert "Stopped" in await carry_out("/status", may_switch=False)


async def test_the_models_cost_is_read_page_by_page_until_last_month():
    class Pages(FakeApi):
        async def get(self, path, *, limit, offset):
            self.asked.append((path, offset))
            hours = (datetime(2026, 1, 20, tzinfo=UTC) - timedelta(hours=offset + n) for n in range(limit))
            return {"decisions": [decision(hour.isoformat(), 1) for hour in hours]}

    answer, api, clock = commands(api=Pages())
    clock.at = datetime(2026, 1, 20, tzinfo=UTC)
    told = await answer("/cost")
    assert [offset for _, offset in api.asked] == [0]
    assert "This month: 466 KRW (466 calls)" in told  # 19 days and 9 hours, and the newest hour


async def test_a_decision_made_between_two_pages_is_paid_once():
    class Shifting(FakeApi):
        async def get(self, path, *, limit, offset):
            self.asked.append((path, offset))
            shift = len(self.asked) - 1  # a new one each time
            first = datetime(2026, 1, 20, tzinfo=UTC) - timedelta(minutes=20 * (offset - shift))
            return {"decisions": [decision((first - timedelta(minutes=20 * n)).isoformat(), 1) for n in range(limit)]}

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
