"""`upcycle history` on a folder nobody played in: what it takes in, what it refuses, what it finds."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import typer

from services.cli.commands import history
from services.cli.research import history_in
from services.local.nats_server import NatsServer
from services.local.running import announced
from services.paper.core.tape import BadTape
from shared.candles import SCHEMA
from shared.errors import BadRequest
from shared.history.manifest import HistoryMissing
from tests.support.builders import candles

START = datetime(2025, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with NatsServer(tmp_path_factory.mktemp("nats"), sync="2m") as server:
        yield server.url


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, broker, request):
    """A folder, and a world of its own at one broker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NATS_URL", broker)
    monkeypatch.setenv("SUBJECT_PREFIX", f"sandbox.t{abs(hash(request.node.name))}.")


def write(frame, name="KRW-ETH.parquet"):
    frame.write_csv(name) if name.endswith(".csv") else frame.write_parquet(name)
    return name


def brought(*names, zone=None, anew=False):
    history_in.import_files(list(names), zone, anew, None, None)


def found(capsys, *files, fails=False):
    capsys.readouterr()
    if fails:
        with pytest.raises(typer.Exit):
            history.check(list(files), None, True, None, None)
    else:
        history.check(list(files), None, True, None, None)
    return json.loads(capsys.readouterr().out)


def bent(column, value, row=50):
    frame = candles(20 * 24, start=START)
    return frame.with_columns(pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(column).alias(column))


def test_files_come_in_go_on_and_go_out_as_they_were(capsys):
    whole = candles(30 * 24, start=START)
    brought(write(whole.head(600)))
    brought(write(whole.tail(300)))
    history.show("KRW-ETH", True, None, None)
    shown = json.loads(capsys.readouterr().out.split("\n", 2)[2])["KRW-ETH"]
    assert [(m["name"], m["rows"]) for m in shown["months"]] == [("2025-01", 12 * 24), ("2025-02", 18 * 24)]
    assert shown["corrected"] == 0
    history.export("KRW-ETH", Path("out.parquet"), None, None)
    assert pl.read_parquet("out.parquet").equals(whole)
    assert found(capsys)["KRW-ETH"]["sound"]
    with pytest.raises(FileNotFoundError, match="nowhere"):  # which `main` makes a sentence of
        history.export("KRW-ETH", Path("nowhere/out.csv"), None, None)


def test_a_weeks_gap_is_found_and_called_ours(capsys):
    week = pl.col("open_time").is_between(START + 48 * HOUR, START + 215 * HOUR)
    brought(write(candles(30 * 24, start=START).filter(~week)))
    assert "168 are missing, upcycle history check says why" in capsys.readouterr().out
    told = found(capsys, fails=True)["KRW-ETH"]
    assert told["missing"] == [{"from": "2025-01-22T00:00Z", "hours": 168, "cause": "ours"}]


