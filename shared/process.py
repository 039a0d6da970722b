"""A service's process: its settings, its log, its server."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from shared.errors import Permanent
from shared.not_installed import not_installed
from shared.settings import PRIVATE, BadSetting, Settings

if TYPE_CHECKING:
    import uvicorn

STOP_S = 10  # a client that reads on and on holds up no end
_UNUSED = ("aiohttp", "rich")  # nats-py and structlog load them where they are installed: 13 MB of each process


def serve(name: str) -> None:
    """Run a service's process until SIGINT or SIGTERM. A wrong setting ends it with one sentence."""
    with unburdened():
        import uvicorn

        from shared.sentry import set_up_sentry
        from shared.telemetry import set_up_logs
    os.umask(PRIVATE)
    try:
        settings = Settings.load()
        set_up_logs(settings.log_level, service=name)
        set_up_sentry(settings, service=name)
        config = served(name, settings)
    except (BadSetting, Permanent) as e:
        sys.exit(f"{name}: {e}")
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(3)


def served(name: str, settings: Settings) -> "uvicorn.Config":
    """A service's app, and how it is served: its module's SERVER has more of uvicorn's settings, if it needs any.

    Raises BadSetting and Permanent with one sentence.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # on a cycle's few rows a second thread costs more than it does
    with unburdened():
        import uvicorn

        from shared.services import NAMED

        module = import_module(f"services.{name}.app")
        app = module.create_app(settings)
    how = {
        "log_config": None,
        "access_log": False,
        "timeout_graceful_shutdown": STOP_S,
        **getattr(module, "SERVER", {}),
    }
    return uvicorn.Config(app, host=settings.host, port=settings.port or NAMED[name].port, **how)


def unburdened() -> AbstractContextManager[None]:
    """Import as if what no service uses were not installed, unless somebody has loaded it before."""
    return not_installed(*(name for name in _UNUSED if name not in sys.modules))


@contextmanager
def environment(given: Mapping[str, str]) -> Iterator[None]:
    """Let this be all that is found in the environment meanwhile."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(given)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
