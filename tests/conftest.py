"""No inherited settings or secrets, and the real data where it is."""

import os
from pathlib import Path

import pytest

from shared.settings import LiveKeys, Settings

DATA = Path(os.environ.get("UPCYCLE_DATA_DIR", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path_factory):
    """No setting of this machine reaches a test, and no `.env` of this folder."""
    for name in (*Settings.model_fields, *LiveKeys.model_fields):
        monkeypatch.delenv(name.upper(), raising=False)
    for table in (Settings, LiveKeys):
        monkeypatch.setitem(table.model_config, "env_file", None)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The recorded market data that is not part of the project."""
    if not (DATA / "candles").is_dir():
        pytest.skip(f"no recorded data in {DATA}; set UPCYCLE_DATA_DIR to its folder")
    return DATA
