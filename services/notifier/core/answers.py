"""What the API gives, as the owner reads it on his phone (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.notifier.core.answer_words import ANSWERS
from services.notifier.core.words import Language
from shared.events import KINDS
from shared.types import UtcTime
from shared.why.gate import gate as story_of_gate
from shared.why.record import Record
from shared.writing import gain, seoul_day, seoul_short, tight_percent, volume, whole_won, won

Json = Mapping[str, Any]
_OF_THE_GATE = ("TradingDue", "SignalPassed", "SignalRejected")


def status(now: Json, language: Language) -> str:
    say = ANSWERS[language]
    beats = bool(now["jobs"])
    last = _at(now["last_trade_time"]) if now["last_trade_time"] else say["none"]
    lines = [say[now["status"]], say["up"].format(up=_span(now["uptime_seconds"], say)) if beats else say["silent"]]
    lines += [say["last_trade"].format(at=last), say["next"], *_jobs(now["jobs"], say)]
    if now.get("trouble"):
        lines.insert(1, f"⚠️ {now['trouble']}")
    return "\n".join([*lines, say["missed"].format(n=len(now["missed"]))])


def switched(now: Json, language: Language) -> str:
    say = ANSWERS[language]
    return say["by"].format(status=say[now["status"]], by=now["by"])


def jobs(found: Json, language: Language) -> str:
    return "\n".join(_jobs(found["jobs"], ANSWERS[language]))


def balance(account: Json, language: Language) -> str:
    say = ANSWERS[language]
    if account["valued_at"] is None:
        return say["not_valued"]
    lines = [
        say["balance"].format(at=_at(account["valued_at"])),
        say["cash"].format(won=whole_won(_exact(account["krw_balance"]), language)),
    ]
    for coin in account["coins"]:
        name, amount = coin["symbol"].removeprefix("KRW-"), volume(_exact(coin["coin_balance"]))
        worth = {
            "price": won(_exact(coin["coin_price"]), language),
            "value": whole_won(_exact(coin["value"]), language),
        }
        lines.append(say["coin"].format(coin=name, amount=amount, **worth))
        if coin["bot_amount"]:
            bot = volume(_exact(coin["bot_amount"]))
            lines.append(say["bot"].format(amount=bot, won=gain(_exact(coin["unrealised"]), language)))
    return "\n".join([*lines, say["sum"].format(won=whole_won(_exact(account["total_value_krw"]), language))])


def trades(found: Json, language: Language) -> str:
    say = ANSWERS[language]
    if not found["trades"]:
        return say["no_trades"]
    lines = [
        say["trade"].format(
            at=_at(trade["created_at"]),
            side=say[trade["side"]],
            market=trade["symbol"],
            amount=volume(_exact(trade["amount"])),
            price=won(_exact(trade["price"]), language),
            total=whole_won(_exact(trade["total"]), language),
        )
        for trade in found["trades"]
    ]
    return "\n".join([say["trades"].format(n=len(lines), total=found["total"]), *lines])


def profit(stats: Json, account: Json, days: int, today: date, language: Language) -> str:
    """stats: by day. days: today's is the last of them."""
    say, first = ANSWERS[language], (today - timedelta(days=days - 1)).isoformat()
    recent = [day for day in stats["periods"] if day["period"] >= first]
    figures = {name: sum((_exact(day[name]) for day in recent), Decimal(0)) for name in ("profit", "trades", "fees")}
    money = {"won": gain(figures["profit"], language), "fees": whole_won(figures["fees"], language)}
    rate = "-" if stats["win_rate"] is None else tight_percent(stats["win_rate"], 1)
    lines = [
        say["profit"],
        say["of_days"].format(days=days, trades=figures["trades"], **money),
        say["in_all"].format(won=gain(_exact(stats["profit"]), language), trades=stats["trades"], rate=rate),
    ]
    if account["valued_at"] is not None:
        lines.append(say["unrealised"].format(won=gain(_exact(account["unrealised"]), language)))
    return "\n".join(lines)


def gate(market: str, cycle: Json | None, language: Language) -> str:
    """cycle: the market's last one that met the gate, with its events."""
    say = ANSWERS[language]
    if cycle is None:
        return say["no_gate"].format(market=market)
    entries = tuple(_Entry(logged) for logged in cycle["events"] if logged["event"]["kind"] in _OF_THE_GATE)
    story = story_of_gate(Record(cycle["cycle"], entries), language)
    return "\n".join([say["gate"].format(market=market, at=_at(cycle["slot_at"])), *(f"· {line}" for line in story)])


def cost(decisions: Iterable[Json], today: date, language: Language) -> str:
    """decisions: of this month at least."""
    asked = [(_day(d["slot_at"]), _exact(d["model_cost"])) for d in decisions if d["model_cost"] is not None]
    of_month = [cost for day, cost in asked if (day.year, day.month) == (today.year, today.month)]
    of_today = [cost for day, cost in asked if day == today]
    return ANSWERS[language]["cost"].format(
        today=whole_won(sum(of_today, Decimal(0)), language),
        today_calls=len(of_today),
        month=whole_won(sum(of_month, Decimal(0)), language),
        month_calls=len(of_month),
    )


class _Entry:
    """An event as the API gives it, as the story reads it."""

    delivery = 1

    def __init__(self, logged: Json) -> None:
        self.at: UtcTime = datetime.fromisoformat(logged["stored_at"])
        self.event = KINDS[logged["event"]["kind"]].model_validate(logged["event"])


def _jobs(found: Sequence[Json], say: Mapping[str, str]) -> list[str]:
    return [
        "· " + say["job"].format(id=job["id"], next=_at(job["next_run"]) if job["next_run"] else _why(job, say))
        for job in found
    ]


def _why(job: Json, say: Mapping[str, str]) -> str:
    """`/api/bot/status` knows of no pause."""
    if job.get("paused"):
        return say["job_paused"].format(by=job["by"])
    return str(job.get("note") or say["never"])


def _span(seconds: int, say: Mapping[str, str]) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return say["span"].format(days=hours // 24, hours=hours % 24, minutes=minutes)


def _at(time: str) -> str:
    return seoul_short(datetime.fromisoformat(time))


def _day(time: str) -> date:
    return seoul_day(datetime.fromisoformat(time))


def _exact(number: float | Decimal) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))
