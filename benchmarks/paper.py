"""The paper exchange's speed: orders matched in process, signed requests over HTTP on one core, a year loaded.

`make bench-paper`; exits 1 below a bar. The server of the HTTP part is pinned to one core, its clients to another.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha512
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import polars as pl

from benchmarks.figures import Figure, Found
from benchmarks.run import run
from services.local.nats_server import free_port
from services.paper.adapters.journal_file import JournalFile
from services.paper.adapters.tape_file import load_tapes
from services.paper.core.exchange import PaperExchange
from services.paper.core.journal import Entry
from services.paper.core.tape import Tape
from shared.candles import SCHEMA
from shared.clock import monotonic
from shared.fixed_clock import FixedClock
from shared.services import environment
from shared.settings import Settings
from shared.types import Krw

START = datetime(2024, 1, 1, tzinfo=UTC)
HOURS = 366 * 24
PRICES = {"KRW-ETH": 4_000_000.0, "KRW-BTC": 120_000_000.0}
RICH = Krw(Decimal(1_000_000_000))
ORDERS_BAR, REQUESTS_BAR, LOAD_BAR_S = 1000, 300, 1.0
ORDERS, REQUESTS, CONNECTIONS, ROUNDS = 2000, 1500, 8, 3


def write_year(folder: Path) -> list[str]:
    """A year of hours of two markets that swing 10 % a day; returns the files."""
    files = []
    for market, price in PRICES.items():
        swing = [round(price * (1 + 0.05 * abs(12 - n % 24) / 12), -3) for n in range(HOURS + 1)]
        rows = [
            (START + timedelta(hours=n), a, max(a, b), min(a, b), b, 100.0) for n, (a, b) in enumerate(pairwise(swing))
        ]
        files.append(str(folder / f"{market}.parquet"))
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(files[-1])
    return files


def load_s(files: list[str]) -> float:
    """Seconds from the files to the first quote of each market."""
    began = monotonic()
    tape = load_tapes(files)
    for market in tape.markets:
        tape.candles(market, 60, START + timedelta(days=300), 200)
    return monotonic() - began


# --- in process -------------------------------------------------------------------------------


class Forgetful:
    """Records that are kept nowhere: what is left is the matching."""

    def read(self) -> list[Entry]:
        return []

    def append(self, record: Entry) -> None:
        pass

    def close(self) -> None:
        pass


def orders() -> Iterator[dict[str, str]]:
    """Market buys and sells, limit orders that take and limit orders that rest, in turns."""
    for n in range(ORDERS // 4):
        named = {"market": "KRW-ETH"}
        yield {**named, "side": "bid", "ord_type": "price", "price": "50000", "identifier": f"a{n}"}
        yield {**named, "side": "ask", "ord_type": "market", "volume": "0.01", "identifier": f"b{n}"}
        yield {**named, "side": "bid", "ord_type": "limit", "price": "4500000", "volume": "0.01", "identifier": f"c{n}"}
        yield {**named, "side": "bid", "ord_type": "limit", "price": "3000000", "volume": "0.01", "identifier": f"d{n}"}


def matched_per_s(tape: Tape, records: Any) -> float:
    """Orders a second; one in four rests and is cancelled, which counts as no order."""
    exchange = PaperExchange(
        tape, FixedClock(START + timedelta(days=300)), journal=records, opening=RICH, spread=Decimal("0.0004")
    )
    began = monotonic()
    for fields in orders():
        exchange.place(fields)
        if fields["identifier"][0] == "d":
            exchange.cancel(None, fields["identifier"])
    took = monotonic() - began
    exchange.close()
    return ORDERS / took


# --- over HTTP --------------------------------------------------------------------------------


@contextmanager
def server(folder: Path, files: list[str], core: int | None) -> Iterator[int]:
    """The exchange as its own process; yields its port."""
    port = free_port()
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        port=port,
        paper_tape=",".join(files),
        paper_clock="stepped",
        paper_limits="off",
        tape_from="2024-10-27T00:00Z",
        paper_balance_krw=RICH,
        log_level="WARNING",
    )
    env = environment(settings, "paper")
    with subprocess.Popen([sys.executable, "-m", "services.paper"], env={**os.environ, **env}) as process:
        try:
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            _wait(process, port)
            yield port
        finally:
            process.terminate()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = monotonic() + 30
    while monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/health")
            return
    raise RuntimeError("the paper exchange did not start")


def request(method: str, path: str, fields: dict[str, str]) -> bytes:
    """A whole signed request, made before the clock runs: the clients shall not be what is measured."""
    table = Settings.model_fields
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    claims = {"access_key": table["paper_access_key"].default, "nonce": str(uuid4())}
    if text:
        claims |= {"query_hash": sha512(text.encode()).hexdigest(), "query_hash_alg": "SHA512"}
    token = jwt.encode(claims, table["paper_secret_key"].default.get_secret_value(), algorithm="HS256")
    body = json.dumps(fields).encode() if method == "POST" else b""
    target = path if method == "POST" or not text else f"{path}?{text}"
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: paper\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def buy(name: str) -> dict[str, str]:
    return {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "50000", "identifier": name}


def kinds(turn: str) -> dict[str, list[bytes]]:
    """The routes one by one and, last, a bot's mixture of them; `turn` keeps identifiers apart."""
    market = {"market": "KRW-ETH"}
    found = {
        "GET accounts": [request("GET", "/v1/accounts", {}) for _ in range(REQUESTS)],
        "GET orders/chance": [request("GET", "/v1/orders/chance", market) for _ in range(REQUESTS)],
        "POST orders": [request("POST", "/v1/orders", buy(f"{turn}-{n}")) for n in range(REQUESTS)],
        "GET order": [request("GET", "/v1/order", {"identifier": f"{turn}-{n}"}) for n in range(REQUESTS)],
    }
    mixture = [
        mixed
        for n in range(REQUESTS // 4)
        for mixed in (
            request("GET", "/v1/accounts", {}),
            request("GET", "/v1/orders/chance", market),
            request("POST", "/v1/orders", buy(f"{turn}-mixed-{n}")),
            request("GET", "/v1/order", {"identifier": f"{turn}-{n}"}),
        )
    ]
    return {**found, "all four in turns": mixture}


async def play(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Requests a second over all connections, and each one's milliseconds."""
    left, ms = iter(requests), []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for sent in left:
            began = monotonic()
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(row for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:"))
            body = await reader.readexactly(int(length.split(b":")[1]))
            ms.append((monotonic() - began) * 1000)
            if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                raise RuntimeError(f"{head!r} {body!r}")
        writer.close()

    began = monotonic()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return len(requests) / (monotonic() - began), ms


def over_http(folder: Path, files: list[str]) -> float:
    """Print a row for each route; returns the mixture's requests a second, the median of the rounds."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    apart = len(cores) > 1
    with server(folder, files, cores[0] if cores else None) as port:
        if apart:
            os.sched_setaffinity(0, {cores[1]})
        measured: dict[str, list[tuple[float, list[float]]]] = {}
        for turn in range(ROUNDS):
            for name, requests in kinds(str(turn)).items():
                measured.setdefault(name, []).append(asyncio.run(play(port, requests)))
        if apart:
            os.sched_setaffinity(0, set(cores))
    where = "its own core" if apart else "a core it shares with its clients"
    print(f"\nsigned requests over HTTP, {CONNECTIONS} connections, one server process on {where}, fsync on each order")
    print(f"{'route':<20}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for name, rounds in measured.items():
        ms = [one for _, each in rounds for one in each]
        cuts = statistics.quantiles(ms, n=100)
        print(f"{name:<20}{statistics.median(rate for rate, _ in rounds):10.0f}{cuts[49]:9.2f}{cuts[98]:9.2f}")
    return statistics.median(rate for rate, _ in measured["all four in turns"])


def find() -> Found:
    with tempfile.TemporaryDirectory(prefix="bench-paper-") as place:
        folder = Path(place)
        files = write_year(folder)
        loads = [load_s(files) for _ in range(ROUNDS)]
        tape = load_tapes(files)
        matched = [matched_per_s(tape, Forgetful()) for _ in range(ROUNDS)]
        kept = [matched_per_s(tape, JournalFile(folder / f"journal-{n}.jsonl")) for n in range(ROUNDS)]
        http = over_http(folder / "state", files)
    rate, durable = statistics.median(matched), statistics.median(kept)
    return Found(
        figures=(
            Figure(name="a year of hours, two markets, file to quote", value=max(loads), unit="s", bar=LOAD_BAR_S),
            Figure(name="orders matched in process", value=rate, unit="a second", bar=ORDERS_BAR, bar_is="least"),
            Figure(name="orders matched, each on the disk first", value=durable, unit="a second"),
            Figure(name="requests in turns", value=http, unit="a second", bar=REQUESTS_BAR, bar_is="least"),
        )
    )


if __name__ == "__main__":
    run(find)
