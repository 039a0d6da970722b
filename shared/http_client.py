"""Clients of HTTP: how requests leave this process, and the one place that knows of proxies.

Straight, whatever the environment says, go all to this machine and its neighbours (backend, broker, paper exchange),
and all to Upbit: nobody may stand between an order and its answer. The owner's proxy (HTTP_PROXY, HTTPS_PROXY,
ALL_PROXY, NO_PROXY) carries what else goes out: the model, Telegram, the sentiment index, the heartbeat, Sentry.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import httpx
import structlog

from shared.upbit_bounded import BoundedTransport

log = structlog.get_logger("outside")


def direct_client(*, transport: httpx.AsyncBaseTransport | None = None, **given: Any) -> httpx.AsyncClient:
    """A client that no proxy of the environment diverts."""
    return httpx.AsyncClient(
        trust_env=False, transport=BoundedTransport(transport or httpx.AsyncHTTPTransport()), **given
    )


def streaming_client(**given: Any) -> httpx.AsyncClient:
    """A client for an answer that never ends: a neighbour's event stream, read line by line."""
    return httpx.AsyncClient(trust_env=False, **given)


def proxied_client(url: str, *, transport: httpx.AsyncBaseTransport | None = None, **given: Any) -> httpx.AsyncClient:
    """A client for an address outside, by the owner's proxy where he has one for it."""
    return direct_client(transport=transport or httpx.AsyncHTTPTransport(proxy=proxy_for(url)), **given)


def proxy_for(url: str) -> str | None:
    """The owner's proxy for an address; None: straight. One that cannot be used is told and left out."""
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname or ""
    given = getproxies_environment()
    if is_near(host) or proxy_bypass(host):
        return None
    name = scheme if scheme in given else "all"
    proxy = given.get(name, "")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(proxy)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its port is no number
        fine = False
    if not fine:
        log.warning("a proxy that cannot be used is left out", setting=f"{name.upper()}_PROXY", to=host,
                    use="http://HOST:PORT or https://HOST:PORT")  # fmt: skip
        return None
    return proxy


def is_near(host: str) -> bool:
    """Whether it is this machine, or a neighbour that only this network's names know."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host == "localhost" or host.endswith((".localhost", ".internal"))
    return address.is_loopback or address.is_link_local or address.is_unspecified
