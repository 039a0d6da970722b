"""A long text in parts: nothing is lost, no sign is split, no part is too long."""

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.core.parts import PARTS_MAX, UNITS_MAX, parts, units

TEXT = st.text(alphabet=st.sampled_from("ab가🤖<&>\n "), max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=8), st.integers(1, 400))
def test_the_parts_are_the_text_and_each_fits(lines, times):
    text = ("\n".join(lines) * times)[: 4 * UNITS_MAX]
    found = parts(text)
    assert all(units(part) <= UNITS_MAX and part.strip() for part in found)
    if units(text) <= (PARTS_MAX - 1) * UNITS_MAX // 2:
        assert "".join(found).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_a_text_that_fits_stays_whole():
    assert parts("가" * 4096) == ["가" * 4096]


def test_it_is_cut_at_the_end_of_a_line():
    row = "x" * 99 + "\n"
    assert [len(part) for part in parts(row * 50)] == [4000, 1000]


def test_a_sign_of_two_units_is_never_split():
    first, second = parts("a" + "🤖" * 2048)
    assert (first, second) == ("a" + "🤖" * 2047, "🤖")


def test_what_is_endless_ends():
    found = parts("🤖\n" * 40_000)
    assert len(found) == PARTS_MAX
    assert found[-1].endswith("🤖\n\n…")
    assert units(found[-1]) <= UNITS_MAX


def test_nothing_but_blanks_is_no_message_and_half_a_sign_does_no_harm():
    assert parts("\n \n") == []
    assert parts("up \ud83e!") == ["up ?!"]
