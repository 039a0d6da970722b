"""A paper exchange on a real port, in a thread of its own, so that blocking clients can be tried against it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from starlette.types import ASGIApp, Receive, Scope, Send

from services.paper.app import create_app
from shared.candles import SCHEMA
from shared.settings import Settings
from tests.support.served import served

START = datetime(2025, 9, 1, tzinfo=UTC)
NOW = START + timedelta(days=10)
TOKEN = "the-admin-token-of-the-tests"
HOUR = timedelta(hours=1)

# Won: the price until NOW, then one hour each. The first dips 5 %, the second climbs 5 %.
ETH, BTC = 4_000_000.0, 120_000_000.0
LATER = ((1.0, 1.0, 0.95, 0.98), (0.98, 1.05, 0.98, 1.02), (1.02, 1.02, 1.0, 1.0))


@dataclass(frozen=True)
class PaperServer:
    """A running exchange: where it is, what opens it, and the exchange itself."""

    url: str
    access_key: str
    secret_key: str
    exchange: Any

    def move(self, to: datetime) -> None:
        """Set the exchange's time."""
        said = httpx.post(
            f"{self.url}/admin/time", json={"now": to.isoformat()}, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        said.raise_for_status()


def write_tape(folder: Path) -> str:
    """Write ten days at one price and three moving hours of two markets; returns PAPER_TAPE."""
    for market, price in (("KRW-ETH", ETH), ("KRW-BTC", BTC)):
        flat = [(START + n * HOUR, price, price, price, price, 5.0) for n in range(240)]
        moving = [
            (NOW + n * HOUR, *(round(price * share, -3) for share in shares), 500.0) for n, shares in enumerate(LATER)
        ]
        pl.DataFrame([*flat, *moving], schema=SCHEMA, orient="row").write_parquet(folder / f"{market}.parquet")
    return ",".join(str(folder / f"{market}.parquet") for market in ("KRW-ETH", "KRW-BTC"))


class Seat:
    """A port that serves whichever application sits in it: a server's start and stop cost more than an exchange's."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def seat() -> Iterator[Seat]:
    """Listen until the block ends."""
    empty = Seat()
    with served(empty, "paper exchange", date_header=False) as empty.url:
        yield empty


@contextmanager
def seated(at: Seat, folder: Path, **given: Any) -> Iterator[PaperServer]:
    """A new stepped exchange at NOW in that seat until the block ends; `given` are settings."""
    settings = Settings.load(
        **{
            "data_dir": folder,
            "paper_tape": write_tape(folder),
            "paper_clock": "stepped",
            "tape_from": NOW.isoformat(),
            "paper_admin_token": TOKEN,
            **given,
        }
    )
    app = create_app(settings)
    at.app = app
    try:
        yield PaperServer(
            at.url, settings.paper_access_key, settings.paper_secret_key.get_secret_value(), app.state.exchange
        )
    finally:
        at.app = None
        app.state.exchange.close()
        app.state.nonces.close()
