"""An event as the owner reads it, and what kind of message it is: that decides whether he is disturbed (pure)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from services.notifier.core.report import daily_report
from services.notifier.core.words import WORDS, Language, Words
from services.notifier.core.written import coins, framed, moment, price
from shared.events import (
    ControlGiven,
    CycleEnded,
    CycleRejected,
    Event,
    JobSwitched,
    OrderDenied,
    OrderFilled,
    OrderFound,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
    PortfolioValued,
    ReportReady,
)
from shared.switch import State
from shared.types import UtcTime, slot_time
from shared.why.gate import lacking
from shared.why.sale import cut
from shared.why.words import REASONS_EN

Kind = Literal["trade", "error", "status", "report", "hold", "denied", "rejected"]
Loudness = Literal["on", "silent", "off"]
Wanted = Mapping[Kind, Loudness]
KINDS: dict[str, Kind] = {
    "OrderFilled": "trade",
    "CycleFailed": "error",
    "OrderRejected": "error",
    "OrderUnresolved": "error",
    "OrderFound": "error",
    "PortfolioValued": "error",
    "ControlGiven": "status",
    "JobSwitched": "status",
    "ReportReady": "report",
    "OrderSkipped": "hold",
    "OrderDenied": "denied",
    "CycleRejected": "rejected",
}
BotStatus = Literal["started", "stopped", "paused", "resumed"]
_STATUS: dict[str, BotStatus] = {"start": "started", "stop": "stopped", "pause": "paused", "resume": "resumed"}


def is_failed_exit(event: Event) -> bool:
    """Whether the exit guard wanted to sell, and nothing was sold."""
    return isinstance(event, OrderDenied | OrderRejected) and event.slot.endswith("-exit")


def kind_of(event: Event, attempt: int) -> Kind:
    """attempt: of an exit. That a position cannot be closed is an error the first time, and no news after that."""
    if is_failed_exit(event):
        return "error" if attempt == 1 else "denied"
    return KINDS[event.kind]


def message(event: Event, language: Language) -> str | None:  # noqa: PLR0911
    """None: of no kind above."""
    words = WORDS[language]
    match event:
        case OrderFilled():
            return _trade(event, words)
        case CycleEnded() if KINDS[event.kind] == "error" or is_failed_exit(event):
            return _error(event, words)
        case OrderFound():
            return _found(event, words)
        case PortfolioValued():
            return _drift(event, words)
        case ControlGiven() | JobSwitched():
            return _switched(event, words)
        case ReportReady():
            return daily_report(event, language)
        case OrderSkipped() | OrderDenied() | CycleRejected():
            return _quiet(event, words)
    return None


def about(mode: Literal["paper", "live"], markets: Sequence[str], interval_min: int, language: Language) -> str:
    """What a process is there for, in a line."""
    words = WORDS[language]
    return f"{words.mode[mode]}, {', '.join(markets)}, {words.each.format(minutes=interval_min)}"


def bot_status(status: BotStatus, about: str, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    return framed(words.status[status], [about], moment(at, words), words)


def too_many_letters(letters: int, at: UtcTime, language: Language) -> str:
    """letters: dead ones of the last hour."""
    words = WORDS[language]
    said = words.many_letters.format(n=letters)
    return _trouble(f"DeadLetters ({words.letters})", said, "upcycle dead list", at, words)


def no_report(slot: str, minutes: int, at: UtcTime, language: Language) -> str:
    """slot: of the report that is late, minutes: how late it may be."""
    words = WORDS[language]
    said = words.report_due.format(due=moment(slot_time(slot), words), minutes=minutes)
    return _trouble(f"ReportMissing ({words.no_report})", said, "daily_report_job, backend", at, words)


def wrong_time(fault: str, at: UtcTime, language: Language) -> str:
    """fault: the clock's own sentence."""
    words = WORDS[language]
    return _trouble(f"ClockWrong ({words.wrong_clock})", words.not_traded, fault, at, words)


