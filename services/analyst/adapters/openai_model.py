"""The model through OpenAI's SDK, or any server that speaks its API; imported only where there is a key.

The SDK sends; status, retries and the body are judged here, because its own parsing loses what a bad answer
cost, and its own retries ask again where the quota is spent.
"""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI

from services.analyst.adapters.bounded_body import Bounded, TooLong
from services.analyst.core.answer import Answer, read
from services.analyst.core.server_refusal import answer_of_refusal, refusal_in
from shared.clock import monotonic
from shared.http_client import proxy_for
from shared.parsing import BadValue, check_body, date_of, number
from shared.prompt.build import Prompt
from shared.prompt.request import OPENAI, Api, request_body

TRIES = 3
_CONNECT_S = 10


class _Again(Exception):
    """It was surely not billed and may work in a moment; what it is if it does not."""

    def __init__(self, answer: Answer, after_s: float | None = None) -> None:
        super().__init__(answer.code)
        self.answer, self.after_s = answer, after_s


class OpenAIModel:
    def __init__(
        self, *, key: str, base_url: str | None, model: str, api: Api, timeout_s: float, pause_s: float = 1.0
    ) -> None:
        """timeout_s: for everything, tries and the pauses between them included. pause_s: before the second try."""
        self._model, self._api, self._timeout_s, self._pause_s = model, api, timeout_s, pause_s
        self._client = AsyncOpenAI(
            api_key=key,
            base_url=base_url or OPENAI,
            max_retries=0,
            timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            # Nothing to unpack, so that what is counted is what would be read.
            default_headers={"Accept-Encoding": "identity"},
            http_client=httpx2.AsyncClient(
                trust_env=False, transport=Bounded(httpx2.AsyncHTTPTransport(proxy=proxy_for(base_url or OPENAI)))
            ),
        )

    async def __aenter__(self) -> "OpenAIModel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def ask(self, prompt: Prompt) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._tries(prompt, monotonic() + self._timeout_s)
        except TimeoutError:
            return Answer("LLM_TIMEOUT", f"{self._timeout_s:g} s")

    async def _tries(self, prompt: Prompt, deadline: float) -> Answer:
        """Ask again where that costs nothing and is over in time; else the last answer."""
        for n in range(TRIES):
            try:
                return await self._once(prompt)
            except _Again as e:
                pause = self._pause_s * 2**n if e.after_s is None else max(0.0, e.after_s)
                if n == TRIES - 1 or monotonic() + pause >= deadline:
                    return e.answer
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _once(self, prompt: Prompt) -> Answer:
        try:
            got = await self._send(prompt)
        except openai.APIStatusError as e:
            return _refused(e)
        except openai.APIConnectionError as e:  # a timeout among them
            return self._cut_short(e)
        except openai.OpenAIError as e:
            return Answer("LLM_NOT_AN_ANSWER", type(e).__name__)
        return self._read(got)

    def _read(self, got: Any) -> Answer:
        """Read what came with a status that says well."""
        kind = got.headers.get("content-type", "none").partition(";")[0].strip().lower()
        if kind != "application/json":
            return Answer("LLM_NOT_AN_ANSWER", f"content type {kind[:60]}")
        try:
            check_body(got.content)
            body = json.loads(got.content)
        except ValueError:
            return Answer("LLM_NOT_AN_ANSWER", "no JSON")
        if isinstance(body, dict) and isinstance(body.get("error"), dict):  # a refusal in the clothes of an answer
            status, names = refusal_in(body["error"])
            return replace(answer_of_refusal(status, names, is_api=True), billed=True)
        return read(self._api, body)

    def _cut_short(self, e: openai.APIConnectionError) -> Answer:
        """There is no answer; raises _Again where nothing was sent."""
        match e.__cause__:
            case httpx2.ConnectError() | httpx2.ConnectTimeout() | httpx2.PoolTimeout():
                raise _Again(Answer("LLM_UNREACHABLE", type(e.__cause__).__name__, billed=False)) from e
            case TooLong():
                return Answer("LLM_TOO_LONG", str(e.__cause__))
            case httpx2.TimeoutException():
                return Answer("LLM_TIMEOUT", f"{self._timeout_s:g} s")
        return Answer("LLM_BROKEN_OFF", type(e.__cause__ or e).__name__)

    async def _send(self, prompt: Prompt) -> Any:
        body = request_body(self._api, self._model, system=prompt.system, user=prompt.user)
        if self._api == "chat":
            return await self._client.chat.completions.with_raw_response.create(**body)
        return await self._client.responses.with_raw_response.create(**body)


def _refused(e: openai.APIStatusError) -> Answer:
    """An answer of another status; raises _Again where asking once more may help."""
    answer = answer_of_refusal(e.status_code, (e.code, e.type), is_api=isinstance(e.body, dict))
    if answer.code in ("LLM_BUSY", "LLM_SERVER_ERROR"):
        raise _Again(answer, _retry_after(e) if answer.code == "LLM_BUSY" else None) from e
    return answer


def _retry_after(e: openai.APIStatusError) -> float | None:
    """Seconds the server asks to wait, in any of the forms there are; None where it says none."""
    heads = e.response.headers
    for name, unit in (("retry-after-ms", Decimal(1000)), ("retry-after", Decimal(1))):
        try:
            return max(0.0, float(number(heads.get(name), name) / unit))
        except BadValue:
            continue
    try:
        until = date_of({"Date": heads.get("retry-after", "")})
        return max(0.0, (until - date_of(heads)).total_seconds())
    except BadValue:
        return None
