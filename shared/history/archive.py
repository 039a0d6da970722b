"""Manifests and months as one reads and writes them; what was read once is kept, for it never changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from shared.candles import SCHEMA
from shared.history.manifest import Correction, HistoryMissing, Manifest, Month, digest_of, latest
from shared.history.months import month_of, pack_month, unpack_month
from shared.history.objects import Objects
from shared.types import Market

MONTHS_KEPT, MANIFESTS_KEPT = 256, 64  # in memory: at most about 12 MB
_T = TypeVar("_T")


@dataclass(frozen=True)
class Edition:
    """A manifest as the newest one of its market. revision: of the pointer to it."""

    manifest: Manifest
    digest: str
    revision: int


class Archive:
    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._months: OrderedDict[str, pl.DataFrame] = OrderedDict()
        self._manifests: OrderedDict[str, Manifest] = OrderedDict()

    async def newest(self, market: Market) -> Edition | None:
        pointer = await self._objects.newest(market)
        if pointer is None:
            return None
        return Edition(await self.manifest(pointer.digest), *pointer)

    async def must(self, market: Market) -> Edition:
        """Raises HistoryMissing with what to do."""
        if (edition := await self.newest(market)) is None:
            raise HistoryMissing(
                f"there is no history of {market}; fill it from the exchange: upcycle history fill --market {market}, "
                "or from a file: upcycle history import FILE"
            )
        return edition

    async def markets(self) -> list[Market]:
        return await self._objects.markets()

    async def manifest(self, digest: str) -> Manifest:
        """Raises HistoryMissing, HistoryUnreachable."""
        if digest not in self._manifests:
            _keep(
                self._manifests, digest, Manifest.model_validate_json(await self._objects.get(digest)), MANIFESTS_KEPT
            )
        return self._manifests[digest]

    async def candles(self, months: Sequence[Month]) -> pl.DataFrame:
        """The candles of these months, (n, 6) in shared.candles.SCHEMA, ascending."""
        frames = await asyncio.gather(*(self._month(month.digest) for month in months))
        return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)

    async def _month(self, digest: str) -> pl.DataFrame:
        frame = self._months.get(digest)
        if frame is None:
            frame = unpack_month(await self._objects.get(digest))
            _keep(self._months, digest, frame, MONTHS_KEPT)
        return frame

    async def revise(
        self,
        market: Market,
        base: Edition | None,
        months: Mapping[str, pl.DataFrame],
        *,
        corrections: Sequence[Correction] = (),
        anew: bool = False,
        synthetic: bool = False,
    ) -> Edition:
        """Write months in the place of those of `base`, then a manifest, and last the pointer to it.

        base: what the months were made from; None: there was nothing. months: by name, checked and not empty.
        anew: nothing of `base` is kept. Raises Overtaken if `base` is not the newest any more.
        """
        old = None if base is None or anew else base.manifest
        kept = {} if old is None else {month.name: month for month in old.months}
        digests = await asyncio.gather(*map(self._put_month, months.values()))
        kept |= {name: month_of(name, months[name], digest) for name, digest in zip(months, digests, strict=True)}
        manifest = Manifest(
            market=market,
            synthetic=synthetic if old is None else old.synthetic,
            months=tuple(kept[name] for name in sorted(kept)),
            corrections=latest([*(old.corrections if old else ()), *corrections]),
            corrected=(old.corrected if old else 0) + len(corrections),
        )
        packed = manifest.pack()
        if base is not None and base.digest == digest_of(packed):
            return base
        digest = await self._objects.put(packed)
        pointer = await self._objects.point(market, digest, after=base.revision if base else 0)
        return Edition(manifest, *pointer)

    async def _put_month(self, frame: pl.DataFrame) -> str:
        digest = await self._objects.put(pack_month(frame))
        _keep(self._months, digest, frame, MONTHS_KEPT)
        return digest


def _keep(kept: "OrderedDict[str, _T]", digest: str, value: _T, most: int) -> None:
    """Add to a cache; the oldest entry goes when it is full."""
    kept[digest] = value
    while len(kept) > most:
        kept.popitem(last=False)
