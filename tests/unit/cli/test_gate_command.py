"""`upcycle gate`: what it shows, and what it says of candles that cannot be judged."""

import json
import re
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.cli.commands import gate
from services.cli.research import history_in
from services.paper.core.tape import BadTape
from shared.errors import BadRequest
from shared.history.manifest import HistoryMissing
from tests.support.builders import candles

START = datetime(2023, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def told(capsys):
    """What the command says of a frame of candles, as JSON."""

    def ask(frame, name="KRW-ETH.parquet", **asked):
        frame.write_csv(name) if name.endswith(".csv") else frame.write_parquet(name)
        fields = {"market": "KRW-ETH", "first": None, "last": None, "tape": [name], "as_json": True, "html": None}
        gate.run(**fields | asked)
        return json.loads(capsys.readouterr().out)

    return ask


def days(count, start=START):
    return candles(count * 24, start=start)


def test_real_2024_passes_no_hour_of_ethereum_and_says_what_that_cost(data_dir, capsys):
    tape = [str(data_dir / "candles" / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")]
    gate.run("KRW-ETH", "2024-01-01", "2025-01-01", tape, as_json=False, html=None)
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "passed 0 of 8,784 hours (0.0%)" in shown
    assert "WIN_RATE failed in 8,784: off by 4.6 points at best, 14.4 at the median" in shown
    assert "kept the owner out of 141 trades that together made +45.3%: it cost that" in shown
    assert "The coin itself, held all along, made +61.5% without costs." in shown
    assert "│ passed │ 0 │ - │ - │ - │" in shown
    assert "4,344 of 8,784 hours have less than a year of candles before them; the first has 184 days" in shown
    assert "27 hours are missing, the longest run 5 hours from 2023-12-03 16:00 UTC" in shown


@pytest.mark.parametrize(
    ("coin", "trades", "win_rate", "total"), [("ETH", 219, 0.4475, 0.759), ("BTC", 229, 0.4672, 1.001)]
)
def test_the_rules_eighteen_real_months_without_slippage(data_dir, capsys, monkeypatch, coin, trades, win_rate, total):
    monkeypatch.setenv("SLIPPAGE", "0")
    tape = [str(data_dir / "candles" / f"upbit_KRW-{coin}_1h_2023-07_2024-12.parquet")]
    gate.run(f"KRW-{coin}", "2023-07-01T01:00Z", "2025-01-01", tape, as_json=True, html=None)
    earned = json.loads(capsys.readouterr().out)["earned"]["all"]
    assert earned["trades"] == trades
    assert earned["wins"] / trades == pytest.approx(win_rate, abs=5e-5)
    assert earned["total"] == pytest.approx(total, abs=5e-4)


def test_the_figures_are_there_as_json(told):
    view = told(days(400))
    assert (view["market"], view["hours"]) == ("KRW-ETH", 365 * 24)
    assert view["pass_rate"] == view["passed"] / view["hours"]
    assert sum(s["hours"] for s in view["stretches"]) == view["hours"]
    by_drawdown = view["grid"]["pass_rate_by_drawdown_max"]
    assert set(by_drawdown) == {"0.05", "0.1", "0.15", "0.2", "0.3", "0.5"}
    assert by_drawdown["0.3"] == view["grid"]["pass_rate_by_k"]["0.5"]  # both as they are set
    assert set(view["grid"]["pass_rate_by_k"]) == {"0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "1.0"}


def test_the_settings_are_the_gate_and_the_rule(told, monkeypatch):
    monkeypatch.setenv("GATE_WIN_RATE_MIN", "0")
    monkeypatch.setenv("BREAKOUT_K", "0.45")
    view = told(days(60))
    assert (view["passed"], view["rule"]["k"]) == (view["hours"], 0.45)
    assert "0.45" in view["grid"]["pass_rate_by_k"]


def test_the_page_holds_its_data_and_asks_nobody(told, tmp_path):
    view = told(days(60), html=tmp_path / "gate.html")
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.DOTALL)[1])
    assert sum(s[1] for s in data["stretches"]["0.5"]) == view["hours"]
    assert len(data["trades"]["0.5"]) == view["earned"]["all"]["trades"]
    assert all(entered < left for entered, _, left in data["trades"]["0.5"])
    assert [data["closes"][n][0] for n in (0, -1)] == [data["from"], data["to"]]
    assert data["closes"][-1][1] / data["closes"][0][1] - 1 == view["held"]
    assert data["gate"] == {"win": 0.55, "drawdown": 0.3, "trades": 0, "expectancy": None}
    assert not re.search(r"https?:|src=|@import|url\(", page)


def test_without_a_tape_and_a_history_it_says_what_to_give():
    with pytest.raises(BadRequest, match=r"there is no event log in \.upcycle; .*; or give --tape FILE"):
        gate.run("KRW-ETH", None, None, [], as_json=True, html=None)


def test_without_a_tape_the_bots_own_history_is_read(tmp_path, capsys):
    days(60).write_parquet("KRW-ETH.parquet")
    history_in.import_files(["KRW-ETH.parquet"], None, False, None, None)
    capsys.readouterr()
    gate.run("KRW-ETH", None, None, [], as_json=True, html=None)
    assert json.loads(capsys.readouterr().out)["hours"] == 60 * 24 - 1
    with pytest.raises(HistoryMissing, match="there is no history of KRW-XRP; fill it from the exchange: upcycle his"):
        gate.run("KRW-XRP", None, None, [], as_json=True, html=None)


def bent(column, value, row=50):
    frame = days(60)
    return frame.with_columns(pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(column).alias(column))


REFUSED = {
    "empty": (lambda: days(0), "there is no candle in it"),
    "one candle": (lambda: candles(1, start=START), "there is one candle"),
    "duplicates": (lambda: days(60)[[0, 1, 1, 2]], "2023-01-01 01:00:00.* stands twice"),
    "disorder": (lambda: days(60)[[0, 2, 1]], "2023-01-01 01:00:00.* is out of order"),
    "NaN": (lambda: bent("open", float("nan")), "is not a number"),
    "null": (lambda: bent("close", None), "has a null"),
    "negative prices": (lambda: bent("low", -1.0), "has a price of zero or less"),
    "high below low": (lambda: bent("high", 1.0), "has its high below its open or close"),
    "off the hour": (lambda: days(60).with_columns(pl.col("open_time") + timedelta(minutes=7)), "does not begin on a"),
    "half a day": (lambda: candles(12, start=START), "1 days of candles; the rule needs a day before"),
    "day candles": (lambda: candles(400, start=START, unit=timedelta(days=1)), "candles of 1440 minutes; the rule nee"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(told, name):
    make, said = REFUSED[name]
    with pytest.raises((BadTape, BadRequest), match=said):
        told(make())


def test_a_market_that_is_not_on_the_tape_is_refused(told):
    with pytest.raises(BadRequest, match="KRW-XRP is not on the tape; it has KRW-ETH"):
        told(days(60), market="KRW-XRP")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2022-12-01"}, "can be decided from 2023-01-01 01:00 UTC to 2023-03-02 00:00 UTC"),
        ({"last": "2025-01-01"}, "are not all on the candles"),
        ({"first": "2023-02-01", "last": "2023-01-20"}, "are not all on the candles"),
        ({"first": "2023-02-01T00:30"}, "on the hour"),
        ({"first": "yesterday"}, "is no time"),
    ],
)
def test_a_span_it_cannot_decide_is_refused_with_the_one_it_can(told, asked, said):
    with pytest.raises(BadRequest, match=said):
        told(days(60), **asked)


def test_a_weeks_gap_is_counted(told):
    week = pl.col("open_time").is_between(
        datetime(2023, 2, 1, tzinfo=UTC), datetime(2023, 2, 8, tzinfo=UTC), closed="left"
    )
    view = told(days(60).filter(~week))
    assert view["warnings"][0] == ("168 hours are missing, the longest run 168 hours from 2023-02-01 00:00 UTC")


def test_twenty_days_of_history_are_warned_about_twice(told):
    few, thin = told(days(20))["warnings"]
    assert few == "479 of 479 hours have less than a year of candles before them; the first has 1 day"
    assert thin == "479 of 479 hours have fewer than 30 trades before them: their shares say little"


def test_hours_that_are_made_of_few_minutes_are_counted(told):
    minutes = candles(3 * 1440, start=START, unit=timedelta(minutes=1))
    assert "made of less" not in "".join(told(minutes)["warnings"])
    torn = minutes.filter((pl.col("open_time") >= START + timedelta(hours=2)) | (pl.col("open_time").dt.minute() < 29))
    assert told(torn)["warnings"][0].startswith("2 hours are made of less than half of their 1-minute candles")


def test_times_without_a_zone_are_warned_about(told):
    naive = days(60).with_columns(pl.col("open_time").dt.replace_time_zone(None))
    assert "KRW-ETH.parquet: its times name no zone and are read as UTC" in told(naive)["warnings"][0]
    assert "KRW-ETH.csv: its times name no zone" in told(naive, name="KRW-ETH.csv")["warnings"][0]


def test_seouls_times_that_say_utc_are_warned_about(told):
    nights = [datetime(2023, month, 2, hour, tzinfo=UTC) for month in (1, 2) for hour in (17, 18)]
    late = days(60).filter(~pl.col("open_time").is_in(nights)).with_columns(pl.col("open_time").dt.offset_by("9h"))
    assert "these times are Seoul's, though they say UTC" in told(late)["warnings"][1]


def test_another_zone_is_the_same_moment(told):
    seoul = days(60).with_columns(pl.col("open_time").dt.convert_time_zone("Asia/Seoul"))
    assert told(seoul) == told(days(60))
    assert "zone" not in "".join(told(seoul)["warnings"])
