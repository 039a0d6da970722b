"""A time that a person writes on the command line."""

from datetime import UTC, datetime

from shared.errors import BadRequest


def moment(text: str) -> datetime:
    """Read a time; without a zone it is UTC. Raises BadRequest."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no time; write it as 2024-12-03T13:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
