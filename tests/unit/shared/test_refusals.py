"""Every code the executor can end a cycle with has its sentence in both languages."""

import pytest

from services.executor.core import risk
from shared import refusals
from shared.why.words import REASONS_EN

REFUSED = [refusals.told(name, "…") for name in refusals._KNOWN] + [refusals.NEVER_SENT, refusals.NOT_EXECUTED]


@pytest.mark.parametrize("code", sorted({no.code for no in REFUSED} | {code for code, _ in risk.RULES}))
def test_a_code_has_english_words_too(code):
    assert code in REASONS_EN


@pytest.mark.parametrize("no", REFUSED, ids=lambda no: no.code)
def test_a_refusal_is_one_sentence(no):
    assert "\n" not in no.reason
    assert no.reason != "…"


def test_an_unknown_name_is_its_own_code_with_the_exchanges_words():
    assert refusals.told("brand_new", "뭔가 새로운 것") == refusals.Refusal("BRAND_NEW", "뭔가 새로운 것")


def test_two_names_of_one_thing_have_one_code():
    assert refusals.told("no_authorization_ip", "") == refusals.told("no_authorization_i_p", "")
