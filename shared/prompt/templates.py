"""The prompt's templates, a pair of files for each version; one that was used is never changed, a new one is added."""

from functools import lru_cache
from importlib.resources import files

from shared.errors import Permanent
from shared.prompt.build import Template

NEWEST = "v1"


class TemplateMissing(Permanent):
    """A recorded prompt was made from a template that is not here any more."""


@lru_cache
def load_template(version: str = NEWEST) -> Template:
    """Raises TemplateMissing."""
    folder = files("shared.prompt")
    try:
        system, user = (folder.joinpath(f"{version}.{part}.md").read_text("utf-8") for part in ("system", "user"))
    except FileNotFoundError as e:
        raise TemplateMissing(f"the prompt's template {version} is not among those of this version") from e
    return Template(version, system, user)
