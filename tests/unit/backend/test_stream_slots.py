"""Places at the event stream: nobody can take them all, and the owner's are his."""

from services.backend.core.stream_slots import OWNER, StreamSlots


def taken(places: StreamSlots, client: str, times: int) -> list[bool]:
    return [places.take(client) is None for _ in range(times)]


def test_a_client_takes_its_share_and_no_more():
    places = StreamSlots(most=50, each=10)
    assert taken(places, "127.0.0.1", 12) == [True] * 10 + [False] * 2
    assert taken(places, "10.0.0.2", 1) == [True]


def test_strangers_leave_the_owners_places_free():
    places = StreamSlots(most=50, each=10)
    assert all(all(taken(places, f"10.0.0.{n}", 10)) for n in range(4))
    assert taken(places, "10.0.0.9", 1) == [False]
    assert taken(places, OWNER, 11) == [True] * 10 + [False]


def test_a_place_that_is_left_is_free_again():
    places = StreamSlots(most=3, each=1)
    assert taken(places, "one", 2) == [True, False]
    places.leave("one")
    assert taken(places, "one", 1) == [True]


def test_who_finds_no_place_is_told_why():
    places = StreamSlots(most=2, each=1)
    places.take("one")
    assert places.take("one") == "one listens 1 times already, and no client may more often"
    assert places.take("two") == "1 readers listen already; the other places are for whoever has API_TOKEN"
