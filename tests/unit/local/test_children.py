"""A child process does not outlive its parent."""

import subprocess
import sys

import pytest

from tests.support.processes import end_all, environment, linux_only, processes_of
from tests.support.waiting import eventually

PARENT = """
import subprocess, sys, time
from services.local.children import tied
child = subprocess.Popen(tied([sys.executable, "-c", "import time; time.sleep(60)", sys.argv[1]]))
time.sleep(60)
"""


@pytest.fixture
def parent(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "mark")], env=environment())
    yield process
    process.kill()
    process.wait()
    end_all(tmp_path / "mark")


@linux_only
async def test_a_tied_child_ends_with_its_parent_however_that_ended(parent, tmp_path):
    await eventually(lambda: any("import time; time.sleep" in what for what in _left(tmp_path)))
    parent.kill()
    parent.wait()
    await eventually(lambda: _left(tmp_path) == [])


def _left(folder):
    """What the parent started; its own arguments hold the whole script."""
    return [what for what in processes_of(folder / "mark").values() if "services.local.children" not in what]
