"""What Upbit shows of an account and its key, asked without doing anything: for the checks before orders leave."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr
from upbit import APIStatusError, AsyncUpbit, UpbitError

from services.executor.core.live_checks import KeySeen, No, Yes
from shared.clock import Clock, SystemClock
from shared.types import Krw, Market, plain
from shared.upbit_paced import why_not_sent

_ANSWER_S = 10.0


class UpbitWitness:
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
            http_client=httpx.AsyncClient(trust_env=False, transport=transport),
        )

    async def key(self) -> KeySeen | No:
        try:
            async with asyncio.timeout(2 * _ANSWER_S):
                before = self._clock.now()
                answer = await self._upbit.api_keys.with_raw_response.list()
                middle = before + (self._clock.now() - before) / 2
                exchange_at = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
                mine = [listed for listed in await answer.parse() if listed.access_key == self._key]
            expire_at = datetime.fromisoformat(mine[0].expire_at).astimezone(UTC) if mine else None
        except (UpbitError, TimeoutError, ValueError, LookupError, TypeError, AttributeError) as e:
            return _no(e)
        # The header counts whole seconds, and is half a second behind on average.
        return KeySeen(exchange_at, (middle - exchange_at).total_seconds() - 0.5, expire_at)

    async def withdrawals(self) -> Yes | No:
        """Ask for the addresses withdrawals may go to: a list, for which a right over withdrawals is needed."""
        return await self._asked(self._upbit.withdraws.list_coin_addresses())

    async def test_order(self, market: Market, won: Krw) -> Yes | No:
        """Try a buy that is checked and never made. Its name is thrown away: a test may use it up."""
        name = f"upcycle-test-{uuid4()}"
        return await self._asked(
            self._upbit.orders.test_create(
                market=market, side="bid", ord_type="price", price=plain(won), identifier=name
            )
        )

    async def _asked(self, question: Any) -> Yes | No:
        try:
            async with asyncio.timeout(2 * _ANSWER_S):
                await question
        except (UpbitError, TimeoutError, ValueError) as e:
            return _no(e)
        return Yes()


def _no(e: Exception) -> No:
    """In our words or the exchange's; never the request, whose headers hold the token."""
    if isinstance(e, APIStatusError):
        body: Any = e.body
        error = body.get("error") if isinstance(body, dict) else None
        told = error if isinstance(error, dict) else {}
        name = told.get("name")
        message = str(told.get("message") or f"status {e.status_code}")[:200]
        return No(name if isinstance(name, str) else "", message)
    if unsent := why_not_sent(e):
        return No("", str(unsent))
    if isinstance(e, UpbitError):
        return No("", f"the exchange does not answer ({type(e.__cause__ or e).__name__})")
    return No("", f"the exchange's answer cannot be read ({type(e).__name__})")
