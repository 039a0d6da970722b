"""The bot that runs in the data folder: its settings, its broker, its exchange."""

from pathlib import Path

from services.local.running import running
from shared.settings import Settings
from shared.switch import Heartbeat

SILENT_S = 30  # the clock beats every 10 s


def settings_of(data_dir: Path | None) -> Settings:
    return Settings.load(**({} if data_dir is None else {"data_dir": data_dir}))


def running_url(settings: Settings) -> str | None:
    """The broker of the bot that runs in the data folder, else NATS_URL where it says more than its default."""
    found = running(settings.data_dir)
    if found is not None:
        return found.nats_url
    default = Settings.model_fields["nats_url"].default
    return None if settings.nats_url == default else settings.nats_url


def is_tape(beat: Heartbeat | None, settings: Settings) -> bool:
    """Whether the running clock's time is a tape's: by its own word, for this terminal's settings may be others."""
    return settings.paper_clock == "stepped" if beat is None or beat.is_tape is None else beat.is_tape


def where_it_runs(settings: Settings) -> Settings:
    """The settings with the exchange of the bot that runs in the data folder: on paper its port is its own."""
    found = running(settings.data_dir)
    url = found.upbit_base_url if found else ""
    return settings.model_copy(update={"upbit_base_url": url}) if url else settings
