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
from services.executor.adapters.upbit_errors import (
    ExchangeRefusal,
    ExchangeUnavailable,
    error_line,
    error_name,
    order_answer,
    refusal,
)
from services.executor.adapters.upbit_order_list import list_orders
from services.executor.core.answers import Accepted, Answer, LookupFailure, NeverSent, Refused, Unknown
from services.executor.core.deadlines import ANSWER_S, CALL_S, CONNECT_S
from services.executor.core.orders import Buy, OrderList, PlacedOrder, TradingConditions
from services.executor.core.risk import Approved
from services.executor.ports import Holdings
from shared.bad_rows import BadRows
from shared.refusals import upbit_error
from shared.types import Market, Price, UtcTime, plain
from shared.upbit_bounded import BoundedTransport
from shared.upbit_pacing import Blocked, PacedTransport, why_not_sent

log = structlog.get_logger("executor")
_TIMEOUT = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
_LOOK_S = 20.0
_LIST_S = 60.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


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
            return refusal(e, market)
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"looking at {market}: {error_line(e)}") from e
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
            raise ExchangeRefusal(f"valuing {names}: {refusal(e, names).name}") from e
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"valuing {names}: {error_line(e)}") from e
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
                    self._odd.leave_out("ticker", f"{market}: {error_line(one)}")
            return found
        return answers.prices(answers.body(tickers, "the tickers"), self._odd)

    async def list_orders(self, since: UtcTime) -> OrderList:
        try:
            async with asyncio.timeout(_LIST_S):
                return await list_orders(self._upbit, since)
        except APIStatusError as e:
            raise ExchangeRefusal(f"listing the orders: {refusal(e, 'the orders').name}") from e
        except (UpbitError, TimeoutError, ValueError) as e:
            raise ExchangeUnavailable(f"listing the orders: {error_line(e)}") from e

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
            return order_answer(e)
        except APIConnectionError as e:
            never = isinstance(e.__cause__, _NEVER_LEFT)
            return NeverSent(error_line(e)) if never else Unknown(error_line(e))
        except Exception as e:
            # The request may have left, whatever this is; an answer nobody can read is one such case.
            return Unknown(error_line(e))
        return Accepted()

    async def find(self, client_order_id: str) -> PlacedOrder | LookupFailure:
        try:
            async with asyncio.timeout(CALL_S):
                shown = await self._upbit.orders.with_raw_response.retrieve(identifier=client_order_id)
                return answers.placed(answers.body(shown, "the order"), client_order_id)
        except APIStatusError as e:
            log.info("the order is not shown", order=client_order_id, why=error_line(e))
            missing = e.status_code == 404 and error_name(e) == "order_not_found"
            return LookupFailure(error_line(e), blocked=e.status_code == 418, missing=missing)
        except (UpbitError, BadAnswer, TimeoutError, ValueError) as e:
            log.warning("no word of the order", order=client_order_id, why=error_line(e))
            return LookupFailure(error_line(e), blocked=isinstance(why_not_sent(e), Blocked))

    async def cancel(self, client_order_id: str) -> None:
        try:
            await self._upbit.orders.cancel(identifier=client_order_id)
        except (UpbitError, ValueError) as e:  # gone already, or no word: whoever asks for the order sees
            log.info("not cancelled", order=client_order_id, why=error_line(e))
