"""Real answers made odd: one place of the JSON, its list, or the bytes it comes in."""

import copy
import gzip
import json
import re
from typing import Any

from hypothesis import strategies as st

PAGE = b"<html><head><title>403 Forbidden</title></head><body>The request could not be satisfied.</body></html>"
# What Python cannot write as JSON, by the sign that stands for it until the text is made.
RAW = {
    "@1e400": "1e400", "@-1e400": "-1e400", "@NaN": "NaN", "@Infinity": "Infinity", "@digits": "9" * 5000,
    "@deep": "[" * 100_000 + "]" * 100_000, "@open": "[" * 100_000, "@objects": '{"a":' * 100_000, "@tiny": "1e-400",
}  # fmt: skip
VALUES: list[Any] = [
    None, "", "x", "0", 0, -1, True, False, [], {}, [None], {"a": 1}, "NaN", "Infinity", "1e999999999", "-5", "1_0",
    "１",    "\ud800", "\x00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00", *RAW,
]  # fmt: skip
OWN_NAMES = [403, "x", "nonce_used", "out_of_scope", "\ud800", "", None, [], {}, True, "a" * 500]


def real(data_dir, file: str) -> Any:
    told = json.loads((data_dir / "fixtures" / "upbit" / file).read_text())
    return told["body"] if isinstance(told, dict) and "request" in told else told


def written(body: Any) -> bytes:
    text = json.dumps(body)
    return re.sub(r'"(@[\w-]+)"', lambda sign: RAW.get(sign[1], sign[0]), text).encode()


def places(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value, the whole first."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [at, *(place for key, value in inner for place in places(value, (*at, key)))]


@st.composite
def odd_body(draw: st.DrawFn, body: Any) -> Any:
    """The body with one place of it changed."""
    whole = [copy.deepcopy(body)]
    *way, key = (0, *draw(st.sampled_from(places(body))))
    parent: Any = whole
    for step in way:
        parent = parent[step]
    value = parent[key]
    changes = [*(("be", other) for other in VALUES)]
    if isinstance(parent, dict):
        changes += [("lack", None), ("rename", None)] * 4
    if isinstance(value, list):
        changes += [("be", []), ("be", value * 2), ("be", value[::-1]), ("be", value[:1]), ("be", [*value, None])] * 3
    if isinstance(value, int | float) and not isinstance(value, bool):
        changes += [
            ("be", str(value)),
            ("be", value * 1000),
            ("be", value / 1000),
            ("be", value * 1_000_000),
            ("be", -value),
        ] * 3
    if isinstance(value, str):
        changes += [
            ("be", f"-{value}"),
            ("be", value.upper()),
            ("be", value * 300),
            ("be", [value]),
            ("be", f" {value}"),
        ] * 2
    how, other = draw(st.sampled_from(changes))
    if how == "be":
        parent[key] = other
    else:
        del parent[key]
        if how == "rename":
            parent[f"{key}_"] = value
    return whole[0]


@st.composite
def odd_answer(draw: st.DrawFn, body: Any) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and bytes of an answer that is not as documented."""
    head = {"Date": "Sat, 28 Nov 2026 03:00:00 GMT", "Content-Type": "application/json"}
    good = written(body)
    kind = draw(st.sampled_from(["value"] * 12 + ["bytes", "head", "page", "error"]))
    if kind == "value":
        return 200, head, written(draw(odd_body(body)))
    if kind == "head":
        odd = draw(
            st.sampled_from([None, "", "soon", "Sat, 31 Dec 2016 23:59:60 GMT", "Sat, 28 Nov 9999 03:00:00 -1400"])
        )
        name = draw(st.sampled_from(["Date", "Content-Type", "Remaining-Req"]))
        return 200, {k: v for k, v in (head | {name: odd}).items() if v is not None}, good
    if kind == "bytes":
        packed = head | {"Content-Encoding": "gzip"}
        return 200, *draw(st.sampled_from([
            (head, b""), (head, b"7"), (head, b"null"), (head, b'"x"'), (head, good[: len(good) // 2]),
            (head, good + b"]"), (head, b"\xff" + good), (head, good.decode().encode("utf-16")),
            (head, b"\xef\xbb\xbf" + good), (head, PAGE),
            (head, b"[" * 100_000), (head, b"[" + b" " * 5_000_001 + b"]"), (packed, good),
            (packed, gzip.compress(good)[:-9]), (packed, gzip.compress(b"[" + b" " * 6_000_000 + b"]")),
        ]))  # fmt: skip
    status = draw(st.sampled_from([302, 400, 401, 403, 404, 407, 418, 429, 451, 500, 503]))
    if kind == "page":
        content = draw(
            st.sampled_from(
                [PAGE, b"", b"7", b'{"message":"no Route matched"}', b'{"error":"forbidden"}', b"[" * 100_000]
            )
        )
        return status, head | {"Content-Type": draw(st.sampled_from(["text/html", "application/json"]))}, content
    return (
        status,
        head,
        written({"error": {"name": draw(st.sampled_from(OWN_NAMES)), "message": draw(st.sampled_from(VALUES))}}),
    )


def is_foreign(status: int, content: bytes) -> bool:
    """Whether an error is no word of Upbit's own."""
    return status not in (200, 201) and not re.match(rb'\{"error": ?\{"name": ?("[^"@\\]+"|%d\b)' % status, content)
