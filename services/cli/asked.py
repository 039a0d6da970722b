"""What a person asks for on the command line, read or refused with one sentence."""

from datetime import UTC, datetime
from pathlib import Path

LIVE_QUOTES = "upbit"  # PAPER_TAPE: Upbit's public quotes instead of files


class BadRequest(ValueError):
    """The command cannot be carried out as asked; the text says what is allowed."""


def moment(text: str) -> datetime:
    """Read a time; without a zone it is UTC. Raises BadRequest."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no time; write it as 2024-12-03T13:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def tape_from_here(specs: str) -> str:
    """PAPER_TAPE with every file's whole path: the services run in another folder than the person who named them.

    `upbit`, which means live quotes, stays what it is.
    """
    if specs == LIVE_QUOTES:
        return specs
    return ",".join(_whole(spec.strip()) for spec in specs.split(",") if spec.strip())


def _whole(spec: str) -> str:
    """FILE or MARKET=FILE."""
    market, sign, file = spec.partition("=")
    if sign and not Path(spec).exists():
        return f"{market}={Path(file).absolute()}"
    return str(Path(spec).absolute())
