"""How a frame, a time, an amount of won or coins and a share are written (pure)."""

from datetime import timedelta, timezone
from decimal import Decimal

from services.notifier.core.words import Words
from shared.types import UtcTime, plain

BAR = "━" * 20
KST = timezone(timedelta(hours=9))  # Seoul has no summer time


def framed(title: str, lines: list[str], time: str, words: Words) -> str:
    return "\n".join([title, BAR, *lines, BAR, f"{words.at}: {time}"])


def moment(at: UtcTime, words: Words) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S}{words.zone}"


def price(won: Decimal) -> str:
    """Whole won as the owner writes it; as many digits as a cheap coin needs."""
    if won >= 100:
        return f"{won:,.0f}"
    return trimmed(f"{won:.2f}" if won >= 1 else f"{won:.8f}")


def coins(amount: Decimal) -> str:
    return trimmed(plain(round(amount, 8)))


def signed(won: Decimal) -> str:
    """Of a gain or a loss: +949, -320, 0."""
    return f"{won:+,.0f}" if round(won) else "0"


def share(part: float) -> str:
    return f"{part:+.2%}"


def trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
