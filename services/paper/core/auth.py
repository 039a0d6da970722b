"""Who may ask: Upbit's token, checked as Upbit checks it (pure)."""

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256, sha512
from typing import Any, Literal, Protocol
from urllib.parse import unquote, unquote_plus

from pydantic import BaseModel, ConfigDict

from services.paper.core.refusal import Refusal
from shared.types import UtcTime

ALGORITHMS = {"HS256": sha256, "HS512": sha512}
Permission = Literal["view_account", "view_orders", "make_orders"]


class KeyState(BaseModel):
    """What may happen to a key. `allowed_ips` empty: any address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expire_at: UtcTime
    allowed_ips: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset(("view_account", "view_orders", "make_orders"))


class Nonces(Protocol):
    def spend(self, nonce: str) -> bool:
        """Say whether it is new, and remember it."""
        ...


class Authenticator:
    """Checks what is signed with one key pair. Not PyJWT: it warns about HS512 with Upbit's 40-character secrets."""

    def __init__(self, access_key: str, secret_key: str, state: KeyState, nonces: Nonces) -> None:
        self.access_key, self._secret = access_key, secret_key.encode()
        self.state, self._nonces = state, nonces

    def check(
        self,
        authorization: str | None,
        parameters: Sequence[str],
        *,
        at: datetime,
        address: str = "",
        needs: Permission | None = None,
    ) -> None:
        """Let the request pass or raise Refusal 401.

        parameters: the texts whose hash is right; empty if the request has none. address: the caller's.
        """
        claims = self.claims(authorization)
        self._check_hash(claims, parameters)
        self._spend(claims.get("nonce"))
        if at >= self.state.expire_at:
            raise Refusal(401, "expired_access_key", "This access key has expired.")
        if self.state.allowed_ips and address not in self.state.allowed_ips:
            raise Refusal(401, "no_authorization_ip", "This is not a verified IP.")
        if needs is not None and needs not in self.state.permissions:
            raise Refusal(401, "out_of_scope", f"This access key lacks the permission {needs}.")

    def claims(self, authorization: str | None) -> dict[str, Any]:
        """What a genuine token says; it can be asked before the parameters are read. Raises Refusal 401."""
        if not authorization or not authorization.startswith("Bearer "):
            raise Refusal(401, "no_authorization_token", "The Authorization header with the token is missing.")
        claims, genuine = self._read(authorization.removeprefix("Bearer ").strip())
        if claims.get("access_key") != self.access_key:
            raise Refusal(401, "invalid_access_key", "This access key is not known.")
        if not genuine:
            raise _unverified()
        return claims

    def _read(self, token: str) -> tuple[dict[str, Any], bool]:
        """The claims, and whether the signature is ours."""
        try:
            signed, _, signature = token.rpartition(".")
            head, _, body = signed.partition(".")
            header, claims, given = json.loads(_decoded(head)), json.loads(_decoded(body)), _decoded(signature)
        except (ValueError, RecursionError) as e:
            raise _unverified() from e
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise _unverified()
        algorithm = ALGORITHMS.get(str(header.get("alg")))
        if algorithm is None:
            raise _unverified()
        return claims, hmac.compare_digest(hmac.new(self._secret, signed.encode(), algorithm).digest(), given)

    def _check_hash(self, claims: dict[str, Any], parameters: Sequence[str]) -> None:
        given = claims.get("query_hash")
        if not parameters and given is None:
            return
        right = {sha512(text.encode(errors="replace")).hexdigest() for text in parameters}
        if not isinstance(given, str) or given not in right or claims.get("query_hash_alg", "SHA512") != "SHA512":
            raise Refusal(401, "invalid_query_payload", "The query_hash does not fit the parameters.")

    def _spend(self, nonce: object) -> None:
        if not isinstance(nonce, str) or not 0 < len(nonce) <= 128 or not nonce.isprintable():
            raise _unverified()
        if not self._nonces.spend(nonce):
            raise Refusal(401, "nonce_used", "This nonce has been used before.")


def _unverified() -> Refusal:
    return Refusal(401, "jwt_verification", "The token could not be verified.")


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def query_texts(raw: str) -> tuple[str, ...]:
    """The hashed text of a query: as it was sent, without the percent signs.

    A space may have travelled as a plus; clients hash it either way.
    """
    return (unquote(raw), unquote_plus(raw)) if raw else ()


def body_texts(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    text = "&".join(f"{key}={value}" for key, value in pairs)
    return (text,) if text else ()
