"""Histories without a broker: the same promise as JetStream's buckets, in a dictionary."""

import polars as pl

from shared.history.archive import Archive
from shared.history.manifest import HistoryMissing, digest_of
from shared.history.months import by_month
from shared.history.objects import Overtaken, Pointer


class MemoryObjects:
    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.pointers: dict[str, Pointer] = {}
        self.reads = 0
        self._revision = 0

    async def get(self, digest: str) -> bytes:
        self.reads += 1
        if digest not in self.stored:
            raise HistoryMissing(f"no history object {digest}")
        return self.stored[digest]

    async def put(self, data: bytes) -> str:
        self.stored[digest_of(data)] = data
        return digest_of(data)

    async def newest(self, market: str) -> Pointer | None:
        return self.pointers.get(market)

    async def point(self, market: str, digest: str, *, after: int) -> Pointer:
        there = self.pointers.get(market)
        if after != (there.revision if there else 0):
            raise Overtaken(f"somebody else wrote the history of {market} meanwhile")
        self._revision += 1
        self.pointers[market] = Pointer(digest, self._revision)
        return self.pointers[market]

    async def markets(self) -> list[str]:
        return sorted(self.pointers)


async def kept(frame: pl.DataFrame, market: str = "KRW-ETH") -> tuple[Archive, str]:
    """An archive that holds these candles alone, and the digest of their manifest."""
    archive = Archive(MemoryObjects())
    return archive, (await archive.revise(market, None, by_month(frame))).digest
