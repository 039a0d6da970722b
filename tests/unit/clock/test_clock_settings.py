import pytest

from services.clock.app import create_stage
from shared.settings import BadSetting, Settings
from shared.version import code_version


def settings(**given):
    return Settings.load(paper_clock="stepped", **{"paper_admin_token": "a-token-of-the-tests"} | given)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"paper_admin_token": None}, "PAPER_ADMIN_TOKEN"),
        ({"tape_from": "first of May"}, "TAPE_FROM"),
        ({"trading_mode": "live"}, "TRADING_MODE"),
    ],
)
async def test_a_tape_that_cannot_be_played_is_refused_with_a_sentence_that_names_the_setting(given, named):
    with pytest.raises(BadSetting, match=f"^{named}: "):
        create_stage(settings(**given))


def test_the_codes_version_names_release_and_source():
    assert code_version() == code_version()
    release, digest = code_version().split("+")
    assert release
    assert len(digest) == 12
