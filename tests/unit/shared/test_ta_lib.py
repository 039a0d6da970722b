"""TA-Lib alone: what else its import looks for stays where it is."""

import subprocess
import sys

LOOK = """
import sys
import polars
from shared import ta_lib
assert sys.modules["polars"] is polars
assert "pandas" not in sys.modules
import importlib.util, numpy
assert importlib.util.find_spec("pandas")
assert [*ta_lib.SMA(numpy.array([1.0, 2.0, 3.0, 4.0]), 4)][3] == 2.5
"""


def test_importing_it_loads_no_pandas_and_hides_nothing_for_longer():
    subprocess.run([sys.executable, "-c", LOOK], check=True)
