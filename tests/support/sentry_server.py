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
    status: int = 200
    heads: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was captured; an envelope is lines of JSON: about it, about the item, the item."""
        return [json.loads(envelope.split(b"\n")[2]) for envelope in list(self.envelopes)]

    def of(self, service: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["tags"]["service"] == service]


@contextmanager
def sentry_server() -> Iterator[SentryServer]:
    told = SentryServer("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.envelopes.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(told.body)), **told.heads}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="sentry")
    thread.start()
    try:
        told.dsn = f"http://publickey@127.0.0.1:{server.server_port}/1"
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
