"""Which code is running: every cycle carries it, so that no change decides unseen."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[1]


@cache
def code_version() -> str:
    """Name the version and the digest of the source: 0.1.0+0123456789ab."""
    digest = hashlib.sha256()
    for path in sorted(_ROOT.glob("shared/**/*.py")) + sorted(_ROOT.glob("services/**/*.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{_release()}+{digest.hexdigest()[:12]}"


def _release() -> str:
    try:
        return version("upcycle")
    except PackageNotFoundError:  # run from a bare checkout
        return "0"
