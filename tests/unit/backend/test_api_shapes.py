"""The API's routes and shapes, which its readers share: the real backend answers each as it is read there."""

import json
from decimal import Decimal

import pytest

from services.backend.app import create_app
from shared.api import routes
from shared.api.routes import Route
from shared.api.shape import OtherShape
from shared.settings import Settings
from tests.support.backend import OWNER
from tests.support.builders import AT, CYCLE, asked, due, end, fill, missed, passed, snapshot, valued

LISTED = [told for told in vars(routes).values() if isinstance(told, Route)]
ROUTES = {(route.method, route.path): route for route in (*LISTED, *routes.SWITCH.values())}
TEXTS = {("GET", path) for path in (*routes.EXPORTS.values(), routes.METRICS)}
STREAM = ("GET", routes.STREAM.path)
APP = create_app(Settings.load(database_url="sqlite:///never_opened.db"))
QUERIES = {
    ("GET", routes.CANDLES.path): {"market": "KRW-ETH"},
    ("POST", routes.SELL.path): {"id": f"KRW-ETH-{AT:%Y%m%dT%H%M%SZ}-sale", "amount": "0.0125"},
    ("POST", routes.ASK_PANIC.path): {"sell": "true"},
}
LATER = "KRW-ETH-20260105T0400Z"
BOOKED = (due(), snapshot(), passed(), asked(), fill(), end("OrderFilled"), missed(cycle=LATER), valued())


def test_every_address_of_the_backend_has_its_shape_among_the_routes_and_no_other_has():
    told = {
        (method.upper(), path): way for path, ways in APP.openapi()["paths"].items() for method, way in ways.items()
    }
    assert told.keys() == ROUTES.keys() | TEXTS
    for name in ROUTES.keys() - {STREAM}:
        schema = told[name]["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{ROUTES[name].answer.__name__}"}, name


async def test_each_answer_of_the_real_backend_is_read_and_written_again_as_it_was(running, book_shown):
    await running.booked(*BOOKED)
    for name, route in reversed(ROUTES.items()):  # a stopped bot would refuse a pause
        if name != STREAM:
            part = {"{cycle}": CYCLE, "{trade_id}": "1", "{job}": "daily_report_job", "{market}": "KRW-ETH"}
            address = route.at(*(said for place, said in part.items() if place in route.path))
            query = QUERIES.get(name, {})
            answer = await running.api.request(route.method, address, params=query, headers=OWNER)
            assert json.loads(route.read(answer.content).model_dump_json()) == answer.json(), name


async def test_each_event_of_the_stream_is_read(running):
    await running.booked(*BOOKED)
    stream = running.app.state.backend.stream(0, "a test")
    assert (await anext(stream)).startswith(": the log")
    for seq in range(1, len(BOOKED) + 1):
        data = (await anext(stream)).partition("data: ")[2].strip()
        assert routes.STREAM.read(data.encode()).seq == seq
    await stream.aclose()


async def test_an_event_of_a_cycle_is_an_event_again_and_of_another_version_is_said_to_be(running):
    await running.booked(*BOOKED)
    detail = routes.CYCLE.read((await running.api.get(routes.CYCLE.at(CYCLE))).content)
    logged = {logged.event["kind"]: logged for logged in detail.events}
    assert logged["SignalPassed"].read() == passed()
    with pytest.raises(OtherShape, match=rf"{snapshot().subject}: this is no event of this version"):
        logged["SnapshotTaken"].read()  # without its candles


GOOD = {"krw_balance": 1, "total_value_krw": 1.5, "valued_at": "2026-01-05T12:00:00+09:00", "coins": [], "history": [],
        "realised": 0, "unrealised": 0}  # fmt: skip


def test_a_number_keeps_its_digits_and_what_a_newer_backend_adds_is_left_out():
    told = routes.PORTFOLIO.read(json.dumps(GOOD | {"krw_balance": 0.1, "more": 1}).encode())
    assert told.krw_balance == Decimal("0.1")
    assert not hasattr(told, "more")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"coins": None}, "coins"),
        ({"realised": True}, "realised"),
        ({"realised": "1e999999"}, "realised"),
        ({"realised": "NaN"}, "realised"),
        ({"valued_at": 1767582000}, "valued_at"),
        ({"valued_at": "2026-01-05T12:00:00"}, "valued_at"),
        ({"valued_at": "9999-12-31T23:00:00Z"}, "valued_at"),
        ({"valued_at": "0001-01-01T00:00:00+09:00"}, "portfolio"),
    ],
)
def test_an_answer_of_another_shape_is_named(changed, named):
    with pytest.raises(OtherShape, match=f"GET /api/portfolio.*{named}|GET /api/{named}"):
        routes.PORTFOLIO.read(json.dumps(GOOD | changed).encode())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{" * 200_000, b"\xff"])
def test_what_is_no_answer_at_all_is_named(body):
    with pytest.raises(OtherShape, match="GET /health"):
        routes.HEALTH.read(body)
