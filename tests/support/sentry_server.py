"""A server that takes Sentry's envelopes; on a free port, in a thread of its own."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class SentryServer:
    dsn: str
    envelopes: list[bytes] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was captured; an envelope is lines of JSON: about it, about the item, the item."""
        return [json.loads(envelope.split(b"\n")[2]) for envelope in list(self.envelopes)]

    def of(self, service: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["tags"]["service"] == service]


@contextmanager
def sentry_server() -> Iterator[SentryServer]:
    found: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="sentry")
    thread.start()
    try:
        yield SentryServer(f"http://publickey@127.0.0.1:{server.server_port}/1", found)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
