from datetime import timedelta

import pytest

from shared.reach import Reach, is_accepted, lost_since
from tests.support.builders import AT

KEPT = Reach(created=AT, last=60, stamp="mine", fill="KRW-ETH-20260105T0300Z")


def found(**changes):
    return Reach(**{"created": AT, "last": 60, "stamp": "mine", "fill": KEPT.fill} | changes)


@pytest.mark.parametrize("now", [found(), found(last=61), found(stamp=""), found(fill="KRW-ETH-20260105T0400Z")])
def test_a_log_that_has_grown_or_stands_still_has_lost_nothing(now):
    assert lost_since(KEPT, now) is None


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (found(last=59, stamp=""), "it ends at message 59"),
        (found(last=0, stamp=""), "it ends at message 0"),
        (found(last=400, stamp="another's"), "its message 60 is another one"),
        (found(created=AT + timedelta(seconds=1)), "made anew"),
        (found(last=400, fill=None), "it holds no fill any more"),
    ],
)
def test_what_a_log_has_lost_is_told_with_the_last_fill(now, why):
    told = lost_since(KEPT, now)
    assert why in told
    assert "KRW-ETH-20260105T0300Z" in told


def test_who_remembers_nothing_misses_nothing():
    assert lost_since(Reach(), found()) is None


def test_a_reach_only_grows():
    assert KEPT.after(60, "other") == KEPT
    assert KEPT.after(61, "next") == KEPT.model_copy(update={"last": 61, "stamp": "next"})


def test_only_a_later_word_accepts_a_log():
    before, after = AT, AT + timedelta(hours=1)
    assert not is_accepted(KEPT, found())
    assert is_accepted(KEPT, found(accepted_at=before))
    accepted = KEPT.model_copy(update={"accepted_at": before})
    assert not is_accepted(accepted, found(accepted_at=before))
    assert is_accepted(accepted, found(accepted_at=after))
