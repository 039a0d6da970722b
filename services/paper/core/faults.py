"""Misbehaviour on request: which fault the next request meets (pure)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.paper.core.auth import KeyState
from services.paper.core.markets import Notice
from services.paper.core.refusal import Refusal
from shared.types import UtcTime

Do = Literal[
    "reset_unread",  # connection reset before the request is read
    "reset_read",  # connection reset after it was read, nothing done
    "drop_answer",  # done, and then the connection is reset instead of the answer
    "delay",  # `seconds` late
    "answer",  # `status` with `body`, nothing done; with `after` true it is done first
    "partial_fill",  # an order finds another side for `share` of it
    "stale_book",  # the order book of `seconds` ago
    "wrong_balance",  # accounts shown at `share` of what they are
    "late_order",  # an order that exists is not found
    "maintenance",  # private routes are offline
]
USUALLY_ON: dict[str, str] = {
    "partial_fill": "POST /v1/orders",
    "drop_answer": "POST /v1/orders",
    "stale_book": "GET /v1/orderbook",
    "wrong_balance": "GET /v1/accounts",
    "late_order": "GET /v1/order",
}
PRIVATE = ("/v1/accounts", "/v1/order", "/v1/orders", "/v1/status", "/v1/api_keys")


class Fault(BaseModel):
    """`on`: "METHOD /path" or "/path", empty for every request. The first `skip` requests pass, the next `times`
    meet it; 0 is for ever. `since` and `until` are of the exchange's time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Do
    on: str = Field("", pattern=r"^((GET|POST|DELETE) )?(/\S*)?$")
    skip: int = Field(0, ge=0)
    times: int = Field(1, ge=0)
    since: UtcTime | None = None
    until: UtcTime | None = None
    seconds: Annotated[float, Field(ge=0, le=3600)] = 1
    share: Decimal = Field(Decimal("0.5"), ge=0, le=1)
    status: int = Field(500, ge=400, le=599)
    body: dict[str, Any] | str = ""
    after: bool = False

    def meets(self, method: str, path: str, at: datetime) -> bool:
        if (self.since and at < self.since) or (self.until and at >= self.until):
            return False
        if self.do == "maintenance" and not self.on:
            return path.startswith(PRIVATE)
        wanted = self.on or USUALLY_ON.get(self.do, "")
        verb, _, where = wanted.rpartition(" ")
        return verb in ("", method) and where in ("", path)


class Script(BaseModel):
    """What a file of faults holds, and what the admin route takes; nothing of it outlives the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    faults: tuple[Fault, ...] = ()
    markets: dict[str, Notice] = {}
    key: KeyState | None = None


def read_script(text: str | bytes) -> Script:
    """Raises Refusal 400 with one sentence."""
    try:
        return Script.model_validate_json(text)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(400, "invalid_parameter", f"faults: {where or 'the file'}: {first['msg']}") from e


class Faults:
    """The faults to come, in the order given; at most one meets a request."""

    def __init__(self, given: Sequence[Fault] = ()) -> None:
        self._left: list[tuple[Fault, int, int]] = []  # fault, still to skip, still to show (0: for ever)
        self.put(given)

    def put(self, given: Sequence[Fault]) -> None:
        """Instead of those there are."""
        self._left = [(fault, fault.skip, fault.times) for fault in given]

    def next(self, method: str, path: str, at: datetime) -> Fault | None:
        """Counts the request on every fault it fits, until one meets it."""
        for n, (fault, skip, times) in enumerate(self._left):
            if not fault.meets(method, path, at):
                continue
            if skip:
                self._left[n] = (fault, skip - 1, times)
                continue
            if times == 1:
                del self._left[n]
            elif times:
                self._left[n] = (fault, 0, times - 1)
            return fault
        return None

    def as_json(self) -> list[Mapping[str, Any]]:
        return [
            {**json.loads(fault.model_dump_json(exclude_defaults=True)), "skip": skip, "times": times}
            for fault, skip, times in self._left
        ]
