"""Won, coins, shares and times of Seoul are written in one module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path("shared/writing.py")
PROMPT = Path("shared/prompt/bot_sections.py")  # which a model reads
ROOT = Path(__file__).parents[2]
FILES = sorted(
    path.relative_to(ROOT) for top in ("shared", "services", "benchmarks") for path in (ROOT / top).rglob("*.py")
)
_SPEC = re.compile(r"^[^%]*,|^\+?\.?\d*%$")  # thousands apart, or a share
_UNIT = re.compile(r"^\s?(?:원|KRW\b|%)")
_ZONE = re.compile(r"hours=9\b|Asia/Seoul|ZoneInfo")


def second_homes(source: str) -> Iterator[str]:
    if zone := _ZONE.search(source):
        yield zone[0]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for part, after in zip(node.values, [*node.values[1:], None], strict=True):
            if isinstance(part, ast.FormattedValue):
                spec = "".join(s.value for s in _texts(part.format_spec))
                if _SPEC.search(spec) or (isinstance(after, ast.Constant) and _UNIT.search(str(after.value))):
                    yield ast.unparse(node)


def _texts(spec: ast.expr | None) -> list[ast.Constant]:
    return [s for s in spec.values if isinstance(s, ast.Constant)] if isinstance(spec, ast.JoinedStr) else []


@pytest.mark.parametrize(
    "source",
    ['f"{x:,.0f}"', 'f"{x:+.2%}"', 'f"{100 * x:.2f} %"', 'f"{x}원"', "timedelta(hours=9)", 'ZoneInfo("Asia/Seoul")'],
)
def test_a_second_home_is_found(source):
    assert list(second_homes(source))


def test_nothing_else_writes_won_coins_shares_and_times_of_seoul():
    found = {str(file): list(second_homes((ROOT / file).read_text())) for file in FILES if file not in (HOME, PROMPT)}
    assert not {file: texts for file, texts in found.items() if texts}
