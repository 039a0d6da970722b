"""A private request: what it carries, who sends it; Refusal with Upbit's name where it cannot be."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from services.paper.core.auth import Permission, body_texts, query_texts
from services.paper.core.refusal import Refusal
from services.paper.ports import app_state

SURROGATE = re.compile("[\ud800-\udfff]")
BODY_MAX = 64 * 1024  # bytes; the largest real order has a few hundred
FIELDS_MAX = 1000


class Params:
    """Parameters as sent; an array is `name[]` repeated, anything else may stand once."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs
        names = [name for name, _ in pairs]
        doubled = next((name for n, name in enumerate(names) if name in names[:n] and not name.endswith("[]")), None)
        if doubled is not None:
            raise Refusal(400, "invalid_parameter", f"{doubled!r} is given twice")

    def one(self, name: str) -> str | None:
        return next((value for key, value in self._pairs if key == name), None) or None

    def many(self, name: str) -> list[str]:
        """`name[]`, repeated."""
        return [value for key, value in self._pairs if key == f"{name}[]" and value]

    def list(self, name: str) -> list[str]:
        """One value with commas."""
        return [part for part in (self.one(name) or "").split(",") if part]

    def whole(self, name: str, default: int, most: int) -> int:
        given = self.one(name)
        if given is None:
            return default
        if not (given.isascii() and given.isdigit() and 0 < len(given) < 10 and int(given)):
            raise Refusal(400, "invalid_parameter", f"{name} must be a whole number above zero")
        return min(int(given), most)

    def fields(self) -> Mapping[str, str]:
        return dict(self._pairs)


async def query_params(request: Request, needs: Permission | None) -> Params:
    """Of a GET or a DELETE. A GET may carry its parameters as a form, as older clients send them; a DELETE may not."""
    _require_token(request)
    body, raw = await _body(request), request.url.query
    if body and request.method == "DELETE":
        raise Refusal(400, "QUERY_PARAMETER_NOT_SUPPORTED", "Send parameters in the query, not in the body.")
    if body and not raw:
        raw = body.decode(errors="replace")
    _authorize(request, query_texts(raw), needs)
    return Params(_parsed(raw))


async def body_params(request: Request, needs: Permission) -> Params:
    """Of a POST, whose body is a JSON object."""
    _require_token(request)
    pairs = _pairs(await _body(request))
    _authorize(request, body_texts(pairs), needs)
    return Params(pairs)


def _require_token(request: Request) -> None:
    """Whoever has no token is told so before anything of the request is read."""
    app_state(request).authenticator.claims(request.headers.get("authorization"))


def _authorize(request: Request, texts: Sequence[str], needs: Permission | None) -> None:
    address = request.client.host if request.client else ""
    here = app_state(request)
    here.authenticator.check(
        request.headers.get("authorization"), texts, at=here.exchange.now, address=address, needs=needs
    )


async def _body(request: Request) -> bytes:
    """What is larger than any order is read to its end and refused: whoever still writes would see no answer."""
    body = bytearray()
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= BODY_MAX:
            body += part
    if size > BODY_MAX:
        raise Refusal(400, "bad_request", f"The body is larger than {BODY_MAX} bytes.")
    return bytes(body)


def _parsed(raw: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw, keep_blank_values=True, errors="replace", max_num_fields=FIELDS_MAX)
    except ValueError as e:
        raise Refusal(400, "bad_request", f"There are more than {FIELDS_MAX} parameters.") from e


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """The body's pairs in the order sent; numbers keep their digits, empty values are left out."""
    try:
        pairs = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as e:
        raise Refusal(400, "invalid_parameter", "The body must be a JSON object.") from e
    if not isinstance(pairs, _Pairs) or len(pairs) > FIELDS_MAX:
        raise Refusal(400, "invalid_parameter", "The body must be a JSON object.")
    if not all(value is None or isinstance(value, str) for _, value in pairs):
        raise Refusal(400, "invalid_parameter", "Every value in the body must be a text or a number.")
    if SURROGATE.search("".join(f"{name}{value}" for name, value in pairs)):
        raise Refusal(400, "invalid_parameter", "The body holds half a character.")
    return [(name, value) for name, value in pairs if value is not None]


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that their order and doubles stay to be hashed."""
