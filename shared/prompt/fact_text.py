"""How a number is said in the prompt: by its name, in plain digits, with its unit (pure)."""

from collections.abc import Mapping
from decimal import Decimal

from shared.prompt.evidence import EvidenceName, unit_of
from shared.types import UtcTime

NONE = "none"


class FactWriter:
    """Says facts by name, one a line, each with its unit."""

    def __init__(self, coin: str, facts: Mapping[EvidenceName, float]) -> None:
        self.coin = coin
        self._facts = facts

    def __call__(self, *names: str) -> str:
        return "\n".join(self._line(EvidenceName(name)) for name in names)

    def of(self, unit: str) -> str:
        return "\n".join(self._line(name) for name in EvidenceName if name.endswith(f"_{unit}"))

    def _line(self, name: EvidenceName) -> str:
        if name not in self._facts:
            return f"{name} = not defined"
        return f"{name} = {number(self._facts[name])} {unit_of(name, self.coin)}"


def number(value: float, digits: int = 9) -> str:
    """Plain digits: 0.0000123, never 1.23e-05."""
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if "e" in text else text


def moment(at: UtcTime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
