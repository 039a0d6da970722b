"""What the paper exchange does not imitate yet. A line is taken out when it is built: its tests then must pass.

Each of those tests is expected to fail, strictly: one that passes all the same turns the suite red.
"""

import pytest

NOT_BUILT: dict[str, str] = {}


def needs(*parts: str) -> pytest.MarkDecorator:
    """Mark a test that cannot pass before these parts are built."""
    missing = [f"{part}: {NOT_BUILT[part]}" for part in parts if part in NOT_BUILT]
    return pytest.mark.xfail(bool(missing), reason=f"not built yet: {'; '.join(missing)}", strict=True)
