"""Objects and pointers: what lies in the broker and what lies in a dictionary keep one promise."""

import asyncio

import nats
import pytest

from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.history.archive import Archive
from shared.history.manifest import HistoryMissing
from shared.history.months import by_month
from shared.history.objects import BrokerObjects, HistoryUnreachable, Overtaken
from tests.support.builders import candles
from tests.support.histories import MemoryObjects


@pytest.fixture(params=["broker", "memory"])
def objects(request, js):
    return MemoryObjects() if request.param == "memory" else BrokerObjects(lambda: js, Namespace())


async def test_an_object_is_found_by_the_digest_of_its_bytes_and_written_once(objects):
    digests = {await objects.put(b"a month") for _ in range(3)}
    digests |= set(await asyncio.gather(*(objects.put(b"a month") for _ in range(5))))
    (digest,) = digests
    assert digest == "0a772ab2a2b91bae"
    assert await objects.get(digest) == b"a month"


async def test_an_object_that_is_not_there_is_missing(objects):
    with pytest.raises(HistoryMissing, match="0123456789abcdef"):
        await objects.get("0123456789abcdef")


async def test_large_objects_come_whole(objects):
    data = bytes(range(256)) * 2000
    assert await objects.get(await objects.put(data)) == data


async def test_the_pointer_moves_only_from_where_it_was_read(objects):
    assert await objects.newest("KRW-ETH") is None
    first = await objects.point("KRW-ETH", "a" * 16, after=0)
    second = await objects.point("KRW-ETH", "b" * 16, after=first.revision)
    assert await objects.newest("KRW-ETH") == second
    for stale in (0, first.revision):
        with pytest.raises(Overtaken):
            await objects.point("KRW-ETH", "c" * 16, after=stale)
    await objects.point("KRW-BTC", "d" * 16, after=0)
    assert await objects.markets() == ["KRW-BTC", "KRW-ETH"]


async def test_every_replica_reads_what_one_wrote(objects):
    frame = candles(100 * 24)
    edition = await Archive(objects).revise("KRW-ETH", None, by_month(frame))
    there = await Archive(objects).must("KRW-ETH")
    assert there == edition
    assert (await Archive(objects).candles(there.manifest.months)).equals(frame)
    again = await Archive(objects).revise("KRW-ETH", there, by_month(frame))
    assert again == there


async def test_a_broken_object_is_never_read_as_a_month(js):
    objects = BrokerObjects(lambda: js, Namespace())
    store = await js.object_store("history")
    await store.put("0123456789abcdef", b"other bytes")
    with pytest.raises(HistoryUnreachable, match="came with other bytes"):
        await objects.get("0123456789abcdef")


async def test_a_sandbox_has_histories_of_its_own_and_reads_the_real_worlds_objects(js):
    sandbox = Namespace("sandbox.try1.")
    await topology.apply(js, sandbox)
    real, tried = BrokerObjects(lambda: js, Namespace()), BrokerObjects(lambda: js, sandbox)
    digest = await real.put(b"real")
    await real.point("KRW-ETH", digest, after=0)
    assert await tried.get(digest) == b"real"
    assert await tried.newest("KRW-ETH") is None
    with pytest.raises(HistoryMissing):
        await real.get(await tried.put(b"tried"))


async def test_without_the_topology_it_says_what_to_do(server):
    nc = await nats.connect(server.url)
    with pytest.raises(HistoryMissing, match="run: upcycle topology"):
        await BrokerObjects(nc.jetstream, Namespace()).newest("KRW-ETH")
    await nc.close()
