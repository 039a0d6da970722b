"""What an analyst without a key does not pay for."""

import subprocess
import sys

LOOK = """
import sys
from services.analyst.app import create_stage
from shared.settings import Settings
create_stage(Settings.load())
print(*sorted({"openai", "bpe_openai", "httpx2", "upbit", "sqlalchemy"} & set(sys.modules)))
"""


def test_without_a_key_neither_sdk_nor_tokenizer_is_imported(tmp_path):
    """A second and 60 MB for the one, a second and 70 MB for the other."""
    found = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, cwd=tmp_path, env={"PATH": ""}
    )
    assert found.stdout.strip() == ""
