"""`.env.example`, made from the settings table; and a `.env` with generated secrets."""

import secrets
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from infra.nats.users import USERS, new_password, variable
from shared.settings import LiveKeys, Settings

_GENERATED = ("api_token", "postgres_password", "paper_admin_token", "paper_secret_key")


def example() -> str:
    """Every setting with what it is and its default; the keys to real money left empty."""
    lines = [
        "# Made from the table in shared/settings.py by `make golden`; copy it to .env, or run `upcycle init`.",
        "",
    ]
    for name, info in Settings.model_fields.items():
        lines += [f"# {info.description}{allowed(info)}", f"{name.upper()}={_default(info)}", ""]
    lines += ["# Keys to real money: read only with TRADING_MODE=live", ""]
    for name, info in LiveKeys.model_fields.items():
        lines += [f"# {info.description}", f"{name.upper()}=", ""]
    lines += ["# Logins of the compose broker, one for each service; infra/nats/users.py says who may do what", ""]
    lines += [f"{variable(user)}={user}_password" for user in USERS]
    return "\n".join(lines).rstrip() + "\n"


def with_secrets() -> str:
    """The example with each secret that guards this machine's own services generated."""
    text = example()
    for name in _GENERATED:
        key = f"{name.upper()}="
        text = "\n".join(key + secrets.token_urlsafe(32) if row.startswith(key) else row for row in text.split("\n"))
    for user in USERS:
        text = text.replace(f"{variable(user)}={user}_password", f"{variable(user)}={new_password()}")
    return text


def write(path: Path) -> None:
    """Write a new `.env` that only its owner can read. Raises FileExistsError."""
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(with_secrets())


def _default(info: FieldInfo) -> str:
    value: Any = info.default
    if value is None or info.default_factory is not None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def allowed(info: FieldInfo) -> str:
    """The range of a number, as the table states it."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    rules = [
        f"{words[k]} {getattr(rule, k)}" for rule in info.metadata for k in words if getattr(rule, k, None) is not None
    ]
    return f" ({', '.join(rules)})" if rules else ""
