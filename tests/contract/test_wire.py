"""The contract on the wire: each event equals its golden JSON, and yesterday's messages can be read."""

import json

import pytest
from pydantic import ValidationError

from shared.bus.wire import Unreadable, decode, encode, must_be
from shared.events import KINDS, CycleEnded, Event, OrderSkipped, TradingDue
from shared.services import OWNER, STAGES
from shared.why.result import result
from tests.support.builders import CYCLE, decision, due, end, examples, snapshot
from tests.support.golden import FOLDER, assert_golden

EXAMPLES = examples()


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_equals_its_golden_json(kind):
    event = EXAMPLES[kind]
    # Compressed candles are bytes of a library: what they say is compared elsewhere.
    body = json.loads(event.model_dump_json())
    if "candles" in body:
        body["candles"]["arrow"] = "…"
    assert_golden(f"events/{kind}.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_comes_back_as_it_went(kind):
    event = EXAMPLES[kind]
    assert decode(encode(event), event.subject) == event
    assert encode(decode(encode(event), event.subject)) == encode(event)


def test_no_golden_event_is_left_over():
    assert {path.stem for path in (FOLDER / "events").glob("*.json")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_field_of_a_later_version_is_tolerated(kind):
    event = EXAMPLES[kind]
    later = json.loads(encode(event)) | {"added_later": 1}
    assert decode(json.dumps(later).encode(), event.subject) == event


def test_a_missing_field_is_refused_by_name():
    body = json.loads(encode(decision()))
    del body["reason_code"]
    with pytest.raises(Unreadable, match="reason_code"):
        decode(json.dumps(body).encode(), decision().subject)


def test_an_event_cannot_be_changed():
    with pytest.raises(ValidationError):
        decision().reason = "another"


def test_money_is_text_with_every_digit_and_never_a_float():
    tiny = end("OrderSkipped", amount="0.00000001")
    assert '"amount":"0.00000001"' in encode(tiny).decode()
    with pytest.raises(ValidationError, match="money is exact"):
        end("OrderSkipped", price=1.5)
    with pytest.raises(ValidationError):
        end("OrderSkipped", price="NaN")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValidationError, match="slot_at"):
        due(slot_at="2026-01-05T03:00:00")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if issubclass(KINDS[kind], CycleEnded)])
def test_what_became_of_an_order_lies_where_only_the_executor_may_say_it(kind):
    """The broker judges a login by the subject: at the clock's there lie only ends of a stage that gave up."""
    body = json.loads(encode(EXAMPLES[kind]))
    for stage in (*STAGES, OWNER):
        for by in ({}, {"by": None}, {"by": "clock"}, {"by": stage}):
            told = json.dumps(body | {"stage": stage} | by).encode()
            for sayer in set(STAGES) - {"filter", "executor"}:
                try:
                    event = decode(told, CycleEnded.places_of(CYCLE).replace("*", sayer))
                except Unreadable:
                    continue
                assert kind == "CycleFailed" or (kind == "OrderUnresolved" and sayer == "clock"), event


def test_an_end_of_an_older_version_is_read_where_it_lies():
    body = json.loads(encode(end("CycleFailed", stage="executor")))
    del body["by"]
    ended = decode(json.dumps(body).encode(), end("OrderSkipped").subject)
    assert must_be(ended, CycleEnded).stage == "executor"


def test_only_intents_and_ends_have_five_tokens():
    long = {kind for kind, event in EXAMPLES.items() if event.subject.count(".") == 4}
    assert long == {"OrderIntended"} | {kind for kind in KINDS if issubclass(KINDS[kind], CycleEnded)}


def test_an_exit_guards_cycle_has_seconds_in_its_name():
    guard = due(cycle="KRW-ETH-20261122T150312Z-exit")
    assert guard.subject.endswith(".KRW-ETH.20261122T150312Z-exit")
    with pytest.raises(ValidationError, match="cycle"):
        due(cycle="KRW-ETH-2026")


def test_candles_ride_as_one_compressed_frame(tmp_path):
    event = snapshot()
    window = event.candles.window("KRW-ETH", 60)
    assert len(window) == 40
    assert window.close[-1] == 4_040_000.0
    assert len(event.candles.window("KRW-ETH", 15)) == 0
    assert event.candles.windows[1].absent == "the tape has no 15-minute candles"


def test_the_result_is_the_owners():
    assert result(end("OrderFilled")) == {
        "status": "success",
        "decision": "buy",
        "confidence": "high",
        "reason": "RSI 과매도 구간 진입",
        "reason_code": "ORDERFILLED",
        "price": 4000000.0,
        "amount": 0.0125,
        "total": 50000.0,
    }


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("CycleRejected", "success"),
        ("OrderFilled", "success"),
        ("OrderSkipped", "success"),
        ("OrderDenied", "success"),
        ("OrderRejected", "failed"),
        ("OrderUnresolved", "failed"),
        ("CycleFailed", "failed"),
    ],
)
def test_which_ends_are_a_success(kind, status):
    assert result(end(kind))["status"] == status


def test_a_tick_carries_no_secret_and_every_deciding_setting():
    from shared.settings import Settings

    settings = Settings.load(api_token="x" * 40, telegram_bot_token="1:abc")
    told = str(settings.deciding())
    assert "x" * 40 not in told
    assert "1:abc" not in told
    assert "GATE_WIN_RATE_MIN" in settings.deciding()
    assert "NATS_URL" not in settings.deciding()
    assert settings.digest() != Settings.load(breakout_k=0.4).digest()
    assert settings.digest() == Settings.load(port=9999).digest()


def test_kinds_stand_in_pipeline_order():
    assert list(KINDS)[:3] == [TradingDue.__name__, "CycleMissed", "SaleDue"]
    assert issubclass(OrderSkipped, CycleEnded)


def test_no_kind_of_event_is_forgotten():
    def kinds(cls):
        ours = [sub for sub in cls.__subclasses__() if sub.__module__.startswith("shared.events")]
        own = [cls.__name__] if "kind" in cls.__annotations__ and cls is not Event else []
        return own + [kind for sub in ours for kind in kinds(sub)]

    assert sorted(kinds(Event)) == sorted(KINDS)
