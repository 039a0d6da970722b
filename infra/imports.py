"""The services as one layer of the import contract: `python -m infra` writes them into pyproject.toml."""

from pathlib import Path

from shared.services import NAMED

FILE = Path(__file__).parents[1] / "pyproject.toml"


def parts() -> dict[str, str]:
    """The part of pyproject.toml that is made, by its mark."""
    return {"services": f'    "{" | ".join(f"services.{name}" for name in NAMED)}",\n'}
