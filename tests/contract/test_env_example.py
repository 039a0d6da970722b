"""`.env.example` is the settings table and the logins of the compose broker."""

import stat
from pathlib import Path

from services.cli import envfile
from shared.settings import LiveKeys, Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_golden_env_example_is_the_settings_table():
    import os

    if os.environ.get("UPCYCLE_GOLDEN") == "1":
        EXAMPLE.write_text(envfile.example(), encoding="utf-8")
    assert EXAMPLE.read_text(encoding="utf-8") == envfile.example()


def test_every_name_of_the_owner_is_in_it():
    text = envfile.example()
    for name in (*Settings.model_fields, *LiveKeys.model_fields):
        assert f"\n{name.upper()}=" in text


def test_the_example_loads_as_it_stands(monkeypatch):
    monkeypatch.setitem(Settings.model_config, "env_file", EXAMPLE)
    assert Settings.load() == Settings()


def test_a_new_env_holds_generated_secrets_that_only_the_owner_reads(tmp_path, monkeypatch):
    envfile.write(tmp_path / ".env")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    settings = Settings.load()
    assert len(settings.api_token.get_secret_value()) >= 32
    assert envfile.with_secrets() != envfile.with_secrets()
