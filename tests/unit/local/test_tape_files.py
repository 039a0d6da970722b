"""PAPER_TAPE, made to be read from another folder."""

from services.local.tape_files import absolute


def test_a_tapes_files_are_found_from_another_folder_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.csv").touch()
    here = f"{tmp_path}/eth.parquet,KRW-BTC={tmp_path}/btc.csv,{tmp_path}/a=b.csv"
    assert absolute("eth.parquet, KRW-BTC=btc.csv,a=b.csv") == here
    assert absolute(here) == here


def test_live_quotes_are_no_file():
    assert absolute("upbit") == "upbit"
    assert absolute("") == ""
