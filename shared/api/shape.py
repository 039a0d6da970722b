"""What every answer of the API is made of (pure). Numbers are JSON numbers, times carry +09:00."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

from shared.errors import Permanent
from shared.types import UtcTime
from shared.writing import seoul_iso


class OtherShape(Permanent):
    """An answer that is none of this version's API; the text names what is wrong with it."""


def number(value: Decimal) -> int | float:
    """A JSON number: 50000, not 50000.0; 0.0115."""
    return int(value) if value == value.to_integral_value() else float(value)


def _on_the_calendar(at: datetime) -> datetime:
    if not 1 < at.year < 9999:
        raise ValueError("no calendar of Seoul has this time")
    return at


def _of_a_size(value: Decimal) -> Decimal:
    if value.adjusted() > 40:  # written out it would fill a memory
        raise ValueError("no amount is so large")
    return value


Time = Annotated[
    UtcTime, AfterValidator(_on_the_calendar), PlainSerializer(seoul_iso, return_type=str, when_used="json")
]
Number = Annotated[
    Decimal, AfterValidator(_of_a_size), PlainSerializer(number, return_type=int | float, when_used="json")
]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True)
