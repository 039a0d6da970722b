"""The local history: one Parquet file of hours per market, filled from the whole tape."""

import os
from pathlib import Path

from services.paper.core.tape import BadTape, Tape

HOUR_MIN = 60


def write_history(tape: Tape, folder: Path) -> None:
    """Write `<folder>/<MARKET>.parquet` for each market, in `shared.candles.SCHEMA`, replacing what was there.

    The files hold the tape's future too; whoever reads them must cut at his own moment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for market in tape.markets:
        hours = tape.frame(market, HOUR_MIN)
        if hours is None:
            raise BadTape(f"{market}: candles of {tape.unit_min[market]} minutes make no hours; give a finer tape")
        whole = folder / f"{market}.parquet"
        half = whole.with_suffix(".part")
        hours.write_parquet(half, metadata={"market": market, "synthetic": str(tape.synthetic).lower()})
        os.replace(half, whole)
