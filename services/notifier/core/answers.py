"""What the API gives, as the owner reads it on his phone (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from services.notifier.core.answer_words import ANSWERS
from shared.api.bot import Jobs, JobState, NextRun, Status, Switched
from shared.api.cycles import CycleDetail, Decision, Logged
from shared.api.panic import Panic
from shared.api.portfolio import Portfolio
from shared.api.sale import Sale
from shared.api.trades import Trades, TradeStats
from shared.glossary import SIDES
from shared.types import Language, UtcTime
from shared.why.gate import gate as story_of_gate
from shared.why.record import Record
from shared.writing import coins, gain, pct, seoul_day, seoul_short, volume, whole_won, won

_OF_THE_GATE = ("TradingDue", "SignalPassed", "SignalRejected")


def status(now: Status, language: Language) -> str:
    say = ANSWERS[language]
    beats = bool(now.jobs)
    last = seoul_short(now.last_trade_time) if now.last_trade_time else say["none"]
    lines = [say[now.status], say["up"].format(up=_span(now.uptime_seconds, say)) if beats else say["silent"]]
    lines += [say["last_trade"].format(at=last), say["next"], *_jobs(now.jobs, language)]
    if now.trouble:
        lines.insert(1, f"⚠️ {now.trouble}")
    return "\n".join([*lines, say["missed"].format(n=len(now.missed))])


def switched(now: Switched, language: Language) -> str:
    say = ANSWERS[language]
    return say["by"].format(status=say[now.status], by=now.by)


def sale(shown: Sale, language: Language) -> str:
    """What it would bring, and how to confirm it."""
    say = ANSWERS[language]
    lines = [
        say["sale"].format(amount=coins(shown.amount, shown.market), price=won(shown.price, language)),
        say["sale_brings"].format(total=whole_won(shown.total, language), profit=gain(shown.profit, language)),
    ]
    if shown.order < shown.amount:
        lines.append(say["sale_part"].format(order=coins(shown.order, shown.market)))
    return "\n".join([*lines, f"⚠️ {shown.obstacle}" if shown.obstacle else say["sure_sell"]])


def panic(now: Panic, language: Language) -> str:
    """What it would cancel and sell, and how to confirm it."""
    say = ANSWERS[language]
    lines = [say["panic"]]
    for held in now.positions:
        brings = (
            say["panic_none"]
            if held.total is None
            else say["panic_brings"].format(total=whole_won(held.total, language))
        )
        lines.append(f"{coins(held.amount, held.market)}: {brings}" + (f" ({held.note})" if held.note else ""))
    if not now.positions:
        lines.append(say["panic_nothing"])
    lines.append(say["panic_orders"].format(n=len(now.orders)))
    return "\n".join([*lines, *([f"⚠️ {now.warning}"] if now.warning else []), say["sure_panic"]])


def jobs(found: Jobs, language: Language) -> str:
    return "\n".join(_jobs(found.jobs, language))


def balance(account: Portfolio, language: Language) -> str:
    say = ANSWERS[language]
    if account.valued_at is None or account.krw_balance is None or account.total_value_krw is None:
        return say["not_valued"]
    lines = [
        say["balance"].format(at=seoul_short(account.valued_at)),
        say["cash"].format(won=whole_won(account.krw_balance, language)),
    ]
    for coin in account.coins:
        name, amount = coin.symbol.removeprefix("KRW-"), volume(coin.coin_balance)
        worth = {
            "price": won(coin.coin_price, language),
            "value": whole_won(coin.value, language),
        }
        lines.append(say["coin"].format(coin=name, amount=amount, **worth))
        if coin.bot_amount:
            bot = volume(coin.bot_amount)
            lines.append(say["bot"].format(amount=bot, won=gain(coin.unrealised, language)))
    return "\n".join([*lines, say["sum"].format(won=whole_won(account.total_value_krw, language))])


def trades(found: Trades, language: Language) -> str:
    say = ANSWERS[language]
    if not found.trades:
        return say["no_trades"]
    lines = [
        say["trade"].format(
            at=seoul_short(trade.created_at),
            side=SIDES[language][trade.side],
            market=trade.symbol,
            amount=volume(trade.amount),
            price=won(trade.price, language),
            total=whole_won(trade.total, language),
        )
        for trade in found.trades
    ]
    return "\n".join([say["trades"].format(n=len(lines), total=found.total), *lines])


def profit(stats: TradeStats, account: Portfolio, days: int, today: date, language: Language) -> str:
    """stats: by day. days: today's is the last of them."""
    say, first = ANSWERS[language], (today - timedelta(days=days - 1)).isoformat()
    recent = [day for day in stats.periods if day.period >= first]
    money = {
        "won": gain(sum((day.profit for day in recent), Decimal(0)), language),
        "fees": whole_won(sum((day.fees for day in recent), Decimal(0)), language),
    }
    rate = "-" if stats.win_rate is None else pct(stats.win_rate)
    lines = [
        say["profit"],
        say["of_days"].format(days=days, trades=sum(day.trades for day in recent), **money),
        say["in_all"].format(won=gain(stats.profit, language), trades=stats.trades, rate=rate),
    ]
    if account.valued_at is not None:
        lines.append(say["unrealised"].format(won=gain(account.unrealised, language)))
    return "\n".join(lines)


def gate(market: str, cycle: CycleDetail | None, language: Language) -> str:
    """cycle: the market's last one that met the gate, with its events."""
    say = ANSWERS[language]
    if cycle is None:
        return say["no_gate"].format(market=market)
    entries = tuple(_Entry(logged) for logged in cycle.events if logged.event.get("kind") in _OF_THE_GATE)
    story = story_of_gate(Record(cycle.cycle, entries), language)
    return "\n".join(
        [say["gate"].format(market=market, at=seoul_short(cycle.slot_at)), *(f"· {line}" for line in story)]
    )


def cost(decisions: Iterable[Decision], today: date, language: Language) -> str:
    """decisions: of this month at least."""
    asked = [(seoul_day(d.slot_at), d.model_cost) for d in decisions if d.model_cost is not None]
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

    def __init__(self, logged: Logged) -> None:
        self.at: UtcTime = logged.stored_at
        self.event = logged.read()


def _jobs(found: Sequence[NextRun | JobState], language: Language) -> list[str]:
    say = ANSWERS[language]
    return [
        "· " + say["job"].format(id=job.id, next=seoul_short(job.next_run) if job.next_run else _why(job, language))
        for job in found
    ]


def _why(job: NextRun | JobState, language: Language) -> str:
    say = ANSWERS[language]
    if isinstance(job, NextRun):  # the status knows of no pause
        return say["never"]
    return say["job_paused"].format(by=job.by) if job.paused else job.say(language) or say["never"]


def _span(seconds: int, say: Mapping[str, str]) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return say["span"].format(days=hours // 24, hours=hours % 24, minutes=minutes)
