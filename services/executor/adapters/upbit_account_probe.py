"""What Upbit shows of an account and its key, asked without doing anything: for the checks before orders leave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr
from upbit import APIStatusError, AsyncUpbit, UpbitError

from services.executor.core.live_checks import KeyInfo, No, Yes
from shared.clock import SystemClock
from shared.fixed_clock import Clock
from shared.parsing import BadValue, date_of, moment, of, parse_json, rows, word
from shared.refusals import upbit_error
from shared.types import Krw, Market, plain
from shared.upbit_bounded import BoundedTransport
from shared.upbit_pacing import why_not_sent

_ANSWER_S = 10.0


class UpbitAccountProbe:
    """Nothing here raises: what goes wrong is a `No`. Whoever gives the transport closes it."""

    def __init__(
        self,
        base_url: str,
        access_key: str,
        secret_key: SecretStr,
        transport: httpx.AsyncBaseTransport,
        clock: Clock | None = None,
    ) -> None:
        self._key, self._clock = access_key, clock or SystemClock()
        self._upbit = AsyncUpbit(
            access_key=access_key,
            secret_key=secret_key.get_secret_value(),
            base_url=base_url,
            timeout=httpx.Timeout(_ANSWER_S, connect=3.0),
            max_retries=1,
            http_client=httpx.AsyncClient(trust_env=False, transport=BoundedTransport(transport)),
        )

    async def key(self) -> KeyInfo | No:
        try:
            async with asyncio.timeout(2 * _ANSWER_S):
                before = self._clock.now()
                answer = await self._upbit.api_keys.with_raw_response.list()
                middle = before + (self._clock.now() - before) / 2
            exchange_at = date_of(answer.headers)
            listed = rows(parse_json(answer.http_response.content), "keys")
            mine = [of(key, "expire_at") for key in listed if of(key, "access_key") == self._key]
            expire_at = moment(mine[0], "expire_at") if mine else None
        except (UpbitError, TimeoutError, BadValue) as e:
            return _no(e)
        # The header counts whole seconds, and is half a second behind on average.
        return KeyInfo(exchange_at, (middle - exchange_at).total_seconds() - 0.5, expire_at)

    async def withdrawals(self) -> Yes | No:
        """Ask for the addresses withdrawals may go to: a list, for which a right over withdrawals is needed."""
        return await self._ask(
            self._upbit.withdraws.with_raw_response.list_coin_addresses(), lambda body: rows(body, "addresses")
        )

    async def test_order(self, market: Market, won: Krw) -> Yes | No:
        """Try a buy that is checked and never made. Its name is thrown away: a test may use it up."""
        name = f"upcycle-test-{uuid4()}"
        return await self._ask(
            self._upbit.orders.with_raw_response.test_create(
                market=market, side="bid", ord_type="price", price=plain(won), identifier=name
            ),
            lambda body: word(of(body, "uuid"), "uuid"),
        )

    async def _ask(self, question: Awaitable[Any], read: Callable[[Any], Any]) -> Yes | No:
        """read: what a true answer must stand; a page of another server is no yes."""
        try:
            async with asyncio.timeout(2 * _ANSWER_S):
                answer = await question
            read(parse_json(answer.http_response.content))
        except (UpbitError, TimeoutError, BadValue) as e:
            return _no(e)
        return Yes()


def _no(e: Exception) -> No:
    """In our words or the exchange's; never the request, whose headers hold the token."""
    if isinstance(e, APIStatusError):
        if error := upbit_error(e.body, e.status_code):
            return No("" if error.code == str(e.status_code) else error.code, error.reason[:200])
        return No("", f"another server than the exchange answered (status {e.status_code})")
    if unsent := why_not_sent(e):
        return No("", str(unsent))
    if isinstance(e, UpbitError):
        return No("", f"the exchange does not answer ({type(e.__cause__ or e).__name__})")
    return No("", f"the exchange's answer cannot be read ({type(e).__name__})")
