"""Column types that keep money exact and times aware, the same on PostgreSQL and SQLite."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String, TypeDecorator
from sqlalchemy.types import TypeEngine

from shared.types import plain

_DIGITS = 60  # more than any column holds; the default context would round at 28
_INT64 = 2**63


class ExactDecimal(TypeDecorator[Decimal]):
    """NUMERIC(precision, scale) on PostgreSQL; on SQLite a 64-bit integer of the smallest unit.

    So sums, order and equality are exact on both; never multiply two of them in SQL. A float, a number
    with more decimals than the column, and one that does not fit are refused, never rounded. At scale 8
    SQLite holds up to 92,233,720,368.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 20, scale: int = 8) -> None:
        self.precision, self.scale = precision, scale
        super().__init__(precision, scale)

    def __repr__(self) -> str:
        return f"ExactDecimal({self.precision}, {self.scale})"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        on_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(BigInteger() if on_sqlite else Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        _check(value)
        with localcontext(prec=_DIGITS):
            units = value.scaleb(self.scale)
            if units != units.to_integral_value():
                raise ValueError(f"{value} has more than {self.scale} decimals")
            if abs(units) >= Decimal(10) ** self.precision:
                raise ValueError(f"{value} does not fit {self.precision} digits")
            if dialect.name != "sqlite":
                return value
        if not -_INT64 <= int(units) < _INT64:
            raise OverflowError(f"{value} does not fit SQLite's 64-bit integer at scale {self.scale}")
        return int(units)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        with localcontext(prec=_DIGITS):
            return Decimal(value).scaleb(-self.scale)


class EveryDigit(TypeDecorator[Decimal]):
    """A Decimal with all its decimals: NUMERIC without limit on PostgreSQL, text on SQLite.

    A fee is price * volume * rate and has more decimals than 64 bits hold. Add these up in Python:
    as text they neither sum nor sort.
    """

    impl = Numeric
    cache_ok = True

    def __repr__(self) -> str:
        return "EveryDigit()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(64) if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        _check(value)
        return plain(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return value if value is None or isinstance(value, Decimal) else Decimal(value)


class UTCDateTime(TypeDecorator[datetime]):
    """TIMESTAMPTZ on PostgreSQL, UTC text on SQLite; aware and UTC in Python. A naive time is refused."""

    impl = DateTime
    cache_ok = True

    def __repr__(self) -> str:
        return "UTCDateTime()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} is a naive time; give an aware one")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware


def _check(value: Any) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"money is exact: a Decimal is wanted, not {type(value).__name__}")
    if not value.is_finite():
        raise ValueError(f"{value} is no amount")
