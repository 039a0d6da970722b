"""How the analyst is wired: only at a price that is known, in the owner's language."""

import pytest

from services.analyst.app import create_stage, prompter, terms
from shared.settings import BadSetting, Settings
from tests.support.builders import passed, snapshot


def test_a_model_of_unknown_price_is_refused_at_the_start():
    with pytest.raises(BadSetting, match="OPENAI_MODEL: llama3 has no price here"):
        create_stage(Settings.load(openai_api_key="sk-test", openai_model="llama3"))
    create_stage(Settings.load(openai_api_key="sk-test", openai_model="llama3", llm_price_usd="0,0,0"))


def test_the_reason_is_asked_for_in_the_owners_language():
    korean, english = (prompter()(snapshot(), passed(), None, language=language) for language in ("ko", "en"))
    assert "in Korean" in korean.system
    assert "in English" in english.system
    assert korean.sha256 != english.sha256


def test_the_worst_case_counts_the_schema_too():
    assert 300 < terms(Settings.load()).overhead < 2000