def bad_switch(state: State, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    return _trouble(f"Switch ({words.switch})", state.told(language), "upcycle status", at, words)


def _switched(event: ControlGiven | JobSwitched, words: Words) -> str:
    by = f"{words.by}: {event.by}"
    if isinstance(event, JobSwitched):
        return framed(words.job[event.command], [event.job, by], moment(event.at, words), words)
    return framed(words.status[_STATUS[event.command]], [by], moment(event.at, words), words)


def _trade(end: OrderFilled, words: Words) -> str:
    coin = end.market.removeprefix("KRW-")
    lines = [
        f"{words.market}: {end.market}",
        f"{words.side}: {words.sides.get(end.decision, end.decision)}",
        f"{words.price}: {price(end.price or Decimal(0))}{words.won}",
        f"{words.amount}: {coins(end.amount)} {coin}",
        f"{words.total}: {end.total:,.0f}{words.won}",
        f"{words.reason}: {_reason(end, words)}",
    ]
    if line := cut(end, "ko" if words is WORDS["ko"] else "en"):
        lines.append(line)
    return framed(words.trade, lines, moment(end.executed_at, words), words)


def _quiet(end: CycleEnded, words: Words) -> str:
    """What was not done; told only where the owner asks for it."""
    lines = [f"{words.market}: {end.market}", f"{words.reason}: {_reason(end, words)}", end.reason_code]
    return framed(words.quiet[end.kind], lines, moment(slot_time(end.slot), words), words)


def _reason(end: CycleEnded, words: Words) -> str:
    """In English our own words for the code, where there are any; the events' own are Korean."""
    if isinstance(end, CycleRejected) and words is WORDS["en"]:
        return "; ".join(lacking(objection, "en") for objection in end.objections)
    own = words is WORDS["ko"] or end.reason_code == "STAGE_GAVE_UP"  # what made it give up stands nowhere else
    return end.reason if own else REASONS_EN.get(end.reason_code, end.reason)


def _error(end: CycleEnded, words: Words) -> str:
    context = [end.cycle, end.stage, end.reason_code]
    if isinstance(end, OrderUnresolved):
        context += [end.client_order_id, f"upcycle settle {end.cycle}"]
    kind, at = f"{end.kind} ({words.errors[end.kind]})", slot_time(end.slot)
    return _trouble(kind, _reason(end, words), ", ".join(dict.fromkeys(context)), at, words)


def _found(event: OrderFound, words: Words) -> str:
    """What the log lacks or calls nothing, and how it is adopted; of one that is empty there is nothing to do."""
    side = words.sides.get(event.side, event.side)
    said = (words.denied if event.log_says else words.forgotten).format(
        side=side, executed=coins(event.executed), coin=event.market.removeprefix("KRW-"), says=event.log_says
    )
    todo = words.empty if event.is_empty else words.adopt.format(cycle=event.cycle)
    kind = f"{event.kind} ({words.errors[event.kind]})"
    return _trouble(kind, said, f"{event.cycle}, {todo}", event.at, words)


def _drift(event: PortfolioValued, words: Words) -> str | None:
    """What came or went that no fill explains, told in the hour in which it did; None of any other hour."""
    said = []
    for coin in event.holdings:
        name = coin.market.removeprefix("KRW-")
        if coin.surplus:
            said.append(words.surplus.format(coin=name, more=coins(coin.surplus)))
        if coin.shortfall and coin.others is not None:
            said.append(words.shortfall.format(coin=name, less=coins(-coin.others)))
    if not said:
        return None
    return _trouble(f"{event.kind} ({words.errors[event.kind]})", "; ".join(said), words.drift, event.at, words)


def _trouble(kind: str, said: str, context: str, at: UtcTime, words: Words) -> str:
    lines = [f"{words.kind}: {kind}", f"{words.message}: {said}", f"{words.context}: {context}"]
    return framed(words.error, lines, moment(at, words), words)
