"""Who is the owner: browsers that were shown his token once (pure but for what it remembers)."""

import hmac
from dataclasses import dataclass, field

LASTS_S = 30 * 86400.0
MOST = 20


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. token: the API's, which never leaves this process. form: stands in each of its forms."""

    token: str = field(repr=False)
    form: str = field(repr=False)
    since: float


@dataclass
class Sessions:
    """By the secret in the browser's cookie. A new one over the limit ends the oldest."""

    _open: dict[str, Session] = field(default_factory=dict)

    def open(self, key: str, session: Session) -> None:
        while len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda key: self._open[key].since)]
        self._open[key] = session

    def find(self, key: str, now: float) -> Session | None:
        session = self._open.get(key)
        if session is not None and now - session.since >= LASTS_S:
            del self._open[key]
            return None
        return session

    def close(self, key: str) -> None:
        self._open.pop(key, None)


def is_own_form(session: Session, given: str) -> bool:
    """Whether a form was made by this page for this browser."""
    return hmac.compare_digest(session.form.encode(), given.encode())
