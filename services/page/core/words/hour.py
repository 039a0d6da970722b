"""One hour (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "in_words": Both("무슨 일이 있었나", "What happened"),
    "as_curl": Both("같은 답을 curl로", "The same with curl"),
    "back": Both("기록으로", "Back to the log"),
    "unknown_cycle": Both("그런 사이클은 없습니다.", "There is no such cycle."),
}
