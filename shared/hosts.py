"""By which names the API and the page may be called: a web page elsewhere must not read along.

DNS rebinding lets a page of evil.example have the browser of its visitor call 127.0.0.1 under its own name. Numbers and
names without a dot (localhost, compose's backend) cannot be such a page's; any other name must be in API_HOSTS.
"""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SAID = "the bot is not called by that name; whoever put it behind one names it in API_HOSTS"


def _plain(_: str, said: str) -> ASGIApp:
    return PlainTextResponse(said, 421)


class TrustedHosts:
    """names: those with a dot that are its own, with commas. refuse: how a refusal of a path looks."""

    def __init__(self, app: ASGIApp, names: str, refuse: Callable[[str, str], ASGIApp] = _plain) -> None:
        self._app, self._refuse = app, refuse
        self._names = tuple(name.strip().lower() for name in names.split(","))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1")
        if scope["type"] != "http" or is_known(host, self._names):
            await self._app(scope, receive, send)
        else:
            await self._refuse(scope["path"], _SAID)(scope, receive, send)


def is_known(host: str, names: tuple[str, ...]) -> bool:
    """Whether a Host header, port and all, is a number, a name without a dot, or one of the names."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return ("." not in name.removesuffix(".localhost") and ":" not in name) or name in names or _is_number(name)


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
