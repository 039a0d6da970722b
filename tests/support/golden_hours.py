"""The golden hours: four recorded cycles, and the year of candles they were recorded on."""

from pathlib import Path

from services.filter.core.days import Year, history_of, to_ms, year_before
from services.paper.adapters.synthetic import make_tape
from services.paper.adapters.tape_settings import STEPPED_DAYS, STEPPED_START
from services.replay.recording import Recording, recording
from shared.events import KINDS
from shared.types import Market, UtcTime

HOURS = Path(__file__).parents[1] / "golden" / "hours"
GOLDEN = ("hold", "buy", "sell", "rejected")


class SyntheticYear:
    """The history of the golden hours, made again from its seed."""

    def __init__(self) -> None:
        tape = make_tape(STEPPED_START, STEPPED_DAYS)
        self.histories = {market: history_of(frame) for market, frame in tape.items()}

    async def year_before(self, market: Market, at: UtcTime, digest: str) -> Year:
        return year_before(self.histories[market], to_ms(at))


def golden(name: str) -> Recording:
    """A golden hour: one event a line, as its bytes lay in the log."""
    found = []
    for body in (HOURS / f"{name}.jsonl").read_bytes().splitlines():
        kind = body.split(b'"kind":"', 1)[1].split(b'"', 1)[0].decode()
        found.append((KINDS[kind].model_validate_json(body).subject, body))
    return recording(name, found)