REFUSED = {
    "empty": (pl.DataFrame(schema=SCHEMA), "there is no candle in it"),
    "one candle": (candles(1, start=START), "there is one candle"),
    "a duplicate": (pl.concat([candles(9, start=START), candles(9, start=START).tail(1)]), "stands twice"),
    "disorder": (candles(9, start=START).reverse(), "is out of order"),
    "not a number": (bent("close", float("nan")), "is not a number"),
    "a null": (bent("close", None), "has a null"),
    "a negative price": (bent("low", -1.0), "has a price of zero or less"),
    "high below low": (bent("high", 1.0), "has its high below its open or close"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_candles_that_cannot_be_true_are_refused_and_check_counts_them(name, capsys):
    frame, said = REFUSED[name]
    write(frame)
    with pytest.raises(BadTape, match=said):
        brought("KRW-ETH.parquet")
    if name == "empty":
        with pytest.raises(BadTape, match=said):
            history.check(["KRW-ETH.parquet"], None, True, None, None)
    elif name != "one candle":
        told = found(capsys, "KRW-ETH.parquet", fails=True)["KRW-ETH"]
        assert said in told["impossible"]
        assert not told["sound"]


def test_times_without_a_zone_are_refused_until_one_is_named(capsys):
    naive = candles(48, start=START).with_columns(pl.col("open_time").dt.replace_time_zone(None))
    with pytest.raises(BadRequest, match="name no zone; say which they are in, with --zone UTC or --zone KST"):
        brought(write(naive))
    brought("KRW-ETH.parquet", zone="KST")
    capsys.readouterr()
    history.show("KRW-ETH", True, None, None)
    assert json.loads(capsys.readouterr().out)["KRW-ETH"]["months"][0]["first"] == "2025-01-19T15:00:00Z"


def test_a_zone_that_is_wrong_shows_against_what_lies_there():
    whole = candles(30 * 24, start=START)
    brought(write(whole))
    seoul = whole.with_columns(pl.col("open_time").dt.offset_by("9h").dt.replace_time_zone(None))
    with pytest.raises(BadRequest, match="nine hours earlier they agree: its times are Seoul's, give --zone KST"):
        brought(write(seoul, "KRW-ETH.csv"), zone="UTC")
    brought("KRW-ETH.csv", zone="KST")


def test_check_doubts_the_zone_of_a_files_times(capsys):
    nights = [datetime(2025, month, 2, hour, tzinfo=UTC) for month in (2, 3) for hour in (17, 18)]
    whole = candles(60 * 24, start=START).filter(~pl.col("open_time").is_in(nights))
    seoul = whole.with_columns(pl.col("open_time").dt.offset_by("9h"))
    (late,) = found(capsys, write(seoul), fails=True)["KRW-ETH"]["doubts"]
    assert late.endswith("these times are Seoul's, though they say UTC")
    bare = whole.with_columns(pl.col("open_time").dt.replace_time_zone(None))
    told = found(capsys, write(bare))["KRW-ETH"]
    assert (told["sound"], len(told["doubts"])) == (True, 1)
    assert "name no zone" in told["doubts"][0]


def test_check_refuses_a_file_of_words():
    write(candles(30, start=START).with_columns(close=pl.lit("x")))
    with pytest.raises(BadTape, match=r"KRW-ETH\.parquet: a column has the wrong type"):
        history.check(["KRW-ETH.parquet"], None, True, None, None)


def test_what_is_no_number_is_no_jump(capsys):
    told = found(capsys, write(bent("close", float("nan"))), fails=True)["KRW-ETH"]
    assert told["jumps"] == []


def test_another_markets_candles_are_refused_and_put_there_when_told_so(capsys):
    brought(write(candles(100, start=START)))
    other = candles(100, start=START).with_columns(pl.col("open", "high", "low", "close") * 2)
    with pytest.raises(BadRequest, match="100 differ; --anew puts the file in their place"):
        brought(write(other))
    brought("KRW-ETH.parquet", anew=True)


def test_what_is_not_there_is_said(monkeypatch):
    monkeypatch.delenv("NATS_URL")
    with pytest.raises(BadRequest, match="there is no event log"):
        history.show(None, False, None, None)
    brought(write(candles(48, start=START)))
    with pytest.raises(HistoryMissing, match="no history of KRW-XRP; fill it from the exchange: upcycle history fill"):
        history.show("KRW-XRP", False, None, None)
    with pytest.raises(BadRequest, match=r"must end in \.parquet or \.csv"):
        history.export("KRW-ETH", Path("out.txt"), None, None)
    with pytest.raises(BadRequest, match="--zone CET: allowed are UTC, KST"):
        brought("KRW-ETH.parquet", zone="CET")


def test_a_year_is_filled_from_an_exchange_and_topped_up(capsys, paper):
    for _ in range(2):
        history_in.fill(["KRW-ETH", "KRW-BTC"], 12, False, paper.url, None, None)
    said = capsys.readouterr().err
    assert "KRW-ETH: 240 hours came in 2 requests; now 240 hours from 2025-09-01 00:00 to 2025-09-10 23:00 UTC" in said
    assert "KRW-BTC: 0 hours came in 1 request;" in said
    assert found(capsys)["KRW-BTC"]["sound"]


def test_without_an_exchange_named_it_is_that_of_the_bot_that_runs_here(capsys, paper, broker, tmp_path):
    folder = tmp_path / ".upcycle"
    folder.mkdir()
    with announced(folder, broker, 0, paper.url):
        history_in.fill(["KRW-ETH"], 3, False, None, None, None)
    assert "KRW-ETH: 72 hours came in 1 request;" in capsys.readouterr().err


@pytest.fixture
def paper(tmp_path):
    from tests.support.paper_server import seat, seated

    folder = tmp_path / "paper-exchange"
    folder.mkdir()
    with seat() as at, seated(at, folder) as server:
        yield server
