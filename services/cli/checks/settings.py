"""Every setting: its value or ***, where it comes from, its default and what is allowed."""

import os
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.cli.checks.row import Row
from services.cli.envfile import allowed
from services.local.event_log import redacted as address_without_login
from shared.settings import LiveKeys, Settings

Source = Literal["environment", ".env", "default", "not read"]


@dataclass(frozen=True)
class Line:
    name: str
    value: str
    source: Source
    default: str
    allowed: str
    about: str


async def settings_rows(settings: Settings) -> list[Row]:
    """One row for what is set away from its default; the whole table is `--settings`."""
    lines = table(settings)
    given = [f"{line.name} ({line.source})" for line in lines if line.source in ("environment", ".env")]
    changed = [name for name in given if _differs(settings, name.split()[0].lower())]  # a .env may hold them all
    found = f"{len(lines)} read, set otherwise than by default: {', '.join(changed) or 'none'}"
    return [Row("settings", "ok", found)]


def _differs(settings: Settings, name: str) -> bool:
    info = Settings.model_fields.get(name)
    return info is None or getattr(settings, name) != info.default


def table(settings: Settings) -> list[Line]:
    lines = []
    for name, info in Settings.model_fields.items():
        value = getattr(settings, name)
        lines.append(
            Line(
                name.upper(),
                plain_value(info, value),
                source(name),
                plain_value(info, info.default),
                ranges(info),
                about(info),
            )
        )
    for name, info in LiveKeys.model_fields.items():
        there = "***" if source(name) != "default" else ""
        read: Source = source(name) if settings.trading_mode == "live" else "not read"
        lines.append(Line(name.upper(), there, read, "", "live only", about(info)))
    return lines


def plain_value(info: FieldInfo, value: Any) -> str:
    """Never a secret: neither one that was set nor one that is the default."""
    if value is None or value is PydanticUndefined:  # a default that depends on others
        return ""
    secret = isinstance(value, SecretStr) or SecretStr in (info.annotation, *typing.get_args(info.annotation))
    if secret:
        return "***"
    return str(value).lower() if isinstance(value, bool) else address_without_login(str(value))


def source(name: str) -> Source:
    """The environment goes before .env; an empty value is none."""
    if any(value for key, value in os.environ.items() if key.lower() == name):
        return "environment"
    file = Settings.model_config.get("env_file")
    if isinstance(file, str | Path) and Path(file).is_file():
        written = {key.lower(): value for key, value in dotenv_values(file).items()}
        if written.get(name):
            return ".env"
    return "default"


def ranges(info: FieldInfo) -> str:
    choices = [arg for arg in typing.get_args(info.annotation) if isinstance(arg, str)]
    if choices:
        return " or ".join(choices)
    if info.annotation is bool:
        return "true or false"
    return allowed(info).strip(" ()")


def about(info: FieldInfo) -> str:
    return info.description or ""
