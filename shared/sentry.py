"""Errors to Sentry, where it is switched on: each line of the log at ERROR or worse, with its exception and its cycle.

Nothing else leaves: no local variables, no requests, no arguments, no breadcrumbs; every secret is blotted out.
"""

import logging
from collections.abc import Iterable
from typing import Any

import structlog
from pydantic import SecretStr

from shared.http_client import proxy_for
from shared.settings import BadSetting, Settings
from shared.telemetry import hidden

_TAGS = ("service", "cycle", "stage", "got")
_SHORT = 8  # a secret shorter than that would blot out ordinary words


def set_up_sentry(settings: Settings, *, service: str) -> None:
    """Listen to the log. Raises BadSetting; without SENTRY_ENABLED nothing is even imported."""
    if not settings.sentry_enabled:
        return
    if settings.sentry_dsn is None:
        raise BadSetting("SENTRY_DSN: is not set; SENTRY_ENABLED=true needs it, from Sentry's project settings")
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.utils import BadDsn

    secrets = tuple(sorted(_secrets(settings), key=len, reverse=True))
    dsn = settings.sentry_dsn.get_secret_value()
    try:
        proxy = proxy_for(dsn) or ""  # "": none, whatever the environment says
        sentry_sdk.init(
            dsn=dsn,
            environment=settings.sentry_environment,
            server_name=service,
            # Its own listeners would send what they find: arguments, requests, a breadcrumb for each line.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[AtexitIntegration(callback=lambda *_: None), ExcepthookIntegration(), DedupeIntegration()],
            include_local_variables=False,
            # send_default_pii is False unless it is named, and naming it is deprecated
            send_client_reports=False,
            http_proxy=proxy,
            https_proxy=proxy,
            auto_session_tracking=False,
            max_breadcrumbs=0,
            before_send=lambda event, _: _blotted(event, secrets),
        )
    except (BadDsn, ValueError):
        raise BadSetting("SENTRY_DSN: is no DSN; one looks like https://KEY@HOST/PROJECT") from None
    logging.getLogger().addHandler(_ToSentry(service))


class _ToSentry(logging.Handler):
    def __init__(self, service: str) -> None:
        super().__init__(logging.ERROR)
        self._service = service

    def emit(self, record: logging.LogRecord) -> None:
        import sentry_sdk
        from sentry_sdk.utils import event_from_exception

        if record.name.startswith("sentry_sdk"):
            return  # its own trouble, told to itself
        said: dict[str, Any] = dict(record.msg) if isinstance(record.msg, dict) else _foreign(record)
        fault = said.pop("exc_info", None)
        event: dict[str, Any] = {}
        hint: dict[str, Any] = {}
        if isinstance(fault, BaseException | tuple) and fault != (None, None, None):
            options = sentry_sdk.get_client().options
            event, hint = event_from_exception(fault, client_options=options)  # type: ignore[assignment]
        event |= {"level": record.levelname.lower(), "logger": record.name}
        event["logentry"] = {"message": str(said.pop("event", ""))}
        event["tags"] = {"service": self._service} | {name: str(said[name]) for name in _TAGS if said.get(name)}
        event["contexts"] = {"log": {name: str(value) for name, value in said.items() if not name.startswith("_")}}
        sentry_sdk.capture_event(event, hint)  # type: ignore[arg-type]
        if record.levelno >= logging.CRITICAL:
            sentry_sdk.flush(2)  # the process ends at once after such a line


def _foreign(record: logging.LogRecord) -> dict[str, Any]:
    """A line of a library's."""
    about = structlog.contextvars.get_contextvars()
    return {"event": record.getMessage(), "exc_info": record.exc_info, **about}


def _secrets(settings: Settings) -> Iterable[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and len(value.get_secret_value()) >= _SHORT:
            yield value.get_secret_value()


def _blotted(found: Any, secrets: tuple[str, ...]) -> Any:
    """Everything as it was, but no secret in any text of it."""
    if isinstance(found, str):
        for secret in secrets:
            found = found.replace(secret, "***")
        return hidden(found)
    if isinstance(found, dict):
        return {_blotted(key, secrets): _blotted(value, secrets) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_blotted(value, secrets) for value in found]
    return found
