"""Old and new side by side: what an older event did not say, and which newer one stops its reader."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from services.executor.adapters.journal import BadJournal, Journal
from services.executor.core.journal_lines import Paused
from shared.bus import wire
from shared.bus.wire import Unreadable, decode, encode
from shared.errors import Newer
from shared.events import KINDS, OrderIntended, TradingDue
from tests.support.builders import AT, CYCLE, examples, intent

EXAMPLES = examples()


def body_of(event, **changes):
    return json.dumps(json.loads(encode(event)) | changes).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_says_the_number_of_its_kind(kind):
    event = EXAMPLES[kind]
    assert json.loads(encode(event))["schema_number"] == event.known_schema()


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_from_before_there_were_numbers_is_read_as_the_first(kind):
    event = EXAMPLES[kind]
    old = json.loads(encode(event))
    del old["schema_number"]
    assert decode(json.dumps(old).encode(), event.subject).schema_number == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_event_stops_its_reader_whatever_else_has_changed(kind):
    event, number = EXAMPLES[kind], EXAMPLES[kind].known_schema() + 1
    later = f"holds '{kind}' of schema {number}.*at most; upgrade this service"
    with pytest.raises(Newer, match=later):
        decode(body_of(event, schema_number=number, decides_money="1.5"), event.subject)
    bare = json.dumps({"kind": kind, "schema_number": number}).encode()  # of this version not one field is left
    with pytest.raises(Newer, match=later):
        decode(bare, event.subject)


def test_a_kind_that_this_service_does_not_know_stops_it():
    with pytest.raises(Newer, match="'NotYetMade' of schema 1, and this service knows no such event; upgrade"):
        decode(body_of(intent(), kind="NotYetMade"), intent().subject)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"7", b'"TradingDue"', b"\xff\xfe", b"[" * 5000,
        b'{"kind": "NotYetMade"}',  # every newer version says its number
        b'{"kind": "NotYetMade", "schema_number": "two"}',
        b'{"kind": 7, "schema_number": 2}',
        b'{"kind": "OrderIntended", "schema_number": 0}',
        b'{"kind": "OrderIntended", "schema_number": 1}',
    ],
)  # fmt: skip
def test_rubbish_is_no_newer_event(body):
    with pytest.raises(Unreadable):
        decode(body, TradingDue.subject_of(CYCLE))


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_nothing_raw_comes_out_of_any_bytes(body):
    with pytest.raises((Unreadable, Newer)):
        decode(body, TradingDue.subject_of(CYCLE))


def reads_as(monkeypatch, known):
    """Let this process know these kinds, and no others."""
    monkeypatch.setattr(wire, "KINDS", known)
    wire._adapter.cache_clear()
    monkeypatch.setattr(wire, "_adapter", wire._adapter.__wrapped__)


def test_of_the_same_number_a_field_less_is_readable_and_of_a_higher_one_it_is_not(monkeypatch):
    today = intent()
    fields = {name: (field.annotation, field) for name, field in OrderIntended.model_fields.items() if name != "books"}
    older = create_model("OlderIntent", __module__=__name__, __base__=type(today).__mro__[1], **fields)
    for law in ("SUBJECT", "ONCE"):
        setattr(older, law, getattr(OrderIntended, law))
    reads_as(monkeypatch, {"OrderIntended": older, "TradingDue": KINDS["TradingDue"]})
    read = decode(encode(today), today.subject)
    assert (read.model_dump()["funds"], hasattr(read, "books")) == (today.funds, False)
    with pytest.raises(Newer):
        decode(body_of(today, schema_number=2), today.subject)


def test_one_kind_less_stops_where_that_kind_lies_and_nowhere_else(monkeypatch):
    reads_as(monkeypatch, {kind: cls for kind, cls in KINDS.items() if kind != "OrderSettled"})
    for kind, event in EXAMPLES.items():
        if kind == "OrderSettled":
            with pytest.raises(Newer, match="knows no such event"):
                decode(encode(event), event.subject)
        else:
            assert decode(encode(event), event.subject) == event


def test_a_service_that_knows_more_reads_an_old_event_as_the_first_of_its_kind(monkeypatch):
    class OrderIntended2(OrderIntended):
        schema_number: int = 2

    reads_as(monkeypatch, {"OrderIntended": OrderIntended2, "TradingDue": KINDS["TradingDue"]})
    old = json.loads(encode(intent()))
    del old["schema_number"]
    assert decode(json.dumps(old).encode(), intent().subject).schema_number == 1
    assert decode(body_of(intent(), schema_number=2), intent().subject).schema_number == 2


def test_a_newer_line_in_the_journal_stops_and_is_no_reason_to_move_the_file_away(tmp_path):
    journal = Journal(tmp_path)
    journal.write(Paused(by="owner", at=AT), intent())
    assert list(journal.read().open) == [intent().cycle]
    with journal.path.open("ab") as file:
        file.write(body_of(intent(), schema_number=2) + b"\n")
    with pytest.raises(Newer, match=r"journal\.jsonl: holds 'OrderIntended' of schema 2.*upgrade this service"):
        journal.read()
    journal.path.write_bytes(b'{"kind": "Strange"}\n')
    with pytest.raises(BadJournal, match="no journal of an executor"):
        journal.read()
