"""An event as the owner reads it, or None where he is not to be disturbed (pure).

Only trades, errors and the bot's status are told; skips, denials and the gate's noes are not.
"""

from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Literal

from shared.events import (
    ControlGiven,
    CycleEnded,
    CycleFailed,
    Event,
    OrderFilled,
    OrderRejected,
    OrderUnresolved,
)
from shared.types import UtcTime, plain, slot_time
from shared.why.words import REASONS_EN

Language = Literal["ko", "en"]
BotStatus = Literal["started", "stopped", "paused", "resumed"]
BAR = "━" * 20
KST = timezone(timedelta(hours=9))  # Seoul has no summer time
_STATUS: dict[str, BotStatus] = {"start": "started", "stop": "stopped", "pause": "paused", "resume": "resumed"}


@dataclass(frozen=True)
class Words:
    trade: str
    market: str
    side: str
    sides: dict[str, str]
    price: str
    amount: str
    total: str
    reason: str
    at: str
    won: str
    zone: str
    error: str
    kind: str
    message: str
    context: str
    errors: dict[str, str]
    status: dict[str, str]
    by: str
    letters: str
    many_letters: str


WORDS: dict[Language, Words] = {
    "ko": Words(
        trade="🤖 거래 실행",
        market="종목",
        side="거래",
        sides={"buy": "매수 (BUY)", "sell": "매도 (SELL)"},
        price="가격",
        amount="수량",
        total="총액",
        reason="판단 근거",
        at="시각",
        won="원",
        zone="",
        error="⚠️ 오류 발생",
        kind="유형",
        message="메시지",
        context="상황",
        errors={
            "CycleFailed": "사이클 실패",
            "OrderRejected": "거래소 주문 거부",
            "OrderUnresolved": "주문 결과 불명, 직접 확인 필요",
        },
        status={
            "started": "🟢 봇 시작",
            "stopped": "🔴 봇 정지",
            "paused": "⏸️ 봇 일시정지",
            "resumed": "▶️ 봇 재개",
        },
        by="요청",
        letters="처리하지 못한 메시지가 많음",
        many_letters="지난 1시간 동안 {n}건",
    ),
    "en": Words(
        trade="🤖 Trade executed",
        market="Market",
        side="Side",
        sides={"buy": "BUY", "sell": "SELL"},
        price="Price",
        amount="Amount",
        total="Total",
        reason="Reason",
        at="Time",
        won=" KRW",
        zone=" KST",
        error="⚠️ Error",
        kind="Type",
        message="Message",
        context="Context",
        errors={
            "CycleFailed": "cycle failed",
            "OrderRejected": "order refused by the exchange",
            "OrderUnresolved": "outcome of an order unknown, please look yourself",
        },
        status={
            "started": "🟢 Bot started",
            "stopped": "🔴 Bot stopped",
            "paused": "⏸️ Bot paused",
            "resumed": "▶️ Bot resumed",
        },
        by="Asked by",
        letters="many messages could not be handled",
        many_letters="{n} in the last hour",
    ),
}


def message(event: Event, language: Language) -> str | None:
    words = WORDS[language]
    match event:
        case OrderFilled():
            return _trade(event, words)
        case CycleFailed() | OrderRejected() | OrderUnresolved():
            return _error(event, words)
        case ControlGiven():
            return bot_status(_STATUS[event.command], f"{words.by}: {event.by}", event.at, language)
    return None


def bot_status(status: BotStatus, about: str, at: UtcTime, language: Language) -> str:
    words = WORDS[language]
    return _framed(words.status[status], [about], _time(at, words), words)


def too_many_letters(letters: int, at: UtcTime, language: Language) -> str:
    """letters: dead ones of the last hour."""
    words = WORDS[language]
    lines = [
        f"{words.kind}: DeadLetters ({words.letters})",
        f"{words.message}: {words.many_letters.format(n=letters)}",
        f"{words.context}: upcycle dead list",
    ]
    return _framed(words.error, lines, _time(at, words), words)


def _trade(end: OrderFilled, words: Words) -> str:
    coin = end.market.removeprefix("KRW-")
    lines = [
        f"{words.market}: {end.market}",
        f"{words.side}: {words.sides.get(end.decision, end.decision)}",
        f"{words.price}: {_won(end.price or Decimal(0))}{words.won}",
        f"{words.amount}: {_trimmed(plain(round(end.amount, 8)))} {coin}",
        f"{words.total}: {end.total:,.0f}{words.won}",
        f"{words.reason}: {_reason(end, words)}",
    ]
    return _framed(words.trade, lines, _time(end.executed_at, words), words)


def _reason(end: CycleEnded, words: Words) -> str:
    """In English our own words for the code, where there are any; the events' own are Korean."""
    own = words is WORDS["ko"] or isinstance(end, CycleFailed)  # what made a stage give up stands nowhere else
    return end.reason if own else REASONS_EN.get(end.reason_code, end.reason)


def _error(end: CycleEnded, words: Words) -> str:
    context = [end.cycle, end.stage, end.reason_code]
    if isinstance(end, OrderUnresolved):
        context += [end.client_order_id, f"upcycle settle {end.cycle}"]
    lines = [
        f"{words.kind}: {end.kind} ({words.errors[end.kind]})",
        f"{words.message}: {_reason(end, words)}",
        f"{words.context}: {', '.join(dict.fromkeys(context))}",
    ]
    return _framed(words.error, lines, _time(slot_time(end.slot), words), words)


def _framed(title: str, lines: list[str], time: str, words: Words) -> str:
    return "\n".join([title, BAR, *lines, BAR, f"{words.at}: {time}"])


def _time(at: UtcTime, words: Words) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S}{words.zone}"


def _won(price: Decimal) -> str:
    """Whole won as the owner writes it; as many digits as a cheap coin needs."""
    if price >= 100:
        return f"{price:,.0f}"
    return _trimmed(f"{price:.2f}" if price >= 1 else f"{price:.8f}")


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
