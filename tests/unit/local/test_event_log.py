"""A broker's address, as people are shown it."""

import pytest

from services.local.event_log import open_log, redacted
from shared.errors import BadRequest


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("nats://owner:secret@nats:4222", "nats://owner@nats:4222"),
        ("nats://owner:se/cr:et@nats:4222", "nats://owner@nats:4222"),
        ("tls://token-of-the-broker@nats:4222", "tls://***@nats:4222"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url, told):
    assert redacted(url) == told


async def test_a_broker_that_does_not_answer_is_named_without_its_password(tmp_path):
    with pytest.raises(BadRequest, match=r"^no broker answers at nats://owner@127.0.0.1:1$"):
        async with open_log("nats://owner:secret@127.0.0.1:1", tmp_path):
            raise AssertionError("it answered")
