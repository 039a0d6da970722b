"""The prompt's templates, out of the files that came with the code."""

from functools import lru_cache
from importlib.resources import files

from services.analyst.core.prompt import Template
from shared.errors import Permanent

NEWEST = "v1"


class TemplateMissing(Permanent):
    """A recorded prompt was made from a template that is not here any more."""


@lru_cache
def load_template(version: str = NEWEST) -> Template:
    """Raises TemplateMissing."""
    folder = files("services.analyst.prompts")
    try:
        system, user = (folder.joinpath(f"{version}.{part}.md").read_text("utf-8") for part in ("system", "user"))
    except FileNotFoundError as e:
        raise TemplateMissing(f"the prompt's template {version} is not among those of this version") from e
    return Template(version, system, user)
