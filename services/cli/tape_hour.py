"""The hour of a tape that a person asks for."""

from datetime import UTC, datetime, timedelta

from services.cli.arguments import moment
from services.paper.core.tape import Tape
from shared.errors import BadRequest

BITCOIN = "KRW-BTC"


def choose_slot(tape: Tape, market: str, at: str | None) -> datetime:
    """The hour to play: the asked one, else the tape's last. Raises BadRequest."""
    if market not in tape.markets:
        raise BadRequest(f"{market} is not on the tape; it has {', '.join(tape.markets)}")
    if BITCOIN not in tape.markets:
        raise BadRequest(f"the tape has no {BITCOIN}, which the market-risk check needs; add --tape with its file")
    first, last = tape.span
    slot = last.replace(minute=0, second=0, microsecond=0) if at is None else moment(at)
    if slot.minute or slot.second:
        raise BadRequest(f"--at {at}: a cycle starts on the hour, such as {slot:%Y-%m-%dT%H}:00Z")
    if not first + timedelta(days=9) <= slot <= last:
        raise BadRequest(
            f"--at {slot:%Y-%m-%dT%H:%MZ} is not on the tape with the days before it that a look needs; "
            f"it goes from {first + timedelta(days=9):%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ}"
        )
    return slot.astimezone(UTC)
