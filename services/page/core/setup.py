"""The settings, those that somebody chose before those that are as they come (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.api.settings import Setting, Settings


@dataclass(frozen=True, slots=True)
class Setup:
    chosen: Sequence[Setting]
    as_they_come: Sequence[Setting]


def sorted_out(settings: Settings) -> Setup:
    """Chosen is what is no default, what has changed, and a secret that is set."""
    chosen = [each for each in settings.settings if _is_chosen(each)]
    return Setup(chosen, [each for each in settings.settings if not _is_chosen(each)])


def _is_chosen(setting: Setting) -> bool:
    return setting.value == "set" if setting.is_secret else not setting.is_default or setting.changes > 0
