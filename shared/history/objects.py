"""Where the objects lie: JetStream's object store, and in a key-value bucket the newest manifest of each market."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import (
    Error,
    KeyNotFoundError,
    KeyWrongLastSequenceError,
    NoKeysError,
    NotFoundError,
    ObjectNotFoundError,
)

from shared.bus.namespace import Namespace
from shared.errors import Transient
from shared.history.manifest import HistoryMissing, digest_of
from shared.types import Market

_TIMEOUT_S = 10.0  # nats-py itself would wait for ever for a chunk that is gone


class HistoryUnreachable(Transient):
    """The broker gives or takes no history now."""


class Overtaken(Transient):
    """Somebody else wrote a newer manifest meanwhile: read it and go on from that."""


class Pointer(NamedTuple):
    """The digest of a market's newest manifest, and which writing of it this is; 0 is the first to come."""

    digest: str
    revision: int


class Objects(Protocol):
    async def get(self, digest: str) -> bytes:
        """Raises HistoryMissing, HistoryUnreachable."""

    async def put(self, data: bytes) -> str:
        """Store bytes, once, and return their digest."""

    async def newest(self, market: Market) -> Pointer | None: ...

    async def point(self, market: Market, digest: str, *, after: int) -> Pointer:
        """Make this the newest manifest unless another was written after that revision: Overtaken."""

    async def markets(self) -> list[Market]: ...


class BrokerObjects:
    """jetstream: asked at each use, for a service's connection begins later than its wiring."""

    def __init__(self, jetstream: Callable[[], JetStreamContext], namespace: Namespace) -> None:
        self._js, self._namespace = jetstream, namespace

    async def get(self, digest: str) -> bytes:
        """A sandbox reads what the real world has too: an object is what its name says."""
        for bucket in dict.fromkeys((self._namespace.history, Namespace().history)):
            async with _bounded(f"reading {digest}"):
                try:
                    store = await self._js().object_store(bucket)
                    data = (await store.get(digest)).data or b""
                except ObjectNotFoundError:
                    continue
            if digest_of(data) != digest:
                raise HistoryUnreachable(f"the object {digest} came with other bytes")
            return data
        raise HistoryMissing(
            f"the broker holds no history object {digest}; was it recorded on another machine, or before "
            "histories lay in the broker?"
        )

    async def put(self, data: bytes) -> str:
        digest = digest_of(data)
        async with _bounded(f"writing {digest}"):
            store = await self._js().object_store(self._namespace.history)
            try:
                # Writing it again would purge the chunks under a reader's hands.
                await store.get_info(digest)
            except ObjectNotFoundError:
                await store.put(digest, data)
        return digest

    async def newest(self, market: Market) -> Pointer | None:
        async with _bounded(f"looking for the history of {market}"):
            bucket = await self._js().key_value(self._namespace.history)
            try:
                entry = await bucket.get(market)
            except KeyNotFoundError:
                return None
            return Pointer((entry.value or b"").decode(), entry.revision or 0)

    async def point(self, market: Market, digest: str, *, after: int) -> Pointer:
        async with _bounded(f"writing the newest manifest of {market}"):
            bucket = await self._js().key_value(self._namespace.history)
            try:
                if not after:  # nats-py writes a first one over the marker of a deleted one, too
                    return Pointer(digest, await bucket.create(market, digest.encode()))
                return Pointer(digest, await bucket.update(market, digest.encode(), last=after))
            except KeyWrongLastSequenceError as e:
                raise Overtaken(f"somebody else wrote the history of {market} meanwhile") from e

    async def markets(self) -> list[Market]:
        async with _bounded("listing the markets"):
            try:
                return sorted(await (await self._js().key_value(self._namespace.history)).keys())
            except NoKeysError:
                return []


@asynccontextmanager
async def _bounded(what: str) -> AsyncIterator[None]:
    """Within some seconds, and the broker's errors as ours."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            yield
    except NotFoundError as e:
        raise HistoryMissing(f"{what}: the broker has no buckets of histories yet; run: upcycle topology") from e
    except (nats.errors.Error, Error, TimeoutError) as e:
        raise HistoryUnreachable(f"{what}: {type(e).__name__}") from e
