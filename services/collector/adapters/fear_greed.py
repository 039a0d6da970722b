"""The fear and greed index of alternative.me, or the reason why there is none."""

import asyncio
from datetime import timedelta
from typing import Self

import httpx

from shared.catalogue import fear_greed as why
from shared.events import Absent, FearGreed
from shared.http_client import proxied_client
from shared.parsing import moment_ms, number, of, parse_json, rows, word
from shared.reason import Reason
from shared.types import UtcTime

BASE_URL = "https://api.alternative.me"
AGE_MAX = timedelta(days=2)  # it is renewed once a day, sometimes late


class AlternativeMe:
    def __init__(
        self, base_url: str = BASE_URL, *, timeout_s: float = 5.0, http_client: httpx.AsyncClient | None = None
    ) -> None:
        self._address = f"{base_url.rstrip('/')}/fng/"
        self._timeout_s = timeout_s
        self._http = http_client or proxied_client(base_url)

    async def known_at(self, at: UtcTime) -> FearGreed | Absent:
        try:
            index = await self._newest()
        except (httpx.HTTPError, TimeoutError, ValueError) as e:
            return _absent(self._why(e))
        if index.at > at:  # a replayed hour must not see the next day
            return _absent(why.NOT_YET.because({"day": f"{index.at:%Y-%m-%d}"}))
        if at - index.at > AGE_MAX:
            return _absent(why.TOO_OLD.because({"day": f"{index.at:%Y-%m-%d}"}))
        return index

    async def _newest(self) -> FearGreed:
        async with asyncio.timeout(self._timeout_s):
            answer = await self._http.get(self._address, params={"limit": 1}, timeout=self._timeout_s)
        newest = next(iter(rows(of(parse_json(answer.raise_for_status().content), "data"), "data")), None)
        return FearGreed(
            at=moment_ms(number(of(newest, "timestamp"), "timestamp") * 1000, "timestamp"),
            value=number(of(newest, "value"), "value"),
            label=word(of(newest, "value_classification"), "value_classification"),
        )

    def _why(self, e: Exception) -> Reason:
        if isinstance(e, httpx.HTTPStatusError):
            return why.REFUSED.because({"status": str(e.response.status_code)})
        if isinstance(e, TimeoutError | httpx.TimeoutException):
            return why.SILENT.because({"waited": f"{self._timeout_s:g}"})
        if isinstance(e, httpx.HTTPError):
            return why.OUT_OF_REACH.because({"fault": type(e).__name__})
        return why.GARBLED.because()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


class NoSentiment:
    """Of a tape, which has none."""

    async def known_at(self, at: UtcTime) -> Absent:
        return _absent(why.OF_TAPE.because())


def _absent(reason: Reason) -> Absent:
    return Absent(absent="", reason_code=reason.code, figures=reason.figures)
