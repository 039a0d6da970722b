"""faults.json: what the campaigns found, each under its name; the others' figures stay."""

import json
from pathlib import Path
from typing import Any

REPORT = Path("faults.json")


def report(name: str, found: dict[str, Any]) -> None:
    kept = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    REPORT.write_text(json.dumps(kept | {name: found}, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(found, indent=2, ensure_ascii=False))
