"""What a person asks for, read or refused."""

from datetime import UTC, datetime

import pytest

from services.cli.asked import BadRequest, moment, tape_from_here
from services.cli.machine.folder import held, keep_apart


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2024-12-03T14:00Z", 14), ("2024-12-03T14:00", 14), ("2024-12-03T14:00+09:00", 5), ("2024-12-03", 0)],
)
def test_a_time_without_a_zone_is_utc(text, hour):
    assert moment(text) == datetime(2024, 12, 3, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", "14:00", "2024-13-01"])
def test_what_is_no_time_is_named_with_an_example(text):
    with pytest.raises(BadRequest, match=f"{text!r} is no time; write it as 2024-12-03T13:00Z"):
        moment(text)


def test_a_tapes_files_are_found_from_another_folder_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.csv").touch()
    here = f"{tmp_path}/eth.parquet,KRW-BTC={tmp_path}/btc.csv,{tmp_path}/a=b.csv"
    assert tape_from_here("eth.parquet, KRW-BTC=btc.csv,a=b.csv") == here
    assert tape_from_here(here) == here


def test_live_quotes_are_no_file():
    assert tape_from_here("upbit") == "upbit"
    assert tape_from_here("") == ""


def test_a_folder_is_made_and_held_by_one_at_a_time(tmp_path):
    folder = tmp_path / "new" / "data"
    with held(folder) as where:
        assert where == folder
        with pytest.raises(BadRequest, match="another upcycle runs in"), held(folder):
            pass
    with held(folder):
        assert folder.is_dir()


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()
    where = r"the data folder .*/file/data cannot be written \(Not a directory\)"
    with pytest.raises(BadRequest, match=where), held(tmp_path / "file" / "data"):
        pass


def test_a_folder_belongs_to_paper_or_to_real_money_for_good(tmp_path):
    keep_apart(tmp_path, "live")
    keep_apart(tmp_path, "live")
    with pytest.raises(BadRequest, match=r"belongs to live trading.*choose another folder"):
        keep_apart(tmp_path, "paper")


def test_a_folder_that_traded_before_folders_said_so_is_a_paper_one(tmp_path):
    (tmp_path / "nats").mkdir()
    with pytest.raises(BadRequest, match="belongs to paper trading"):
        keep_apart(tmp_path, "live")
    keep_apart(tmp_path, "paper")
