"""`upcycle sweep` says on which half it chose, on which it tried, and how much of the best is luck."""

import json

import pytest

from services.cli.commands import sweep
from services.cli.research import hours_asked
from shared.errors import BadRequest
from shared.settings import Settings
from tests.support.builders import candles


def test_a_real_market_is_swept_and_the_same_every_time(data_dir):
    tape = [str(data_dir / "candles" / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")]
    found = hours_asked.candles("KRW-ETH", tape, Settings.load())
    told = sweep.swept(found, Settings.load(), markets=3).as_json()
    assert told["settings"] == 1960
    assert told["chosen_on"] == {"days": 244, "from": "2023-08-31", "to": "2024-04-30"}
    assert told["tried_on"] == {"days": 244, "from": "2024-05-01", "to": "2024-12-30"}
    best = told["ranked"][0]
    assert (best["k"], best["trend"], best["exit_hour"], best["trades"]) == (0.55, 60, 24, 63)
    assert best["total_return"] == max(row["total_return"] for row in told["ranked"])
    assert (told["owners"]["k"], told["owners"]["rank"], told["owners"]["rank_out"]) == (0.5, 35, 8)
    assert told["luck"]["shuffled_markets"] == 3
    assert json.loads(json.dumps(told)) == json.loads(json.dumps(sweep.swept(found, Settings.load(), 3).as_json()))


def test_too_short_a_history_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    candles(100 * 24).write_parquet("KRW-ETH.parquet")
    with pytest.raises(
        BadRequest, match="days after the 60 a trend needs; a half to choose on and a half to try on need 60"
    ):
        sweep.run("KRW-ETH", ["KRW-ETH.parquet"], as_json=True)
