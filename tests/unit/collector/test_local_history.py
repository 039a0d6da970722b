"""Which year of candles lies on this machine."""

import hashlib

import pytest

from services.collector.adapters.local_history import LocalHistory
from shared.history import HistoryMissing


async def test_the_digest_names_the_file_of_the_market(tmp_path):
    (tmp_path / "KRW-ETH.parquet").write_bytes(b"a year")
    assert await LocalHistory(tmp_path).digest("KRW-ETH") == hashlib.sha256(b"a year").hexdigest()[:16]


async def test_a_market_without_a_file_is_refused_by_name(tmp_path):
    with pytest.raises(HistoryMissing, match="KRW-XRP"):
        await LocalHistory(tmp_path).digest("KRW-XRP")
