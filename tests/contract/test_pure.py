"""A core decides; what it loads can neither ask the world nor tell it. Looked at in a fresh interpreter."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORLD = {"faststream", "httpx", "nats", "openai", "psycopg", "pyupbit", "sqlalchemy"}
LOOK = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]; print(*sys.modules)"


def pure_modules() -> list[str]:
    """Every module of the import contract, its packages opened up."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = next(contract["source_modules"] for contract in contracts if contract["name"].startswith("Core"))
    folders = [path for name in named for path in ROOT.glob(name.replace(".", "/"))]
    files = [ROOT / f"{name.replace('.', '/')}.py" for name in named if "*" not in name]
    found = [file for folder in folders for file in folder.rglob("*.py")] + [file for file in files if file.exists()]
    return sorted(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in found)


def test_no_core_loads_what_touches_the_world():
    names = pure_modules()
    assert {"services.collector.core.topup", "services.paper.core.exchange", "shared.switch"} <= set(names)
    run = subprocess.run([sys.executable, "-c", LOOK, *names], cwd=ROOT, capture_output=True, text=True, check=True)
    assert WORLD & set(run.stdout.split()) == set()
