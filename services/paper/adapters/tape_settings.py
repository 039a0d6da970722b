"""Which tape and which clock the settings mean."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.paper.adapters.played_clock import PlayedClock
from services.paper.adapters.synthetic import make_tape, write_tape
from services.paper.adapters.tape_file import load_tapes
from services.paper.core.tape import BadTape, Tape
from services.paper.core.tape_names import LIVE, parts
from shared.clock import SystemClock
from shared.fixed_clock import Clock, FixedClock
from shared.settings import Settings

HISTORY = timedelta(days=366)  # before the first slot, so that the gate has its year
WALL_BEFORE_DAYS, WALL_AFTER_DAYS = 400, 365
STEPPED_START, STEPPED_DAYS = datetime(2024, 1, 1, tzinfo=UTC), 430  # the same everywhere


def open_tape(settings: Settings) -> Tape:
    """The tape of PAPER_TAPE; without one the synthetic tape, made once and kept. Raises BadTape."""
    if settings.paper_tape == LIVE:
        raise BadTape("PAPER_TAPE=upbit is no file; the history of live quotes is filled from the exchange itself")
    specs = parts(settings.paper_tape)
    if specs:
        return load_tapes(specs)
    folder = settings.data_dir / "paper" / f"tape-{'wall' if settings.paper_clock == 'wall' else 'stepped'}"
    if settings.paper_clock != "wall":
        return _stored_tape(folder) or _new_tape(folder, STEPPED_START, STEPPED_DAYS)
    now = SystemClock().now()
    stored = _stored_tape(folder)
    if stored is not None and stored.span[0] + HISTORY <= now < stored.span[1]:
        return stored
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return _new_tape(folder, today - timedelta(days=WALL_BEFORE_DAYS), WALL_BEFORE_DAYS + WALL_AFTER_DAYS + 1)


def _stored_tape(folder: Path) -> Tape | None:
    files = sorted(folder.glob("KRW-*.parquet"))
    return load_tapes([str(file) for file in files]) if files else None


def _new_tape(folder: Path, start: datetime, days: int) -> Tape:
    return load_tapes([str(file) for file in write_tape(make_tape(start, days), folder)])


def open_clock(settings: Settings, tape: Tape) -> Clock:
    """wall: the machine's. Else from TAPE_FROM, or after a year of tape, or as late as the hours to play allow."""
    first, last = tape.span
    if settings.paper_clock == "wall":
        return SystemClock()
    hour = timedelta(hours=1)
    start = max(first + hour, min(first + HISTORY, last - settings.tape_hours * hour))
    if settings.tape_from:
        start = _tape_from(settings.tape_from)
    return FixedClock(start) if settings.paper_clock == "stepped" else PlayedClock(start, settings.paper_speed, last)


def _tape_from(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as e:
        raise BadTape(f"TAPE_FROM: {text!r} is no time; write one like 2024-12-01T00:00Z") from e
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
