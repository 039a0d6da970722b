"""What a person must look at: dead letters, and orders of unknown outcome."""

from shared.bus.dead_letters import DROPPED
from shared.bus.namespace import dead_place
from shared.events import OrderFound
from tests.support.backend import OWNER, Running
from tests.support.builders import CYCLE, due, end, found, passed, settled
from tests.support.waiting import eventually

LATER = "KRW-ETH-20260105T0400Z"


async def bury(running: Running, slot: str, why: str) -> None:
    headers = {"why": why, "deliveries": "5", "seq": "42"}
    await running.js.publish(dead_place("analyst", passed(cycle=f"KRW-ETH-{slot}").subject), b"{}", headers=headers)


async def dead(running: Running, **query: int) -> dict:
    return (await running.api.get("/api/dead", params=query, headers=OWNER)).json()


async def test_the_dead_letters_come_newest_first_with_the_command_and_page_by_page(running):
    for n in range(3):
        await bury(running, f"20260105T0{n}00Z", f"HistoryMissing: {n}")
    page = await dead(running, limit=2)
    assert [(letter["id"], letter["reason"]) for letter in page["letters"]] == [
        (3, "HistoryMissing: 2"), (2, "HistoryMissing: 1"),
    ]  # fmt: skip
    newest = page["letters"][0]
    assert (newest["stage"], newest["cycle"], newest["seq"]) == ("analyst", "KRW-ETH-20260105T0200Z", 42)
    assert newest["retry"] == "upcycle dead retry 3"
    rest = await dead(running, limit=2, before=page["older"])
    assert ([letter["id"] for letter in rest["letters"]], rest["older"]) == ([1], None)
    assert await dead(running, before=1) == {"letters": [], "older": None}


async def test_a_letter_that_was_dropped_is_gone(running):
    await bury(running, "20260105T0300Z", "gone")
    await running.js.publish(f"{DROPPED}.1", b"{}")
    await running.js.delete_msg("DLQ", 1)
    assert (await dead(running))["letters"] == []


async def unresolved(running: Running, **query: str) -> list:
    return (await running.api.get("/api/orders/unresolved", params=query, headers=OWNER)).json()["orders"]


async def test_an_order_of_unknown_outcome_is_there_until_it_is_settled(running):
    assert await unresolved(running) == []
    await running.booked(due(), end("OrderUnresolved"), due(cycle=LATER), end("OrderUnresolved", cycle=LATER))
    told = await unresolved(running, language="en")
    assert [(order["cycle"], order["kind"], order["command"]) for order in told] == [
        (CYCLE, "unresolved", f"upcycle settle {CYCLE}"), (LATER, "unresolved", f"upcycle settle {LATER}"),
    ]  # fmt: skip
    assert told[0]["reason"]
    await running.booked(settled())
    assert [order["cycle"] for order in await unresolved(running)] == [LATER]


async def test_an_order_that_the_log_lacks_is_there_and_one_of_which_nothing_came_is_not(running):
    await running.booked(found(), found(cycle=LATER, is_open=False, executed="0"))
    (order,) = await unresolved(running)
    assert (order["cycle"], order["kind"], order["command"]) == (CYCLE, "foreign", f"upcycle adopt {CYCLE}")


async def test_a_found_order_that_nobody_can_read_is_told_all_the_same(running):
    await running.log.publish_raw(b"{", OrderFound.subject_of(CYCLE), stream="EV", headers={})
    await eventually(running.is_read)
    (order,) = await unresolved(running)
    assert (order["cycle"], order["kind"]) == (CYCLE, "foreign")
    assert order["reason"]


async def test_whoever_has_no_token_sees_neither(running):
    for address in ("/api/dead", "/api/orders/unresolved"):
        assert (await running.api.get(address)).status_code == 401
