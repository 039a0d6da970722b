"""A time a person writes, read or refused."""

from datetime import UTC, datetime

import pytest

from services.cli.arguments import moment
from shared.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2024-12-03T14:00Z", 14), ("2024-12-03T14:00", 14), ("2024-12-03T14:00+09:00", 5), ("2024-12-03", 0)],
)
def test_a_time_without_a_zone_is_utc(text, hour):
    assert moment(text) == datetime(2024, 12, 3, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", "14:00", "2024-13-01"])
def test_what_is_no_time_is_named_with_an_example(text):
    with pytest.raises(BadRequest, match=f"{text!r} is no time; write it as 2024-12-03T13:00Z"):
        moment(text)
