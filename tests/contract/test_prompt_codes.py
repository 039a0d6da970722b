"""The prompt knows the codes that the stages of our own write; only those of others are OTHER to it."""

import inspect
import re

import pytest

from services.analyst.core import rules, verdict
from services.analyst.core.votes import votes
from services.executor.core.risk import RULES
from shared.catalogue.model import NO_ANSWER
from shared.events import KINDS, SUCCESS, CycleEnded, SnapshotTaken
from shared.events.snapshot import Safety
from shared.prompt.codes import VOTES, code
from tests.support.shapes import BREAK, window


@pytest.mark.parametrize("name", [entry.code for entry, _ in RULES])
def test_a_denial_is_told_by_its_code(name):
    assert code(name) == name


@pytest.mark.parametrize("name", sorted(NO_ANSWER))
def test_a_reply_that_was_a_hold_is_told_by_its_code(name):
    assert code(name) == name


@pytest.mark.parametrize("part", [rules, verdict, Safety], ids=["rules", "verdict", "safety"])
def test_every_code_the_analyst_and_the_safety_checks_write_is_known(part):
    written = set(re.findall(r"\b((?:RULES|GATE|HAZARD)_[A-Z_]+)\b", inspect.getsource(part)))
    assert written
    assert {code(name) for name in written} == written


def test_every_end_is_told_by_its_kind():
    kinds = {name for name, kind in KINDS.items() if issubclass(kind, CycleEnded)}
    assert kinds >= SUCCESS
    assert {code(kind) for kind in kinds} == kinds


def test_every_vote_is_told_by_its_name():
    cast = votes(window(BREAK), window([1000] * 20))
    assert {vote.name for vote in cast} == VOTES


def test_the_name_of_an_exchanges_error_is_not():
    assert code("INSUFFICIENT_FUNDS_BID") == code(SnapshotTaken.__name__) == "OTHER"
