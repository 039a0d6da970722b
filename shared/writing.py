"""Numbers and times as a person reads them (pure)."""

from datetime import timedelta, timezone
from decimal import Decimal

from shared.types import Language, UtcTime

KST = timezone(timedelta(hours=9))  # Seoul has no summer time


def seoul(at: UtcTime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"


def won(amount: Decimal, language: Language) -> str:
    """50,000원; as many decimals as a cheap coin needs."""
    digits = (
        f"{amount:,.0f}" if abs(amount) >= 100 else trimmed(f"{amount:.8f}" if abs(amount) < 1 else f"{amount:.2f}")
    )
    return digits + ("원" if language == "ko" else " KRW")


def coins(amount: Decimal, market: str) -> str:
    return f"{trimmed(f'{round(amount, 8):f}')} {market.removeprefix('KRW-')}"


def share(value: float, *, signed: bool = False) -> str:
    """0.447 -> 44.7 %; more digits where one would hide a difference."""
    digits = 1 if abs(value) >= 0.001 or value == 0 else 4
    return f"{100 * value:{'+' if signed else ''}.{digits}f} %"


def ratio(value: float) -> str:
    """24.5, -0.08; more digits where two would show a nought that decided something."""
    return trimmed(f"{value:.2f}") if abs(value) >= 0.01 else trimmed(f"{value:.6f}")


def trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.2f}"
