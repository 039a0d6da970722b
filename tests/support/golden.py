"""Golden files: expected text a person has read. `make golden` writes them anew; the diff is the review."""

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def assert_golden(name: str, text: str) -> None:
    """Compare with tests/golden/<name>, or write it where UPCYCLE_GOLDEN=1."""
    path = FOLDER / name
    if os.environ.get("UPCYCLE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path} is missing; make golden writes it"
    assert text == path.read_text(encoding="utf-8")
