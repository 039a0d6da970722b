"""Questions to a stream that need no FastStream: one message, the last of many places, all from a place on."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.errors import Permanent, Transient

Raw = tuple[bytes, dict[str, str]]  # body and headers, among them Nats-Subject, Nats-Sequence and Nats-Time-Stamp
_TIMEOUT_S = 3.0
_PLACES_MAX = 300  # in one question; the server answers with 1,024 messages at most
_BATCH = 256


class BrokerAway(Transient):
    """The broker does not answer in time."""


class NoStream(Permanent):
    """The stream is not there: the topology was never applied."""


async def direct(nc: Client, stream: str, question: dict[str, Any]) -> Raw | None:
    """The one message asked for; None if there is none. Raises BrokerAway, NoStream."""
    try:
        answer = await nc.request(f"$JS.API.DIRECT.GET.{stream}", json.dumps(question).encode(), timeout=_TIMEOUT_S)
    except nats.errors.NoRespondersError as e:
        raise NoStream(f"the broker has no stream {stream}; apply the topology first: upcycle topology") from e
    except nats.errors.Error as e:
        raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
    return _raw(answer)


async def last_of(nc: Client, stream: str, places: Sequence[str]) -> list[Raw]:
    """The last message of each subject that matches one of `places`, in the order of the log."""
    found: list[Raw] = []
    for n in range(0, len(places), _PLACES_MAX):
        question = {"multi_last": list(places[n : n + _PLACES_MAX])}
        found += await _batch(nc, stream, question)
    return sorted(found, key=lambda raw: int(raw[1]["Nats-Sequence"]))


async def state(nc: Client, stream: str, **question: Any) -> dict[str, Any]:
    """How a stream stands: last_seq, messages, and the subjects under `subjects_filter`, a page of them."""
    told = await info(nc, stream, **question)
    return {**told["state"], "total": told.get("total", 0)}


async def info(nc: Client, stream: str, **question: Any) -> dict[str, Any]:
    """What the broker tells of a stream: created, config, state. Raises BrokerAway, NoStream."""
    try:
        answer = await nc.request(f"$JS.API.STREAM.INFO.{stream}", json.dumps(question).encode(), timeout=_TIMEOUT_S)
    except nats.errors.Error as e:
        raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
    told: dict[str, Any] = json.loads(answer.data)
    if "error" in told:
        raise NoStream(f"the broker has no stream {stream}; apply the topology first: upcycle topology")
    return told


async def subjects(nc: Client, stream: str, pattern: str) -> set[str]:
    """Every subject under a pattern that holds a message."""
    found: set[str] = set()
    while True:
        page = await state(nc, stream, subjects_filter=pattern, offset=len(found))
        found |= set(page.get("subjects") or ())
        if not page.get("subjects") or len(found) >= page["total"]:
            return found


async def read_from(nc: Client, stream: str, pattern: str, *, seq: int = 1) -> AsyncIterator[Raw]:
    """Every message under a pattern from a place on, to the end, in the order of the log."""
    while True:
        last = 0
        for body, headers in await _batch(nc, stream, {"seq": seq, "next_by_subj": pattern, "batch": _BATCH}):
            last = int(headers["Nats-Sequence"])
            yield body, headers
        if not last:
            return
        seq = last + 1


async def _batch(nc: Client, stream: str, question: dict[str, Any]) -> list[Raw]:
    """The messages of one question; the server says when they end.

    They are all taken before any is given on: a reader that stops midway would leave the rest in a subscription, and
    closing the connection would wait for them.
    """
    inbox, found = nc.new_inbox(), []
    answers = await nc.subscribe(inbox)
    try:
        await nc.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(question).encode(), reply=inbox)
        while (raw := await _next(answers, stream)) is not None:
            found.append(raw)
    finally:
        await answers.unsubscribe()
    return found


async def _next(answers: Any, stream: str) -> Raw | None:
    try:
        answer: Msg = await answers.next_msg(timeout=_TIMEOUT_S)
    except (TimeoutError, nats.errors.Error) as e:
        raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e
    if (answer.headers or {}).get("Status") == "503":
        raise NoStream(f"the broker has no stream {stream}; apply the topology first: upcycle topology")
    return _raw(answer)


def _raw(answer: Msg) -> Raw | None:
    headers = dict(answer.headers or {})
    return (answer.data, headers) if "Nats-Sequence" in headers else None
