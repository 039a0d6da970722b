"""What a benchmark finds: figures with their bars, and how noisy the machine was. latest.json keeps what each found."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter

from shared.types import UtcTime
from shared.writing import significant, whole

FILE = Path(__file__).with_name("latest.json")
QUIET = 0.1
_WORDS = re.compile(r"[^.:!{}\[\]|]+")  # str.format finds a figure by them


def _plain_words(name: str) -> str:
    if not _WORDS.fullmatch(name):
        raise ValueError(f"{name!r}: a figure's name holds none of . : ! {{ }} [ ] |")
    return name


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Figure(_Shape):
    """bar_is: whether the bar is the most or the least that is allowed."""

    name: Annotated[str, AfterValidator(_plain_words)]
    value: float
    unit: str
    bar: float | None = None
    bar_is: Literal["most", "least"] = "most"

    @property
    def is_missed(self) -> bool:
        """What is no number misses its bar, too."""
        if self.bar is None:
            return False
        return not (self.value <= self.bar if self.bar_is == "most" else self.value >= self.bar)

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"   at {self.bar_is} {number(self.bar)}"
        return f"{self.name:<52}{number(self.value):>9} {self.unit}{bar}{'   MISSED' if self.is_missed else ''}"


class Noise(_Shape):
    """share: how much longer than usual the machine took for equal work. said: what that work was."""

    share: float
    said: str

    def __str__(self) -> str:
        return f"noise: {self.said}: {'quiet enough' if self.share <= QUIET else 'TOO NOISY to judge by one run'}"


class Found(_Shape):
    """noise: where the benchmark knows it better than a sum before it and after it.

    why_not: nothing was measured. is_broken: because the benchmark broke, and not for something that is not here.
    """

    figures: tuple[Figure, ...] = ()
    noise: Noise | None = None
    why_not: str = ""
    is_broken: bool = False

    @property
    def missed(self) -> list[str]:
        return [figure.name for figure in self.figures if figure.is_missed]


class Machine(_Shape):
    cpu: str
    cores: int
    memory_gb: float
    python: str


class Run(_Shape):
    """One benchmark's newest. is_clean: whether the tree held nothing but the commit."""

    at: UtcTime
    commit: str
    is_clean: bool
    machine: Machine
    seconds: float
    found: Found


Latest = dict[str, Run]  # by the benchmark's name
_LATEST = TypeAdapter(Latest)


def read(file: Path = FILE) -> Latest:
    """Nothing where no benchmark ever ran. Raises ValidationError where the file is not what `make bench` writes."""
    return _LATEST.validate_json(file.read_bytes()) if file.exists() else {}


def write(latest: Latest, file: Path = FILE) -> None:
    file.write_bytes(_LATEST.dump_json(latest, indent=1) + b"\n")


def number(value: float) -> str:
    """0.524, 14.7, 251, 4,477."""
    return whole(value) if abs(value) >= 100 else significant(value, 3)
