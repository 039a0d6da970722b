"""What a person writes on the command line, read or refused: a time, a cycle, a market."""

import re
from datetime import UTC, datetime

from shared.errors import BadRequest
from shared.types import slot_time, split_cycle


def moment(text: str) -> datetime:
    """Read a time; without a zone it is UTC. Raises BadRequest."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no time; write it as 2024-12-03T13:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def must_be_cycle(cycle: str) -> None:
    """Raises BadRequest for what is no cycle, and for one at a time that does not exist."""
    try:
        slot_time(split_cycle(cycle)[1])
    except ValueError as e:
        text = str(e) if "cycle id" in str(e) else f"{cycle}: there is no such time; write it as YYYYMMDDTHHMMZ, in UTC"
        raise BadRequest(text) from None


def must_be_market(market: str) -> None:
    if not re.fullmatch(r"KRW-[A-Z0-9]{1,15}", market):
        raise BadRequest(f"{market!r} is no market; write KRW- and the coin, such as KRW-ETH")
