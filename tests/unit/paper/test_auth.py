"""Upbit's token: who passes, and by which name the others are refused."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512

import pytest

from services.paper.adapters import nonces
from services.paper.core.auth import Authenticator, KeyState, body_texts, query_texts
from services.paper.core.refusal import Refusal

NOW = datetime(2025, 9, 1, tzinfo=UTC)
KEY, SECRET = "the-access-key", "a-secret-of-forty-characters-0123456789ab"


class FakeNonces(set):
    def spend(self, nonce):
        new = nonce not in self
        self.add(nonce)
        return new


class TheAuthenticator(Authenticator):
    """At a fixed time, with a key of a year."""

    def __init__(self, **state):
        super().__init__(KEY, SECRET, KeyState(expire_at=NOW + timedelta(days=1), **state), FakeNonces())

    def check(self, authorization, parameters, **given):
        super().check(authorization, parameters, **{"at": NOW, **given})


def part(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def token(claims: object, secret: str = SECRET, alg: str = "HS256") -> str:
    signed = f"{part(json.dumps({'alg': alg, 'typ': 'JWT'}).encode())}.{part(json.dumps(claims).encode())}"
    how = {"HS256": sha256, "HS512": sha512}.get(alg, sha256)
    return f"Bearer {signed}.{part(hmac.new(secret.encode(), signed.encode(), how).digest())}"


def claims(text: str = "", **more: object) -> dict[str, object]:
    hashed = {"query_hash": sha512(text.encode()).hexdigest(), "query_hash_alg": "SHA512"} if text else {}
    return {"access_key": KEY, "nonce": "n-1", **hashed, **more}


def refused(authorization: str | None, parameters=()) -> str:
    with pytest.raises(Refusal) as no:
        TheAuthenticator().check(authorization, parameters)
    assert no.value.status == 401
    return str(no.value.name)


@pytest.mark.parametrize("alg", ["HS256", "HS512"])
def test_both_algorithms_of_upbit_pass(alg):
    TheAuthenticator().check(token(claims(), alg=alg), ())


def test_the_query_is_hashed_without_its_percent_signs():
    texts = query_texts("start_time=2025-06-24T00%3A00%3A00%2B09%3A00&states[]=wait&states[]=watch")
    assert texts[0] == "start_time=2025-06-24T00:00:00+09:00&states[]=wait&states[]=watch"
    TheAuthenticator().check(token(claims(texts[0])), texts)


def test_the_body_is_hashed_pair_by_pair():
    texts = body_texts([("market", "KRW-BTC"), ("side", "bid"), ("price", "5000")])
    assert texts == ("market=KRW-BTC&side=bid&price=5000",)


@pytest.mark.parametrize(
    ("authorization", "parameters", "name"),
    [
        (None, (), "no_authorization_token"),
        ("Basic abc", (), "no_authorization_token"),
        ("Bearer abc", (), "jwt_verification"),
        ("Bearer a.b.c", (), "jwt_verification"),
        (token([1]), (), "jwt_verification"),
        (token(claims(), secret="another"), (), "jwt_verification"),
        (token(claims(), alg="none"), (), "jwt_verification"),
        (token({"access_key": KEY}), (), "jwt_verification"),
        (token(claims(access_key="another")), (), "invalid_access_key"),
        (token(claims()), ("market=KRW-BTC",), "invalid_query_payload"),
        (token(claims("market=KRW-ETH")), ("market=KRW-BTC",), "invalid_query_payload"),
        (token(claims(query_hash=["x"])), (), "invalid_query_payload"),
        (token(claims("a=1", query_hash_alg="MD5")), ("a=1",), "invalid_query_payload"),
    ],
)
def test_a_wrong_token_is_refused_by_upbits_name(authorization, parameters, name):
    assert refused(authorization, parameters) == name


def test_a_nonce_is_good_once():
    authenticator = TheAuthenticator()
    authenticator.check(token(claims()), ())
    with pytest.raises(Refusal) as no:
        authenticator.check(token(claims()), ())
    assert no.value.name == "nonce_used"


def test_a_forged_token_does_not_spend_the_nonce():
    authenticator = TheAuthenticator()
    with pytest.raises(Refusal):
        authenticator.check(token(claims(), secret="another"), ())
    authenticator.check(token(claims()), ())


def test_an_expired_key_a_strange_address_and_a_missing_permission_have_their_names():
    for authenticator, given, name in (
        (TheAuthenticator(), {"at": NOW + timedelta(days=1)}, "expired_access_key"),
        (TheAuthenticator(allowed_ips=["10.0.0.1"]), {"address": "10.0.0.2"}, "no_authorization_ip"),
        (TheAuthenticator(permissions=["view_account"]), {"needs": "make_orders"}, "out_of_scope"),
    ):
        with pytest.raises(Refusal) as no:
            authenticator.check(token(claims()), (), **given)
        assert (no.value.status, no.value.name) == (401, name)
    TheAuthenticator(allowed_ips=["10.0.0.1"], permissions=["make_orders"]).check(
        token(claims()), (), address="10.0.0.1", needs="make_orders"
    )


def test_a_used_nonce_stays_used_when_the_exchange_starts_again(tmp_path, monkeypatch):
    monkeypatch.setattr(nonces, "KEPT", 3)
    first = nonces.NonceFiles(tmp_path)
    assert [first.spend(n) for n in ("a", "b", "c", "d", "a")] == [True, True, True, True, False]
    first.close()
    again = nonces.NonceFiles(tmp_path)
    assert [again.spend(n) for n in ("a", "d", "e", "f", "g")] == [False, False, True, True, True]
    assert again.spend("a")  # forgotten after twice as many
    assert not again.spend("d")
    again.close()
