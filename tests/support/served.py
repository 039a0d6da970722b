"""An application on a free port of this machine, in a thread of its own, so that anybody can be tried against it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.local.nats_server import free_port


@contextmanager
def served(app: ASGIApp, name: str, *, date_header: bool = True, **how: Any) -> Iterator[str]:
    """Serve until the block ends, whatever still waits for an answer; gives its address. how: uvicorn's settings."""
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, date_header=date_header, lifespan="off",
        timeout_graceful_shutdown=1, **how,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name=name)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError(f"the {name} did not start")
            thread.join(0.002)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
