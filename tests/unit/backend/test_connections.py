"""Connections that only take a place keep nobody out; real sockets."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.backend.adapters import connections
from services.backend.adapters.connections import Connection
from tests.support.served import served

PATIENT_S = 20  # of the test itself


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(connections, "HEADER_S", 0.2)
    monkeypatch.setattr(connections, "MOST", 5)

    async def hello(_):
        return PlainTextResponse("hello")

    with served(Starlette(routes=[Route("/", hello)]), "API", http=Connection) as url:
        yield url


def opened(url: str) -> socket.socket:
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=PATIENT_S)


def is_closed(connection: socket.socket) -> bool:
    """Wait for the other side to hang up."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_who_says_nothing_is_hung_up_on(address):
    with opened(address) as silent:
        assert is_closed(silent)


def test_a_request_that_drips_in_is_hung_up_on_whatever_it_sends(address):
    with opened(address) as slow:
        slow.settimeout(0.02)
        slow.sendall(b"GET / HTTP/1.1\r\n")
        closed = False
        for n in range(1000):
            try:
                slow.sendall(b"X-%d: y\r\n" % n)
                closed = slow.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                closed = True
            if closed:
                break
        assert closed


def test_a_second_request_on_a_kept_connection_may_not_drip_either(address):
    with opened(address) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        told = b""
        while not told.endswith(b"hello"):
            told += kept.recv(4096)
        kept.sendall(b"GET / HT")
        assert is_closed(kept)


def test_however_many_take_a_place_the_newest_gets_in(address, monkeypatch):
    monkeypatch.setattr(connections, "HEADER_S", PATIENT_S)
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(opened(address))
        assert httpx.get(address, timeout=PATIENT_S, trust_env=False).text == "hello"
