"""What stands on the page beside the log's own sentences, in Korean and English: one file a screen (pure).

The sentences of a cycle are those of `why` and Telegram; here are only titles, buttons and questions.
"""

from collections import ChainMap
from collections.abc import Mapping
from functools import cache

from services.page.core.words import chart, door, frame, hour, kinds, log, more, now, reasons, results, switch
from services.page.core.words.both import Both
from shared.types import Language

PARTS: tuple[dict[str, Both], ...] = tuple(
    part.WORDS for part in (frame, now, chart, kinds, switch, door, log, hour, results, reasons, more)
)
WORDS: Mapping[str, Both] = ChainMap(*PARTS)


@cache
def words(language: Language) -> Mapping[str, str]:
    return {name: getattr(both, language) for name, both in WORDS.items()}
