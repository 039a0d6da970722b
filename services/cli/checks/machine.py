"""Python, the packages this code was made with, the disk and the tape."""

import platform
import re
import shutil
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from services.cli.checks.row import Row
from services.paper.adapters.tape_settings import open_tape
from services.paper.core.tape import BadTape
from shared.settings import Settings
from shared.version import code_version

_NAME, _BOUND = re.compile(r"^[\w.-]+"), re.compile(r"(>=|==|<)([\w.]+)")
_GB = 1024**3
_LEAST_GB, _LITTLE_GB = 0.5, 2.0


async def python(_: Settings) -> list[Row]:
    """An older one could not have read this file."""
    return [Row("python", "ok", f"{platform.python_version()}, code {code_version()}")]


async def packages(_: Settings) -> list[Row]:
    """Hold what is installed against what the project asks for."""
    wanted = _wanted()
    wrong = [said for text in wanted if (said := lacks(text))]
    if wrong:
        return [Row("packages", "fail", "; ".join(wrong), "make setup, or pip install -r requirements.lock")]
    return [Row("packages", "ok", f"all {len(wanted)} are there")]


def lacks(requirement: str) -> str | None:
    """What is wrong with a package, such as "nats-py>=2.16,<2.17"; None if nothing is."""
    name, bounds = _NAME.findall(requirement)[0], _BOUND.findall(requirement)
    try:
        there = version(name)
    except PackageNotFoundError:
        return f"{name} is missing"
    for sign, bound in bounds:
        have, need = _numbers(there), _numbers(bound)
        fits = {">=": have >= need, "<": have < need, "==": have == need}[sign]
        if not fits:
            return f"{name} is {there}, needed is {sign}{bound}"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """2.15.1 -> (2, 15, 1); what follows a letter is left out: 0.66b2 -> (0, 66)."""
    return tuple(int(part) for part in re.split(r"[a-z]", version)[0].split(".") if part)


def _wanted() -> list[str]:
    try:
        return [text for text in requires("upcycle") or [] if "extra ==" not in text]
    except PackageNotFoundError:  # run from a bare checkout
        file = Path(__file__).parents[3] / "pyproject.toml"
        return list(tomllib.loads(file.read_text())["project"]["dependencies"])


async def disk(settings: Settings) -> list[Row]:
    folder = settings.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / _GB
    found = f"{free:.1f} GB free for {folder}"
    if free < _LEAST_GB:
        return [Row("disk", "fail", found, "free some space: the event log never forgets, and stops when it is full")]
    if free < _LITTLE_GB:
        return [Row("disk", "warn", found, f"keep more than {_LITTLE_GB:.0f} GB free")]
    return [Row("disk", "ok", found)]


async def tape(settings: Settings) -> list[Row]:
    if settings.trading_mode == "live":
        return [Row("tape", "skip", "live: prices come from Upbit")]
    kept = settings.data_dir / "paper" / f"tape-{settings.paper_clock}"
    if not settings.paper_tape and not kept.is_dir():
        return [Row("tape", "ok", "none named: a synthetic one is made at the first start")]
    try:
        played = open_tape(settings)
    except BadTape as e:
        return [Row("tape", "fail", str(e), "correct PAPER_TAPE, or leave it empty for a synthetic tape")]
    first, last = played.span
    kind = "synthetic" if played.synthetic else "candles"
    absent = sorted({*settings.markets, "KRW-BTC"} - set(played.markets))
    found = f"{kind}, {', '.join(played.markets)}, {first:%Y-%m-%d %H:%MZ} to {last:%Y-%m-%d %H:%MZ}"
    if absent:
        return [Row("tape", "fail", f"{found}; it lacks {', '.join(absent)}", "name their files in PAPER_TAPE too")]
    return [Row("tape", "ok", found)]
