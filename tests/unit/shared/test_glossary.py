"""Words that more than one reader says."""

from typing import get_args

import pytest

from shared.glossary import CAUSES, SIDES
from shared.missed import Cause
from shared.types import Language


@pytest.mark.parametrize("language", get_args(Language))
def test_every_cause_and_every_side_has_its_words(language):
    assert set(CAUSES[language]) == set(get_args(Cause))
    assert set(SIDES[language]) == {"buy", "sell", "hold"}
