"""An event as the owner reads it, and what kind of message it is: that decides whether he is disturbed (pure)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from services.notifier.core.frame import framed
from services.notifier.core.report import daily_report
from services.notifier.core.words import WORDS
from shared.catalogue import sentence
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
    PanicEnded,
    PortfolioValued,
    ReportReady,
)
from shared.reason import Reason
from shared.switch import SwitchState
from shared.types import Language, UtcTime, slot_time
from shared.why.gate import lacking
from shared.why.panic import line
from shared.why.sale import cut
from shared.writing import coins, seoul_second, volume, whole_won, won

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
    "PanicEnded": "status",  # an error where something is left undone
    "ReportReady": "report",
    "OrderSkipped": "hold",
    "OrderDenied": "denied",
    "CycleRejected": "rejected",
}
BotStatus = Literal["started", "stopped", "paused", "resumed", "exits-only"]
_STATUS: dict[str, BotStatus] = {
    "start": "started",
    "stop": "stopped",
    "pause": "paused",
    "resume": "resumed",
    "exits-only": "exits-only",
}


def is_failed_exit(event: Event) -> bool:
    """Whether the exit guard or the owner wanted to sell, and nothing was sold."""
    return isinstance(event, OrderDenied | OrderRejected) and event.slot.endswith(("-exit", "-sale"))


def kind_of(event: Event, attempt: int) -> Kind:
    """attempt: of an exit. That a position cannot be closed is an error the first time, and no news after that."""
    if is_failed_exit(event):
        return "error" if attempt == 1 else "denied"
    if isinstance(event, PanicEnded) and event.undone:
        return "error"
    return KINDS[event.kind]


def message(event: Event, language: Language) -> str | None:  # noqa: PLR0911
    """None: of no kind above."""
    match event:
        case OrderFilled():
            return _trade(event, language)
        case CycleEnded() if KINDS[event.kind] == "error" or is_failed_exit(event):
            return _error(event, language)
        case OrderFound():
            return _found(event, language)
        case PortfolioValued():
            return _drift(event, language)
        case ControlGiven() | JobSwitched():
            return _switched(event, language)
        case PanicEnded():
            return _panic(event, language)
        case ReportReady():
            return daily_report(event, language)
        case OrderSkipped() | OrderDenied() | CycleRejected():
            return _quiet(event, language)
    return None


def about(mode: Literal["paper", "live"], markets: Sequence[str], interval_min: int, language: Language) -> str:
    """What a process is there for, in a line."""
    words = WORDS[language]
    return f"{words.mode[mode]}, {', '.join(markets)}, {words.each.format(minutes=interval_min)}"


def bot_status(status: BotStatus, about: str, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    return framed(words.status[status], [about], at, language)


def too_many_letters(letters: int, at: UtcTime, language: Language) -> str:
    """letters: dead ones of the last hour."""
    words = WORDS[language]
    said = words.many_letters.format(n=letters)
    return _trouble(f"DeadLetters ({words.letters})", said, "upcycle dead list", at, language)


def no_report(slot: str, minutes: int, at: UtcTime, language: Language) -> str:
    """slot: of the report that is late, minutes: how late it may be."""
    words = WORDS[language]
    said = words.report_due.format(due=seoul_second(slot_time(slot), language), minutes=minutes)
    return _trouble(f"ReportMissing ({words.no_report})", said, "daily_report_job, backend", at, language)


def wrong_time(fault: Reason, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    said = sentence(fault, language)
    return _trouble(f"ClockWrong ({words.wrong_clock})", words.not_traded, said, at, language)


def bad_switch(state: SwitchState, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    return _trouble(f"Switch ({words.switch})", state.notice(language), "upcycle status", at, language)


def _switched(event: ControlGiven | JobSwitched, language: Language) -> str:
    words = WORDS[language]
    by = f"{words.by}: {event.by}"
    if isinstance(event, JobSwitched):
        return framed(words.job[event.command], [event.job, by], event.at, language)
    return framed(words.status[_STATUS[event.command]], [by], event.at, language)


def _panic(event: PanicEnded, language: Language) -> str:
    """What it left undone first."""
    words = WORDS[language]
    title = words.panic_undone if event.undone else words.panic_done
    lines = [f"❗ {line(note, language)}" for note in event.undone] + [line(note, language) for note in event.notes]
    return framed(title, [*lines, f"{words.by}: {event.by}"], event.at, language)


def _trade(end: OrderFilled, language: Language) -> str:
    words = WORDS[language]
    lines = [
        f"{words.market}: {end.market}",
        f"{words.side}: {words.sides.get(end.decision, end.decision)}",
        f"{words.price}: {won(end.price or Decimal(0), language)}",
        f"{words.amount}: {coins(end.amount, end.market)}",
        f"{words.total}: {whole_won(end.total, language)}",
        f"{words.reason}: {_reason(end, language)}",
    ]
    if line := cut(end, language):
        lines.append(line)
    return framed(words.trade, lines, end.executed_at, language)


def _quiet(end: CycleEnded, language: Language) -> str:
    """What was not done; told only where the owner asks for it."""
    words = WORDS[language]
    lines = [f"{words.market}: {end.market}", f"{words.reason}: {_reason(end, language)}", end.reason_code]
    return framed(words.quiet[end.kind], lines, slot_time(end.slot), language)


def _reason(end: CycleEnded, language: Language) -> str:
    if isinstance(end, CycleRejected) and language == "en":
        return "; ".join(lacking(objection, "en") for objection in end.objections)
    return sentence(end, language)


def _error(end: CycleEnded, language: Language) -> str:
    words = WORDS[language]
    context = [end.cycle, end.stage, end.reason_code]
    if isinstance(end, OrderUnresolved):
        context += [end.client_order_id, f"upcycle settle {end.cycle}"]
    owners = isinstance(end, OrderDenied) and end.slot.endswith("-sale")
    kind, at = f"{end.kind} ({words.not_sold if owners else words.errors[end.kind]})", slot_time(end.slot)
    return _trouble(kind, _reason(end, language), ", ".join(dict.fromkeys(context)), at, language)


def _found(event: OrderFound, language: Language) -> str:
    """What the log lacks or calls nothing, and how it is adopted; of one that is empty there is nothing to do."""
    words = WORDS[language]
    side = words.sides.get(event.side, event.side)
    unknown = words.panicked if event.is_panics_elsewhere else words.forgotten
    said = (words.denied if event.log_says else unknown).format(
        side=side, executed=volume(event.executed), coin=event.market.removeprefix("KRW-"), says=event.log_says
    )
    todo = words.empty if event.is_empty else words.adopt.format(cycle=event.cycle)
    kind = f"{event.kind} ({words.errors[event.kind]})"
    return _trouble(kind, said, f"{event.cycle}, {todo}", event.at, language)


def _drift(event: PortfolioValued, language: Language) -> str | None:
    """What came or went that no fill explains, told in the hour in which it did; None of any other hour."""
    words, said = WORDS[language], []
    for coin in event.holdings:
        name = coin.market.removeprefix("KRW-")
        if coin.surplus:
            said.append(words.surplus.format(coin=name, more=volume(coin.surplus)))
        if coin.shortfall and coin.others is not None:
            said.append(words.shortfall.format(coin=name, less=volume(-coin.others)))
    if not said:
        return None
    return _trouble(f"{event.kind} ({words.errors[event.kind]})", "; ".join(said), words.drift, event.at, language)


def _trouble(kind: str, said: str, context: str, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    lines = [f"{words.kind}: {kind}", f"{words.message}: {said}", f"{words.context}: {context}"]
    return framed(words.error, lines, at, language)
