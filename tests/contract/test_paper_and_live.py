"""Paper and live are the same program: the same requests but for host and key, and one branch between them."""

import ast
from pathlib import Path

import httpx
import jwt
import pytest

from services.collector.app import open_market
from services.executor.app import open_exchange
from services.executor.core.answers import Accepted
from services.executor.core.orders import Sell
from services.paper.app import create_app
from shared.account import PROOFS, open_account
from shared.settings import BadSetting, Settings
from tests.contract.test_upbit_exchange import BUY, approved
from tests.support.paper_server import NOW, write_tape

ROOT = Path(__file__).parents[2]
LIVE_ACCESS, LIVE_SECRET = "an-access-key-to-real-money-of-tests", "a-secret-key-to-real-money-that-opens-nothing"


class Recorder(httpx.ASGITransport):
    """Hands every request to a paper exchange and keeps it; nothing ever leaves this process."""

    def __init__(self, app):
        super().__init__(app)
        self.requests = []

    async def handle_async_request(self, request):
        self.requests.append(request)
        return await super().handle_async_request(request)


async def a_cycle(settings, tmp_path, secret):
    """What collector and executor send in a cycle that buys and one that sells."""
    tape = write_tape(tmp_path)
    account = open_account(settings)
    house = Settings.load(
        data_dir=tmp_path, paper_tape=tape, paper_clock="stepped", tape_from=NOW.isoformat(),
        paper_access_key=account.access_key, paper_secret_key=secret,
    )  # fmt: skip
    app = create_app(house)
    recorder = Recorder(app)
    async with open_market(account, recorder) as market:
        await market.order_book("KRW-ETH")
        await market.balances("KRW-ETH")
        await market.last_price("KRW-ETH")
        await market.is_warned("KRW-ETH")
        await market.candles("KRW-ETH", 60, to=NOW, count=200)
    exchange = open_exchange(account, recorder)
    async with exchange.closing():
        await exchange.conditions("KRW-ETH")
        assert await exchange.place(BUY) == Accepted()
        bought = await exchange.find(BUY.order.client_order_id)
        sell = approved(Sell("KRW-ETH", "KRW-ETH-20260105T0400Z", bought.executed_volume))
        assert await exchange.place(sell) == Accepted()
        await exchange.find(sell.order.client_order_id)
    app.state.exchange.close()
    return recorder.requests


def without_host_and_key(request):
    """Everything of a request that is neither the host, nor the key, nor new each time."""
    headers = dict(request.headers)
    token = headers.pop("authorization", None)
    claims = jwt.decode(token.removeprefix("Bearer "), options={"verify_signature": False}) if token else {}
    claims = {name: value for name, value in claims.items() if name not in ("access_key", "nonce")}
    headers.pop("host")
    return request.method, request.url.raw_path, request.content, sorted(headers.items()), claims


async def test_paper_and_live_send_the_same_requests_but_for_host_and_key(tmp_path_factory, monkeypatch):
    paper = Settings.load(upbit_base_url="http://paper.test")
    sent_on_paper = await a_cycle(paper, tmp_path_factory.mktemp("paper"), paper.paper_secret_key)
    monkeypatch.setenv("UPBIT_ACCESS_KEY", LIVE_ACCESS)
    monkeypatch.setenv("UPBIT_SECRET_KEY", LIVE_SECRET)
    sent_live = await a_cycle(Settings.load(trading_mode="live"), tmp_path_factory.mktemp("live"), LIVE_SECRET)
    assert len(sent_on_paper) == 11
    assert [without_host_and_key(request) for request in sent_on_paper] == [
        without_host_and_key(request) for request in sent_live
    ]
    assert {request.url.host for request in sent_on_paper} == {"paper.test"}
    assert {(request.url.scheme, request.url.host) for request in sent_live} == {("https", "api.upbit.com")}


def test_paper_opens_pretend_money_whatever_keys_lie_about(monkeypatch):
    monkeypatch.setenv("UPBIT_ACCESS_KEY", LIVE_ACCESS)
    monkeypatch.setenv("UPBIT_SECRET_KEY", LIVE_SECRET)
    monkeypatch.setattr("shared.settings.LiveKeys.load", lambda: pytest.fail("the keys were read"))
    account = open_account(Settings.load())
    assert (account.mode, account.base_url) == ("paper", "http://127.0.0.1:8010")
    assert account.access_key == "paper-access-key"
    assert (account.proofs, account.processes, account.environment) == ((), ("paper",), {})


def test_live_opens_the_real_account_and_asks_for_every_proof(monkeypatch):
    monkeypatch.setenv("UPBIT_ACCESS_KEY", LIVE_ACCESS)
    monkeypatch.setenv("UPBIT_SECRET_KEY", LIVE_SECRET)
    account = open_account(Settings.load(trading_mode="live"))
    assert (account.mode, account.base_url) == ("live", "https://api.upbit.com")
    assert (account.proofs, account.processes) == (PROOFS, ())
    assert account.environment == {"UPBIT_ACCESS_KEY": LIVE_ACCESS, "UPBIT_SECRET_KEY": LIVE_SECRET}
    assert LIVE_SECRET not in repr(account)
    assert LIVE_ACCESS not in repr(account)


def test_a_second_world_is_paper_only():
    with pytest.raises(BadSetting, match="SUBJECT_PREFIX"):
        Settings.load(trading_mode="live", subject_prefix="sandbox.try1.")


# Where TRADING_MODE may be asked for beside the one branch: the table itself, what only shows something, and what
# writes it into a new log.
TABLE = "shared/settings.py"
DISPLAY = {"services/backend/app.py", "services/backend/core/setting_list.py",
           "services/cli/commands/up.py", "services/cli/commands/panic.py", "services/cli/commands/adopt.py",
           "services/cli/checks/machine.py",
           "services/cli/checks/settings.py", "services/notifier/app.py",
           "services/local/chain.py", "services/cli/commands/topology.py"}  # fmt: skip


def sources() -> dict[str, str]:
    paths = [path for part in ("services", "shared") for path in (ROOT / part).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def asked_for(source: str) -> int:
    """How often a file asks a settings object for its trading mode."""
    return sum(isinstance(node, ast.Attribute) and node.attr == "trading_mode" for node in ast.walk(ast.parse(source)))


def test_exactly_one_branch_depends_on_the_trading_mode():
    asking = {name: asked_for(source) for name, source in sources().items() if "trading_mode" in source}
    assert {name: n for name, n in asking.items() if n and name not in {TABLE, *DISPLAY}} == {"shared/account.py": 1}
    by_name = {name for name, source in sources().items() if '"TRADING_MODE"' in source}
    # One reads it out of an old log, the other has the words about each setting.
    assert by_name == {"shared/bus/log_opening.py", "services/page/core/words/settings.py"}


def test_only_the_account_loads_the_keys_to_real_money():
    assert {name for name, source in sources().items() if "LiveKeys.load" in source} == {"shared/account.py"}
