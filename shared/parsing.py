"""Checked readers: bytes from outside become JSON, numbers and times; what cannot be true is a `BadValue` (pure).

JSON's numbers stay text until one of these reads them: no digit is lost, and no exponent is computed unasked.
"""

import json
import re
import reprlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from shared.types import Krw, Price, UtcTime, Volume

SIZE_MAX = 5_000_000  # bytes; the longest true answer, a thousand orders, has less than one million
DEPTH_MAX = 32  # the deepest true answer has four levels
# Upbit began in 2017. Seconds or microseconds taken for milliseconds lie far outside.
EARLIEST, LATEST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
PRICE_MAX, AMOUNT_MAX, SMALLEST = Decimal("1e12"), Decimal("1e18"), Decimal("1e-18")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_BARE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


class BadValue(ValueError):
    """Something that cannot be true; the text names it and says what would do."""


def parse_json(content: bytes) -> Any:
    """The JSON of a body, its numbers as text."""
    check_body(content)
    try:
        return json.loads(content.decode("utf-8"), parse_float=str, parse_int=str)
    except UnicodeDecodeError as e:
        raise BadValue(f"the body is no UTF-8 at byte {e.start}") from e
    except ValueError as e:
        raise BadValue(f"the body is no JSON: it begins {content[:40]!r}") from e


def check_body(content: bytes) -> None:
    """Refuse a body that is longer or deeper than a true one, before anything parses it."""
    if len(content) > SIZE_MAX:
        raise BadValue(f"the body has {len(content)} bytes; at most {SIZE_MAX} are read")
    brackets = content.translate(None, _NO_BRACKETS)
    for _ in range(DEPTH_MAX):  # each pass takes the innermost pairs away
        if not brackets:
            return
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    if len(brackets) > DEPTH_MAX:  # a few may stand in texts
        raise BadValue(f"the body is nested deeper than {DEPTH_MAX} levels, or never closed")


def rows(value: Any, what: str) -> list[Any]:
    """An empty object would pass for nothing held, or for no candle."""
    if not isinstance(value, list):
        raise BadValue(f"{what}: a list was expected, not {_shown(value)}")
    return value


def of(thing: Any, name: str) -> Any:
    """A field of an object, be it JSON's or the SDK's; None where it is absent. What is no object has no fields."""
    if isinstance(thing, Mapping):
        return thing.get(name)
    if thing is None or isinstance(thing, str | bytes | int | float | list | tuple):
        raise BadValue(f"an object with {name!r} was expected, not {_shown(thing)}")
    return getattr(thing, name, None)


def number(value: Any, what: str) -> Decimal:
    """A finite number, exact: given as text, or as a number whose text counts."""
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        text = value if isinstance(value, str) else format(value, "f") if isinstance(value, Decimal) else repr(value)
        if _NUMBER.fullmatch(text):
            exact = Decimal(text)
            if exact == 0:
                return exact if "e" not in text.lower() else Decimal(0)  # 0e-999 would be written with 999 digits
            if SMALLEST <= abs(exact) <= AMOUNT_MAX:
                return exact
    raise BadValue(f"{what}: {_shown(value)} is no number, or none of a size that can be")


def price(value: Any, what: str = "price") -> Price:
    """Won per coin. Zero and less is no price."""
    exact = number(value, what)
    if not 0 < exact <= PRICE_MAX:
        raise BadValue(f"{what}: {_shown(value)} is no price; one is above 0 and at most {PRICE_MAX}")
    return Price(exact)


def volume(value: Any, what: str = "volume") -> Volume:
    """Coins, zero or more."""
    return Volume(_not_negative(value, what))


def won(value: Any, what: str = "won") -> Krw:
    """Zero or more."""
    return Krw(_not_negative(value, what))


def share(value: Any, what: str) -> Decimal:
    exact = number(value, what)
    if not 0 <= exact < 1:
        raise BadValue(f"{what}: {_shown(value)} is no share; one is 0 or more and below 1")
    return exact


def flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise BadValue(f"{what}: {_shown(value)} is neither true nor false")
    return value


def word(value: Any, what: str) -> str:
    """A short text that can be printed: a name, a state, a code."""
    if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable():
        return value
    raise BadValue(f"{what}: {_shown(value)} is no word")


def moment_ms(value: Any, what: str) -> UtcTime:
    """Milliseconds since 1970; seconds and microseconds fall out of what is plausible."""
    exact = number(value, what)
    if exact != exact.to_integral_value() or not _ms(EARLIEST) <= exact < _ms(LATEST):
        raise BadValue(f"{what}: {_shown(value)} is no time in milliseconds between {EARLIEST:%Y} and {LATEST:%Y}")
    return _EPOCH + timedelta(milliseconds=int(exact))


def moment(value: Any, what: str) -> UtcTime:
    """ "2025-08-09T16:44:00.597751+09:00", as UTC."""
    try:
        at = datetime.fromisoformat(word(value, what))
    except ValueError as e:
        raise BadValue(f"{what}: {_shown(value)} is no time") from e
    if at.tzinfo is None:
        raise BadValue(f"{what}: {_shown(value)} names no time zone")
    return _plausible(at, what)


def bare_utc(value: Any, what: str) -> UtcTime:
    """ "2025-06-30T00:00:00", which is UTC without saying so."""
    if not isinstance(value, str) or not _BARE_TIME.fullmatch(value):
        raise BadValue(f"{what}: {_shown(value)} is no time like 2025-06-30T00:00:00")
    try:
        return _plausible(datetime.fromisoformat(value).replace(tzinfo=UTC), what)
    except ValueError as e:
        raise BadValue(f"{what}: {value} is no time") from e


def date_of(headers: Mapping[str, str]) -> UtcTime:
    """The server's time, by the head of its answer."""
    told = word(headers.get("Date"), "Date")
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError) as e:
        raise BadValue(f"Date: {_shown(told)} is no time") from e
    if at.tzinfo is None:
        raise BadValue(f"Date: {_shown(told)} names no time zone")
    return _plausible(at, "Date")


def tidy(text: Any, *, longest: int = 300) -> str:
    """Somebody else's sentence, fit for a log, an event and a page: no control signs, no half characters."""
    whole = text if isinstance(text, str) else _shown(text)
    return "".join(sign if sign.isprintable() else " " for sign in whole[:longest]).strip()


def _not_negative(value: Any, what: str) -> Decimal:
    exact = number(value, what)
    if exact < 0:
        raise BadValue(f"{what}: {_shown(value)} is below 0")
    return exact


def _plausible(at: datetime, what: str) -> UtcTime:
    if not EARLIEST.year <= at.year < LATEST.year:
        raise BadValue(f"{what}: {at.isoformat()} does not lie between {EARLIEST:%Y} and {LATEST:%Y}")
    return at.astimezone(UTC)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _shown(value: Any) -> str:
    return ascii(reprlib.repr(value))[1:-1][:80] if not isinstance(value, str) else ascii(value[:60])
