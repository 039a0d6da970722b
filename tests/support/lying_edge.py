"""An edge between the bot and its exchange that lies: what a CDN, a gateway, a proxy and a bad line say and do.

It sends a request on twice and gives the second answer, says no after yes and yes after no, holds an order up and
delivers it when nobody waits any more, hides a new order, and makes answers odd. Its dice decide; `calm` ends it.
"""

import asyncio
import copy
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

import httpx

from tests.support import odd

# Of an order: known, made up, and such as no exchange would choose. What to do with it stands in `_order`.
NAMES = (
    "nonce_used", "no_authorization_ip", "insufficient_funds_bid", "out_of_scope", "under_min_total_ask",
    "market_offline", "invalid_parameter", "zebra", "n", "order-not-found", "duplicated", "ORDER_NOT_FOUND ", "예외",
)  # fmt: skip
ORDER_LIES = (
    "sent twice", "sent twice, signed anew", "done, then a no", "a no", "done, then a page", "a page", "answer lost",
    "held up", "not connected", "odd answer", "quota, though done", "server error, though done",
)  # fmt: skip
QUESTION_LIES = ("page", "no", "silence", "odd", "odd", "odd", "hidden")
HIDDEN_S = 2.5  # how long a new order may stay hidden: less than the proof of its absence waits
HELD_UP_S = 15.0  # after the client gave up
ANSWER_S = 10.0
QUESTIONS = 0.3  # a cycle asks a dozen; of an order's lies, these have so many
_ORDER, _LISTS = "/v1/orders", ("/v1/orders/open", "/v1/orders/closed")


class LyingEdge(httpx.AsyncBaseTransport):
    """app: the exchange. on_order: is told the name of each order the moment its bytes leave.

    alone: whether no copy of the bot trades on the account. With one, only the exchange's list tells what it has sold:
    then lists are true, and orders come when they are sent.
    on_way: orders that are still to be delivered. sent: those that this edge delivered and the exchange took, and when.
    """

    def __init__(self, app: Any, dice: random.Random, faults: Counter[str], share: float) -> None:
        self._to, self._dice, self._faults, self._share = httpx.ASGITransport(app), dice, faults, share
        self.on_order: Callable[[str], None] = lambda _: None
        self.on_way, self.calm, self.alone = Counter[str](), False, True
        self.sent: dict[str, float] = {}
        self._later: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trace = request.extensions.get("trace")
        if request.method == "POST" and request.url.path == _ORDER:
            lie = self._lie(*ORDER_LIES)
            if lie == "not connected":
                raise httpx.ConnectError(lie, request=request)
            if trace:
                await trace("http11.send_request_headers.started", {})
            name = json.loads(await request.aread())["identifier"]
            self.on_order(name)
            return await self._order(request, name, lie)
        return await self._question(request)

    async def _order(self, request: httpx.Request, name: str, lie: str | None) -> httpx.Response:
        if lie == "held up" and self.alone:
            self._hold_up(request, name)
            await self._silence(request, lie)
        if lie in ("a no", "a page"):
            return self._no() if lie == "a no" else self._page()
        answer = await self._deliver(request, name)
        if lie == "answer lost":
            await self._silence(request, lie)
        if lie == "sent twice":
            return await self._to.handle_async_request(request)
        given: dict[str | None, Callable[[], httpx.Response]] = {
            "sent twice, signed anew": lambda: _error(400, "duplicated_identifier"),
            "done, then a no": self._no,
            "done, then a page": self._page,
            "quota, though done": lambda: _error(429, "too_many_requests"),
            "server error, though done": lambda: self._page(500, 502, 503, 504),
            "odd answer": lambda: self._odd(answer, content),
        }
        content = await answer.aread()
        return given.get(lie, lambda: answer)()

    async def _question(self, request: httpx.Request) -> httpx.Response:
        true = request.url.path in _LISTS and not self.alone
        lie = None if true or self._dice.random() >= QUESTIONS else self._lie(*QUESTION_LIES)
        name = request.url.params.get("identifier")
        if lie == "silence":
            await self._silence(request, lie)
        if lie in ("no", "page"):
            return self._no() if lie == "no" else self._page()
        if lie == "hidden" and _now() - self.sent.get(name, -HIDDEN_S) < HIDDEN_S:
            return _error(404, "order_not_found")
        answer = await self._to.handle_async_request(request)
        return self._odd(answer, await answer.aread()) if lie == "odd" else answer

    async def _silence(self, request: httpx.Request, why: str) -> NoReturn:
        await asyncio.sleep(ANSWER_S)
        raise httpx.ReadTimeout(why, request=request)

    async def _deliver(self, request: httpx.Request, name: str) -> httpx.Response:
        answer = await self._to.handle_async_request(request)
        if answer.status_code == 201:
            self.sent[name] = _now()
        return answer

    def _hold_up(self, request: httpx.Request, name: str) -> None:
        """Deliver it when the client has given up."""
        self.on_way[name] += 1

        async def later() -> None:
            await asyncio.sleep(ANSWER_S + self._dice.uniform(0, HELD_UP_S))
            await self._deliver(request, name)
            self.on_way[name] -= 1

        task = asyncio.ensure_future(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _lie(self, *kinds: str) -> str | None:
        if self.calm or self._dice.random() >= self._share:
            return None
        kind = self._dice.choice(kinds)
        self._faults[f"edge: {kind}"] += 1
        return kind

    def _no(self) -> httpx.Response:
        return _error(self._dice.choice((400, 401, 403, 404, 422)), self._dice.choice(NAMES))

    def _page(self, *statuses: int) -> httpx.Response:
        status = self._dice.choice(statuses or (400, 401, 403, 404, 407, 418, 451, 502, 503, 520))
        return httpx.Response(status, headers={"Content-Type": "text/html"}, content=odd.PAGE)

    def _odd(self, answer: httpx.Response, content: bytes) -> httpx.Response:
        """The same with one place of it something else, or not there, or cut off."""
        body = [copy.deepcopy(json.loads(content))]
        *way, key = (0, *self._dice.choice(odd.places(body[0])))
        parent: Any = body
        for step in way:
            parent = parent[step]
        if isinstance(parent, dict) and self._dice.random() < 0.3:
            del parent[key]
        else:
            # No fee at all could be true: nobody can tell that it is not.
            parent[key] = self._dice.choice(
                [value for value in odd.VALUES if key != "paid_fee" or value not in (0, "0")]
            )
        made = odd.written(body[0])
        whole = made if self._dice.random() < 0.9 else made[: len(made) // 2]
        return httpx.Response(answer.status_code, headers={"Date": answer.headers.get("Date", "")}, content=whole)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _error(status: int, name: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"name": name, "message": "so says the edge"}})
