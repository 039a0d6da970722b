"""What the model is told, put together from the events (pure)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Template as Text

from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.prompt.charts import charts
from shared.prompt.facts import facts
from shared.prompt.sections import ROOMS, sections
from shared.types import Language

TOKENS_MAX = 7000
LANGUAGES: Mapping[Language, str] = {"ko": "Korean", "en": "English"}


@dataclass(frozen=True, slots=True)
class Template:
    """The two texts of a version, with `$name` where something is put in."""

    version: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Prompt:
    system: str
    user: str
    version: str  # of the template
    sha256: str  # of system and user
    tokens: int  # of system and user, as `count` counts them


def build(
    snapshot: SnapshotTaken,
    signal: SignalPassed,
    opening: DecisionMade | None = None,
    *,
    template: Template,
    count: Callable[[str], int],
    tokens_max: int = TOKENS_MAX,
    language: Language = "ko",
) -> Prompt:
    """Tell the model what there is; charts and lists are cut as `sections.ROOMS` says until it fits.

    opening: the decision the held position was opened by, where it is known. count: tokens of a text.
    language: of the reason in the reply; the prompt itself is English. The smallest cut is given where even
    that is above tokens_max.
    """
    system, system_tokens = _system(template, language, count)
    for user in user_texts(snapshot, signal, opening, template=template):
        tokens = system_tokens + count(user)
        if tokens <= tokens_max:
            break
    return Prompt(system, user, template.version, digest(system, user), tokens)


def system_text(template: Template, language: Language) -> str:
    return Text(template.system).substitute(language=LANGUAGES[language])


@lru_cache(maxsize=4)  # the same each hour, and half of what is to be counted
def _system(template: Template, language: Language, count: Callable[[str], int]) -> tuple[str, int]:
    text = system_text(template, language)
    return text, count(text)


def user_texts(
    snapshot: SnapshotTaken, signal: SignalPassed, opening: DecisionMade | None, *, template: Template
) -> Iterator[str]:
    """The user's text in every cut, the fullest first."""
    opened = charts(snapshot)
    packet = facts(snapshot, signal, opened)
    for room in ROOMS:
        yield Text(template.user).substitute(sections(snapshot, signal, opening, opened, packet, room))


def digest(system: str, user: str) -> str:
    """By which the log knows what was sent."""
    return hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()
