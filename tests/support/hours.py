"""Hours of the synthetic tape, played once through the whole chain into a data folder; to be read again."""

from pathlib import Path
from typing import Any

from services.local.chain import chain
from shared.settings import Settings

LOOSE: dict[str, Any] = {"gate_win_rate_min": 0.3, "gate_drawdown_max": 0.6}  # passes nearly every hour of the tape


async def play(folder: Path, *, start: str, hours: int, markets: str = "KRW-ETH", **changes: Any) -> None:
    """Leave the log in `<folder>/nats` and the year of candles in `<folder>/history`."""
    settings = Settings.load(
        data_dir=folder, trading_symbol=markets, paper_clock="stepped", paper_admin_token="only-for-this-test",
        tape_from=start, tape_hours=hours, **changes,
    )  # fmt: skip
    async with chain(settings) as running:
        async for _ in running.events(hours * len(settings.markets)):
            pass
