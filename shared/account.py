"""Whose money: the account that TRADING_MODE names. The only place where paper and live part.

Everything behind it (adapters, checks, processes) takes what stands in `Account` and asks no further.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from shared.settings import EXCHANGE, BadSetting, LiveKeys, Settings, TradingMode

PROOFS = ("clock", "key", "withdrawal", "order")


@dataclass(frozen=True)
class Account:
    """Where it is and what opens it.

    proofs: what must have been seen of it before an order may leave.
    processes: our own services it needs. environment: what a process that opens it must find there beside the settings.
    """

    mode: TradingMode
    base_url: str
    access_key: str = field(repr=False)
    secret_key: SecretStr
    proofs: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def open_account(settings: Settings) -> Account:
    """Raises BadSetting where a key is missing, or where paper would talk to the real exchange."""
    url = settings.upbit_base_url
    if settings.trading_mode == "live":
        keys = LiveKeys.load()
        access, secret = keys.upbit_access_key.get_secret_value(), keys.upbit_secret_key
        environment = {"UPBIT_ACCESS_KEY": access, "UPBIT_SECRET_KEY": secret.get_secret_value()}
        return Account("live", url, access, secret, proofs=PROOFS, environment=environment)
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host.endswith("upbit.com"):
        raise BadSetting(
            f"UPBIT_BASE_URL: {host} is the real exchange; in paper mode it must be the paper exchange, "
            f"such as {EXCHANGE['paper']}"
        )
    return Account("paper", url, settings.paper_access_key, settings.paper_secret_key, processes=("paper",))
