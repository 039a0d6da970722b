"""Upbit through its official SDK, with every resending of its own switched off; the same on paper and live.

The SDK would repeat a POST twice and follow redirects with it. Here a request leaves once, and each way it
can go wrong has a name. Keys stand in no message.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import structlog
from pydantic import SecretStr
from upbit import APIConnectionError, APIStatusError, AsyncUpbit, UpbitError

from services.executor.adapters import upbit_answers as answers
from services.executor.adapters.deadline_transport import DeadlineTransport, leaves_only_if
from services.executor.adapters.upbit_answers import BadAnswer
from services.executor.adapters.upbit_order_list import list_orders
from services.executor.core.answers import (
    Accepted,
    Answer,
    LookupFailure,
    NameTaken,
    NeverSent,
    Refused,
    SaidNo,
    Unknown,
)
from services.executor.core.deadlines import ANSWER_S, CALL_S, CONNECT_S
from services.executor.core.orders import Buy, OrderList, PlacedOrder, TradingConditions
from services.executor.core.risk import Approved
from services.executor.ports import Holdings
from shared.bad_rows import BadRows
from shared.errors import Permanent, Transient
from shared.refusals import upbit_error
from shared.types import Market, Price, UtcTime, plain
from shared.upbit_bounded import BoundedTransport
from shared.upbit_pacing import Blocked, PacedTransport, why_not_sent

log = structlog.get_logger("executor")
_TIMEOUT = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
_LOOK_S = 20.0
_LIST_S = 60.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_MAY_WORK_LATER = {"nonce_used", "market_offline", "too_many_request_order"}


class ExchangeUnavailable(Transient):
    """The exchange did not show what an order needs to know."""


class ExchangeRefusal(Permanent):
    """The exchange refuses to show it: unknown market, key refused."""


class UpbitExchange:
    """transport: what carries the requests and sets their pace; by default the network.

    odd: where rows that cannot be read are counted.
    """

    def __init__(
        self,
        base_url: str,
        access_key: str,
        secret_key: SecretStr,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        odd: BadRows | None = None,
    ) -> None:
        self._odd = odd or BadRows()
        # No redirect and no proxy of the environment: an order goes where it is meant to go.
        http = httpx.AsyncClient(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            transport=DeadlineTransport(BoundedTransport(transport or PacedTransport())),
        )
        self._upbit = AsyncUpbit(
            access_key=access_key,
            secret_key=secret_key.get_secret_value(),
            base_url=base_url,
            timeout=_TIMEOUT,
            max_retries=0,
            http_client=http,
        )

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[None]:
        """Close the connections on the way out."""
        try:
            yield
        finally:
            await self._upbit.close()

    async def conditions(self, market: Market) -> TradingConditions | Refused:
        try:
            async with asyncio.timeout(_LOOK_S):
                chance = await self._upbit.orders.with_raw_response.retrieve_chance(market=market)
                books = await self._upbit.orderbooks.with_raw_response.list(markets=market)
        except APIStatusError as e:
            return _refused(e, market)
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"looking at {market}: {_why(e)}") from e
        return answers.conditions(market, *(answers.body(shown, f"looking at {market}") for shown in (chance, books)))

    async def holdings(self, markets: tuple[Market, ...]) -> Holdings:
        """What the account holds of these markets' coins, and their last prices; one that cannot be read is left out.

        Raises as `conditions` does.
        """
        names = ",".join(markets)
        try:
            async with asyncio.timeout(_LOOK_S):
                accounts = await self._upbit.accounts.with_raw_response.list()
                prices = await self._prices(markets)
        except APIStatusError as e:
            raise ExchangeRefusal(f"valuing {names}: {_refused(e, names).name}") from e
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"valuing {names}: {_why(e)}") from e
        held = answers.body(accounts, f"valuing {names}")
        return answers.holdings(markets, held, prices, accounts.headers, self._odd)

    async def _prices(self, markets: tuple[Market, ...]) -> dict[Market, Price]:
        """One market the exchange does not know fails the question about all: then each is asked by itself."""
        try:
            tickers = await self._upbit.tickers.with_raw_response.list_by_trading_pairs(markets=",".join(markets))
        except APIStatusError as e:
            if e.status_code not in (400, 404) or upbit_error(e.body, e.status_code) is None or len(markets) == 1:
                raise
            found = dict[Market, Price]()
            for market in markets:
                try:
                    found |= await self._prices((market,))
                except (APIStatusError, BadAnswer) as one:
                    self._odd.leave_out("ticker", f"{market}: {_why(one)}")
            return found
        return answers.prices(answers.body(tickers, "the tickers"), self._odd)

    async def list_orders(self, since: UtcTime) -> OrderList:
        try:
            async with asyncio.timeout(_LIST_S):
                return await list_orders(self._upbit, since)
        except APIStatusError as e:
            raise ExchangeRefusal(f"listing the orders: {_refused(e, 'the orders').name}") from e
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"listing the orders: {_why(e)}") from e

    async def place(self, approved: Approved, in_time: Callable[[], bool] = lambda: True) -> Answer:
        order = approved.order
        fields: dict[str, Any] = (
            {"side": "bid", "ord_type": "price", "price": plain(order.funds)}
            if isinstance(order, Buy)
            else {"side": "ask", "ord_type": "market", "volume": plain(order.volume)}
        )
        try:
            async with asyncio.timeout(CALL_S):
                with leaves_only_if(in_time):
                    await self._upbit.orders.create(market=order.market, identifier=order.client_order_id, **fields)
        except APIStatusError as e:
            return _no(e)
        except APIConnectionError as e:
            never = isinstance(e.__cause__, _NEVER_LEFT)
            return NeverSent(_why(e)) if never else Unknown(_why(e))
        except Exception as e:
            # The request may have left, whatever this is; an answer nobody can read is one such case.
            return Unknown(_why(e))
        return Accepted()

    async def find(self, client_order_id: str) -> PlacedOrder | LookupFailure:
        try:
            async with asyncio.timeout(CALL_S):
                shown = await self._upbit.orders.with_raw_response.retrieve(identifier=client_order_id)
                return answers.placed(answers.body(shown, "the order"), client_order_id)
        except APIStatusError as e:
            log.info("the order is not shown", order=client_order_id, why=_why(e))
            missing = e.status_code == 404 and _name(e) == "order_not_found"
            return LookupFailure(_why(e), blocked=e.status_code == 418, missing=missing)
        except (UpbitError, BadAnswer, TimeoutError, ValueError) as e:
            log.warning("no word of the order", order=client_order_id, why=_why(e))
            return LookupFailure(_why(e), blocked=isinstance(why_not_sent(e), Blocked))

    async def cancel(self, client_order_id: str) -> None:
        try:
            await self._upbit.orders.cancel(identifier=client_order_id)
        except (UpbitError, ValueError) as e:  # gone already, or no word: whoever asks for the order sees
            log.info("not cancelled", order=client_order_id, why=_why(e))


def _no(e: APIStatusError) -> Answer:
    """What an error status on POST says about the order."""
    name = _name(e)
    if e.status_code == 429:
        return NeverSent(_why(e), reached_exchange=True)  # refused before it is processed
    if name == "duplicated_identifier":
        return NameTaken()
    if e.status_code == 418 or not 400 <= e.status_code < 500 or name is None:
        return Unknown(_why(e))
    return SaidNo(name, _said(e))


def _refused(e: APIStatusError, market: Market) -> Refused:
    """What will never work, as a refusal.

    Raises ExchangeUnavailable for what may work later, ExchangeRefusal where the answer has no name.
    """
    name, what = _name(e), f"looking at {market}: {_why(e)}"
    # A gateway's page says nothing about our key or the market.
    foreign = upbit_error(e.body, e.status_code) is None
    if foreign or e.status_code not in (400, 401, 403, 404) or name in _MAY_WORK_LATER:
        raise ExchangeUnavailable(what) from e
    if name is None:
        raise ExchangeRefusal(what) from e
    return Refused(name, _said(e))


def _name(e: APIStatusError) -> str | None:
    """The error's name, a word; None where it has none, or is none of the exchange's own."""
    error = upbit_error(e.body, e.status_code)
    return error.code if error and error.code != str(e.status_code) else None


def _said(e: APIStatusError) -> str:
    error = upbit_error(e.body, e.status_code)
    return error.reason if error else ""


def _why(e: BaseException) -> str:
    """One line, without the request: its headers hold the token."""
    if isinstance(e, APIStatusError):
        return f"HTTP {e.status_code} {_name(e) or ''}".strip()
    if unsent := why_not_sent(e):
        return str(unsent)
    if isinstance(e, APIConnectionError):
        return type(e.__cause__ or e).__name__
    if isinstance(e, TimeoutError):
        return "the whole answer did not come in time"
    return f"{type(e).__name__}: {e}".replace("\n", " ")[:200]
