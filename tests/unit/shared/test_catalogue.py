"""What the log keeps of a reason, and the sentence that is made of it."""

from decimal import Decimal

import pytest

from shared import refusals
from shared.catalogue import ENTRIES, exchange, orders, risk, sentence
from shared.catalogue.analyst import GATE_EXIT_ONLY, HAZARD_FLASH_CRASH, RULES_NO_MAJORITY
from shared.catalogue.entry import FIGURE
from shared.reason import Figure, Reason
from tests.support.builders import CYCLE, end

VALUES = {"text": "a text", "code": "RULES_NO_MAJORITY"}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_its_sentences_name_each_figure_it_takes_and_no_other(entry):
    named = {name for words in (entry.ko, entry.en) for name, _, _ in FIGURE.findall(words)} - {"said"}
    assert named == entry.takes.keys()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_sentence_stands_in_one_line_with_its_figures_and_in_english_without(entry, language):
    whole = entry.because({name: VALUES.get(unit, Decimal("12.5")) for name, unit in entry.takes.items()}, said="words")
    told = sentence(whole, language)
    assert not set("\n[]{}|") & set(told)
    assert told not in ("", entry.code)
    least = entry.because({name: VALUES.get(entry.takes[name], 12) for name in entry.needs()})
    for each in (told, sentence(least, language), sentence(Reason(entry.code, said="words"), "en")):
        assert each.count("(") == each.count(")")


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_korean_stands_in_the_korean_sentence_alone(entry):
    assert not any("가" <= letter <= "힣" for letter in entry.en)


def test_an_older_event_is_told_by_its_own_text_and_in_english_by_what_needs_no_figure():
    old = end("OrderDenied", reason="호가 차이 0.71 % (한도 0.50 %)", reason_code="SPREAD_TOO_WIDE")
    assert sentence(old, "ko") == "호가 차이 0.71 % (한도 0.50 %)"
    assert sentence(old, "en") == "bid and ask are too far apart for a buy"


def test_a_newer_event_is_told_by_its_figures_in_each_language():
    why = risk.SPREAD_TOO_WIDE.because({"spread": Decimal("0.00713"), "limit": Decimal("0.005")})
    new = end("OrderDenied", **why.fields())
    assert (new.reason, [figure.value for figure in new.figures]) == ("", ["0.00713", "0.005"])
    assert sentence(new, "ko") == "호가 차이 0.71 % (한도 0.50 %)"
    assert sentence(new, "en") == "bid and ask are too far apart for a buy: 0.71 %, limit 0.50 %"


def test_a_figure_that_a_sentence_does_not_take_is_refused_and_so_is_one_that_lacks():
    with pytest.raises(ValueError, match=r"BOT_PAUSED takes \[\], not \['lost'\]"):
        risk.BOT_PAUSED.because({"lost": 1})
    with pytest.raises(ValueError, match="DAILY_LOSS_MAX takes"):
        risk.DAILY_LOSS_MAX.because({"lost": Decimal(1)})


@pytest.mark.parametrize("value", ["", "1E+3", "NaN", "Infinity", "abc", "1,000"])
def test_a_figure_that_is_no_number_is_no_figure(value):
    with pytest.raises(ValueError, match="lost is no number of won"):
        Figure(name="lost", value=value, unit="won")


def test_won_is_told_to_the_won_and_with_decimals_where_they_decided():
    told = sentence(risk.BELOW_MINIMUM.because({"value": Decimal("4999.99"), "least": Decimal("5000.00")}), "ko")
    assert told == "주문 금액 4,999.99원 (최소 5,000원)"


def test_a_wish_that_could_not_be_is_told_within_its_reason():
    wish = ENTRIES["RULES_OVERSOLD"].because({"rsi": 24.3})
    assert sentence(HAZARD_FLASH_CRASH.around("wish", wish, {"fall": 0.081, "sigma": 6.04}), "ko") == (
        "급락 진행 중이라 매수 제외 (하락 8.1 %, 평소 변동의 6.0배). 매수 판단이었음: RSI 과매도 구간 진입 (RSI 24.3)"
    )
    of_the_model = GATE_EXIT_ONLY.around("wish", Reason("LLM_BUY", said="싸다"))
    assert sentence(of_the_model, "ko").endswith("청산만 가능. 매수 판단이었음: 싸다")


def test_of_a_list_of_figures_those_are_told_that_there_are():
    assert sentence(RULES_NO_MAJORITY.because({"rsi": 49.94, "volume": 1.0}), "ko") == (
        "뚜렷한 신호 없음 (RSI 49.9, 거래량 1.0배)"
    )
    assert sentence(RULES_NO_MAJORITY.because(), "ko") == "뚜렷한 신호 없음 (지표 없음)"


def test_an_order_that_its_stage_gave_up_says_over_what():
    gave_up = orders.ORDER_UNRESOLVED.around(
        "cause", Reason("EXPIRED_KEY", said="UpbitError: expired"), {"order": CYCLE}
    )
    assert sentence(gave_up, "ko").startswith("주문 결과를 확인하지 못했습니다 (API 키가 만료되었습니다.")
    unknown = orders.ORDER_UNRESOLVED.because({"order": CYCLE}, said="HTTP 404")
    assert sentence(unknown, "ko").startswith("주문 결과를 확인하지 못했습니다 (HTTP 404). 업비트에서")


def test_an_unknown_name_is_its_own_code_with_the_exchanges_words():
    no = refusals.reason_of_refusal("brand_new", "뭔가 새로운 것")
    assert no == Reason("BRAND_NEW", said="뭔가 새로운 것")
    assert sentence(no, "en") == sentence(no, "ko") == "뭔가 새로운 것"


def test_what_the_exchange_calls_by_one_of_our_codes_is_told_in_its_own_words():
    assert sentence(refusals.reason_of_refusal("daily_loss_max", "뭔가 새로운 것"), "ko") == "뭔가 새로운 것"


def test_two_names_of_one_thing_have_one_code():
    assert refusals.reason_of_refusal("no_authorization_ip", "") == refusals.reason_of_refusal(
        "no_authorization_i_p", ""
    )
    assert len({id(entry) for entry in exchange.BY_NAME.values()}) == len({e.code for e in exchange.BY_NAME.values()})


def test_a_words_brackets_and_braces_are_told_as_they_came():
    assert sentence(Reason("STAGE_GAVE_UP", said="ValueError: [a|b] {cycle}"), "ko") == "ValueError: [a|b] {cycle}"
