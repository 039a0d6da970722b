"""Won, coins, shares and times of Seoul as a person reads them: nothing else writes them (pure)."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from shared.types import Language, UtcTime, plain

AHEAD = timedelta(hours=9)  # of UTC; without a summer time since 1988
KST = timezone(AHEAD, "KST")


def seoul(at: UtcTime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"


def seoul_second(at: UtcTime, language: Language) -> str:
    """To the second; a reader of English is told the zone."""
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M:%S}{'' if language == 'ko' else ' KST'}"


def seoul_short(at: UtcTime) -> str:
    """Without the year: 01-05 12:00."""
    return f"{at.astimezone(KST):%m-%d %H:%M}"


def seoul_hour(at: UtcTime) -> str:
    return f"{at.astimezone(KST):%H:%M}"


def seoul_iso(at: datetime, timespec: str = "seconds") -> str:
    """2026-01-05T12:00:00+09:00."""
    return at.astimezone(KST).isoformat(timespec=timespec)


def seoul_day(at: UtcTime) -> date:
    return at.astimezone(KST).date()


def won(amount: Decimal, language: Language) -> str:
    """50,000원; as many decimals as a cheap coin needs."""
    digits = whole(amount) if abs(amount) >= 100 else trimmed(f"{amount:.8f}" if abs(amount) < 1 else f"{amount:.2f}")
    return digits + _unit(language)


def whole_won(amount: Decimal | float, language: Language = "ko") -> str:
    """50,000원; the command line's screens show this sign in English, too."""
    return whole(amount) + _unit(language)


def exact_won(amount: Decimal, language: Language) -> str:
    """Down to the won, and two decimals where they are all there is to see."""
    return (whole(amount) if amount == amount.to_integral_value() else f"{amount:,.2f}") + _unit(language)


def booked_won(amount: Decimal, language: Language = "ko") -> str:
    """Every digit, as the books have it."""
    return exact(amount) + _unit(language)


def quoted_won(price: Decimal, language: Language) -> str:
    return quoted(price) + _unit(language)


def quoted(price: Decimal) -> str:
    """A price as it was quoted: 4,143,000 or 0.00012345; no decimal behind the eighth."""
    return trimmed(f"{round(price, 8):,f}")


def gain(amount: Decimal, language: Language) -> str:
    """Of a gain or a loss: +949원, -320원, 0원."""
    return (f"{amount:+,.0f}" if round(amount) else "0") + _unit(language)


def whole(number: Decimal | float) -> str:
    """1,234, without its decimals."""
    return f"{number:z,.0f}"  # never -0


def significant(number: Decimal | float, digits: int = 8) -> str:
    return f"{number:,.{digits}g}"


def coins(amount: Decimal, market: str) -> str:
    return f"{volume(amount)} {market.removeprefix('KRW-')}"


def volume(amount: Decimal) -> str:
    """Of coins: to the eighth decimal, which is the exchange's last."""
    return trimmed(plain(round(amount, 8)))


def exact(amount: Decimal) -> str:
    """Every digit it has, without noughts at the end."""
    return trimmed(plain(amount))


def share(value: float | Decimal, *, signed: bool = False) -> str:
    """0.447 -> 44.7 %; more digits where one would hide a difference."""
    return percent(value, 4 if -0.001 < value < 0.001 and value else 1, signed=signed)


def percent(value: float | Decimal, decimals: int, *, signed: bool = False) -> str:
    """0.447 -> 44.70 %."""
    return f"{points(value, decimals, signed=signed)} %"


def pct(value: float | Decimal, decimals: int = 1) -> str:
    """0.447 -> 44.7%, as it stands in a table."""
    return f"{points(value, decimals)}%"


def signed_pct(value: float | Decimal, decimals: int = 1) -> str:
    """0.447 -> +44.7%."""
    return f"{points(value, decimals, signed=True)}%"


def points(value: float | Decimal, decimals: int = 1, *, signed: bool = False) -> str:
    """0.102 -> 10.2, of a hundred."""
    return f"{value:{'+' if signed else ''}.{decimals}%}".removesuffix("%")


def ratio(value: float) -> str:
    """24.5, -0.08; more digits where two would show a nought that decided something."""
    return trimmed(f"{value:.2f}") if abs(value) >= 0.01 else trimmed(f"{value:.6f}")


def trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.2f}"


def _unit(language: Language) -> str:
    return "원" if language == "ko" else " KRW"
