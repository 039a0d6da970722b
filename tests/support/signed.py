"""Requests as Upbit wants them signed, made by hand: nothing of the code under test is used."""

from collections.abc import Iterable, Mapping
from hashlib import sha512
from typing import Any
from uuid import uuid4

import httpx
import jwt

from tests.support.paper_server import PaperServer

Pairs = Mapping[str, str] | Iterable[tuple[str, str]]


def token(paper: PaperServer, text: str = "", **claims: Any) -> str:
    """The Authorization header; text: the parameters un-encoded, joined with &. `claims` win."""
    hashed = {"query_hash": sha512(text.encode()).hexdigest(), "query_hash_alg": "SHA512"} if text else {}
    payload = {"access_key": paper.access_key, "nonce": str(uuid4()), **hashed, **claims}
    return f"Bearer {jwt.encode(payload, paper.secret_key, algorithm='HS256')}"


# verify=False: no certificates are read for addresses that have none, which costs more than the request.


def ask(paper: PaperServer, method: str, path: str, given: Pairs = ()) -> httpx.Response:
    """Send one signed request: POST as JSON, all others with a query."""
    pairs = list(given.items() if isinstance(given, Mapping) else given)
    headers = {"Authorization": token(paper, "&".join(f"{name}={value}" for name, value in pairs))}
    if method == "POST":
        return httpx.post(paper.url + path, json=dict(pairs), headers=headers, verify=False)
    return httpx.request(method, paper.url + path, params=pairs or None, headers=headers, verify=False)
