"""A stand-in for the paper exchange's /admin/time."""

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TOKEN = "a-token-of-the-tests"
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


class AdminTime:
    def __init__(self, now: datetime, *, mode: str = "stepped") -> None:
        self.now, self.mode = now, mode
        self.moves: list[datetime] = []
        self.app = Starlette(routes=[Route("/admin/time", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": {"name": "admin_closed", "message": "…"}}, 403)
        if request.method == "POST":
            to = datetime.fromisoformat((await request.json())["now"])
            if to < self.now:
                return JSONResponse({"error": {"name": "backward", "message": "…"}}, 409)
            self.now = to
            self.moves.append(to)
        return JSONResponse(
            {
                "now": self.now.isoformat(),
                "from": FIRST.isoformat(),
                "to": LAST.isoformat(),
                "markets": ["KRW-ETH", "KRW-BTC"],
                "synthetic": True,
                "mode": self.mode,
            }
        )
