"""The API of a running bot, asked from this machine."""

from pathlib import Path

import httpx

from services.cli.running_bot import settings_of
from services.local.running import running
from shared.api.routes import Answer, Route, problem
from shared.api.shape import OtherShape
from shared.errors import BadRequest
from shared.settings import API_PORT


def token(data_dir: Path | None) -> str:
    """API_TOKEN, or the one that `upcycle up` made for itself."""
    settings = settings_of(data_dir)
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    made = settings.data_dir / "api_token"
    if not made.exists():
        raise BadRequest(
            "no API_TOKEN is set, and `upcycle up` has made none here; name its folder with --data-dir, or with Docker "
            "put one of at least 32 characters into .env (`upcycle init` makes one)"
        )
    return made.read_text(errors="replace").strip()


def address(api: str | None, data_dir: Path | None) -> str:
    """Where to ask: the bot that is named, else the one that runs in the data folder, else the usual place."""
    if api is not None:
        return api
    here = running(settings_of(data_dir).data_dir)
    return f"http://127.0.0.1:{here.api_port if here else API_PORT}"


def ask(api: str, route: Route[Answer], *parts: str, token: str | None = None, **query: str) -> Answer:
    """parts: of the route's address. token: where the route switches something."""
    headers = {} if token is None else {"Authorization": f"Bearer {_sendable(token)}", "X-Asked-By": "cli"}
    try:
        with httpx.Client(timeout=5, trust_env=False, headers=headers) as http:
            answer = http.request(route.method, f"{api.rstrip('/')}{route.at(*parts)}", params=query)
        if answer.is_error:
            raise BadRequest(f"{api} says no: {problem(answer.content).detail}")
        return route.read(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, OtherShape):
        raise BadRequest(
            f"no bot answers at {api}; start one with `upcycle up`, or name its address with --api"
        ) from None


def _sendable(token: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise BadRequest("API_TOKEN holds a character that no request can carry; `upcycle init` makes a good one")
    return token
