"""What the API says of why: the story of a cycle, and the hours that were missed."""

from datetime import timedelta

import pytest

from shared.bus.namespace import dead_place
from shared.clock import SystemClock
from shared.events import Event
from shared.types import cycle_id
from tests.support.builders import CYCLE, decision, due, end, missed, passed, snapshot

CHAIN: tuple[Event, ...] = (due(), snapshot(), passed(), decision(), end("OrderSkipped"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "거래 안 함: 분석가가 관망 판단"),
        ("?language=en", "no trade: the analyst said hold"),
        ("?language=ko", "본 것"),
    ],
)
async def test_a_cycle_tells_why_in_the_language_asked_for(running, query, said):
    await running.booked(*CHAIN)
    cycle = (await running.api.get(f"/api/cycles/{CYCLE}{query}")).json()
    assert said in cycle["why"]
    assert len(cycle["events"]) == len(CHAIN)


async def test_a_language_nobody_speaks_here_is_refused(running):
    assert (await running.api.get(f"/api/cycles/{CYCLE}?language=fr")).status_code == 422


async def test_a_dead_letter_is_part_of_the_story(running):
    await running.booked(due(), end("CycleFailed"))
    headers = {"why": "HistoryMissing: gone", "deliveries": "1"}
    await running.js.publish(dead_place("collector", due().subject), b"{}", headers=headers)
    cycle = (await running.api.get(f"/api/cycles/{CYCLE}?language=en")).json()
    assert "put aside as dead letter 1 (tries: 1): HistoryMissing: gone" in cycle["why"]


async def test_status_names_each_missed_hour_and_its_cause(running):
    hour = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    late, unseen, done = (cycle_id("KRW-ETH", hour - timedelta(hours=n)) for n in (5, 4, 3))
    await running.booked(
        missed(cycle=late),
        due(cycle=done), end("OrderSkipped", cycle=done),
    )  # fmt: skip
    found = (await running.api.get("/api/bot/status")).json()["missed"]
    assert [(slot["cycle"], slot["cause"]) for slot in found[:2]] == [(late, "late"), (unseen, "no_clock")]
    assert (found[0]["detail"], found[0]["reason_code"]) == ("240초 늦음", "LATE_START")
    assert found[0]["figures"] == [{"name": "late", "value": "240", "unit": "seconds"}]
    assert done not in {slot["cycle"] for slot in found}
