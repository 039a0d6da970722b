"""The share falls with the confidence, and is never more than the whole."""

from decimal import Decimal

import pytest

from services.sizer.handler import SizerHandler
from shared.settings import Settings
from tests.support.builders import decision


@pytest.mark.parametrize(
    ("confidence", "share"),
    [("high", Decimal(1)), ("medium", Decimal("0.75")), ("low", Decimal("0.5")), (None, Decimal(1))],
)
async def test_a_decision_is_worth_a_share_by_its_confidence(confidence, share):
    given = decision(confidence=confidence)
    sized = await SizerHandler.of(Settings.load())(given)
    assert (sized.share, sized.decision, sized.reason_code) == (share, given.decision, given.reason_code)
