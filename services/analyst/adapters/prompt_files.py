"""The prompt's templates, out of the files that came with the code."""

from functools import lru_cache
from importlib.resources import files

from services.analyst.core.prompt import Template

NEWEST = "v1"


@lru_cache
def load_template(version: str = NEWEST) -> Template:
    folder = files("services.analyst.prompts")
    system, user = (folder.joinpath(f"{version}.{part}.md").read_text("utf-8") for part in ("system", "user"))
    return Template(version, system, user)
