"""The settings as they may be shown: never a secret, and no login within an address (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from shared.api.settings import Setting
from shared.services import EVERYBODYS_SECRETS, NAMED
from shared.settings import EXCHANGE, Settings, decides, secrets
from shared.types import UtcTime

_OWN_SECRETS = NAMED["backend"].secrets | EVERYBODYS_SECRETS
_KEYS = ("_key", "_token", "_password", "_dsn")  # hidden by their name alone, whatever the table calls them
_LOGIN = re.compile(r"(?<=//)[^/@\s]*@")
_QUERY = re.compile(r"\?\S*")


@dataclass(frozen=True)
class Change:
    """The last change of a setting in the log, and how many there were; the first tick changes nothing."""

    value: str | None
    before: str | None
    at: UtcTime
    changes: int


def settings_list(settings: Settings, log: Mapping[str, Change]) -> tuple[Setting, ...]:
    """log: by name, as the environment has it."""
    return tuple(_setting(settings, name, log.get(name.upper())) for name in type(settings).model_fields)


def _setting(settings: Settings, name: str, change: Change | None) -> Setting:
    told, value = type(settings).model_fields[name], getattr(settings, name)
    is_secret = name in secrets() or name.endswith(_KEYS) or isinstance(value, SecretStr)
    default = EXCHANGE[settings.trading_mode] if told.default is PydanticUndefined else told.default
    logged = None if is_secret else change
    return Setting(
        name=name.upper(),
        about=told.description or "",
        value=_secret(name, value, default) if is_secret else _shown(value),
        is_secret=is_secret,
        is_default=None if is_secret else value == default,
        decides=decides(name),
        used=_shown(logged.value) if logged else None,
        since=logged.at if logged else None,
        before=_shown(logged.before) if logged else None,
        changes=logged.changes if logged else 0,
    )


def _secret(name: str, value: Any, default: Any) -> str:
    """Of another process's secret its default tells nothing: it is not given to this one."""
    if name in _OWN_SECRETS or value != default:
        return "not set" if value is None else "set"
    return "unknown"


def _shown(value: Any) -> str | None:
    return None if value is None else _QUERY.sub("?…", _LOGIN.sub("…@", str(value)))
