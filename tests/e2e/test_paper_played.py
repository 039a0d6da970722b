"""A bot trades on a month that runs two hours a second while the exchange is killed: every won and coin adds up."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from decimal import Decimal
from random import Random

import pytest
from upbit import BadRequestError, NotFoundError, Upbit

from services.local.nats_server import free_port

pytestmark = pytest.mark.slow
D = Decimal
MARKETS = ("KRW-ETH", "KRW-BTC")
KEYS = {"access_key": "paper-access-key", "secret_key": "paper-secret-key-opens-pretend-money-only"}
LIVES, TURNS = 3, 100


@contextmanager
def exchange(port, folder, data, speed):
    """`upcycle paper` until the block ends, which is a SIGKILL."""
    tapes = [f"{data}/candles/upbit_{market}_1h_2023-07_2024-12.parquet" for market in MARKETS]
    command = [sys.executable, "-m", "services.cli.app", "paper", "--port", str(port), "--data-dir", str(folder)]
    command += ["--speed", speed, "--from", "2024-12-01T00:00Z", "--tape", tapes[0], "--tape", tapes[1]]
    env = {**os.environ, "PAPER_LIMITS": "off"}  # they run on the tape's time, which all but stands in one case
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert any(line.startswith("Ctrl-C") for line in process.stdout)
            with Upbit(base_url=f"http://127.0.0.1:{port}", max_retries=0, **KEYS) as sdk:
                yield sdk
        finally:
            process.kill()


class Bot:
    """Buys and sells at random; remembers the names of what it asked for."""

    def __init__(self, dice):
        self.dice, self.names = dice, []

    def turn(self, sdk):
        market, kind = self.dice.choice(MARKETS), self.dice.random()
        price = D(sdk.tickers.list_by_trading_pairs(markets=market)[0].trade_price)
        if kind < 0.2:
            waiting = sdk.orders.list_open().items
            if waiting:
                sdk.orders.cancel(uuid=self.dice.choice(waiting).uuid)
            return
        self.names.append(f"n{len(self.names)}")
        if kind < 0.4:
            fields = {"side": "bid", "ord_type": "price", "price": str(self.dice.randint(5_000, 60_000))}
        else:
            away = self.dice.choice((-1, 1)) * D(str(self.dice.random())) / 50
            limit = price * (1 + away) // 1000 * 1000
            side = self.dice.choice(("bid", "ask"))
            fields = {"side": side, "ord_type": "limit", "price": str(limit), "volume": f"{D(40_000) / limit:.8f}"}
        sdk.orders.create(market=market, identifier=self.names[-1], **fields)


def orders_of(sdk, names):
    for name in names:
        with suppress(NotFoundError):  # refused
            yield sdk.orders.retrieve(identifier=name)


def owned(orders):
    """What an account that began with a million must hold, and how much of it is locked."""
    total, locked = Counter({"KRW": D(1_000_000)}), Counter()
    for order in orders:
        coin, sign = order.market[4:], 1 if order.side == "bid" else -1
        total[coin] += sign * D(order.executed_volume)
        total["KRW"] -= sign * sum((D(trade.funds) for trade in order.trades), D(0)) + D(order.paid_fee)
        assert sum((D(trade.volume) for trade in order.trades), D(0)) == D(order.executed_volume)
        if order.state == "wait":
            locked["KRW" if order.side == "bid" else coin] += D(order.locked)
    return {currency: (amount, locked[currency]) for currency, amount in total.items() if amount}


def shown(sdk):
    rows = sdk.accounts.list()
    assert all(D(row.balance) >= 0 and D(row.locked) >= 0 for row in rows)
    return {row.currency: (D(row.balance) + D(row.locked), D(row.locked)) for row in rows}


def test_everything_adds_up_after_every_death(tmp_path, data_dir):
    port, bot, seen = free_port(), Bot(Random(20241201)), set()
    for _ in range(LIVES):
        with exchange(port, tmp_path, data_dir, "7200") as sdk:
            for _ in range(TURNS):
                with suppress(BadRequestError, NotFoundError):
                    bot.turn(sdk)
        with exchange(port, tmp_path, data_dir, "0.001") as sdk:  # all but standing, so that nothing fills meanwhile
            orders = list(orders_of(sdk, bot.names))
            assert owned(orders) == shown(sdk)
        seen |= {order.state for order in orders}
    assert seen == {"wait", "done", "cancel"}
