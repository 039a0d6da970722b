"""What stands around every screen (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "now": Both("지금", "Now"),
    "log": Both("기록", "Log"),
    "results": Both("성과", "Results"),
    "more": Both("더보기", "More"),
    "hour": Both("이 시간", "This hour"),
    "screens": Both("화면", "Screens"),
    "skip": Both("본문으로 건너뛰기", "Skip to the content"),
    "paper": Both("PAPER 모의 거래", "PAPER practice money"),
    "live": Both("LIVE 실거래", "LIVE real money"),
    "running": Both("실행 중", "Running"),
    "exits-only": Both("매수 중지", "No new buys"),
    "paused": Both("일시정지", "Paused"),
    "stopped": Both("중지", "Stopped"),
    "away": Both("연결 끊김", "Backend away"),
    "stale_since": Both("{at} 이후 소식이 없습니다.", "No news since {at}."),
    "stale": Both(
        "아래는 그때의 상태입니다. 봇은 따로 돌기 때문에 그 뒤에 주문이 있었을 수도 있습니다. 다시 연결하고 있습니다.",
        "Below is how it stood then. The bot runs on its own and may have ordered since. Trying to reconnect.",
    ),
    "never": Both(
        "백엔드가 답하지 않고, 보여 드릴 지난 상태도 없습니다. 봇은 따로 돕니다. 다시 연결하고 있습니다.",
        "The backend does not answer, and there is no earlier state to show. The bot runs on its own.",
    ),
    "lost": Both(
        "{at}부터 이 페이지가 답하지 않습니다. 화면은 그때 그대로입니다.",
        "This page has not answered since {at}. What you see is of then.",
    ),
    "not_here": Both("여기에는 그런 것이 없습니다.", "There is no such thing here."),
    "refused": Both("할 수 없었습니다.", "This could not be done."),
    "footer": Both("시각은 모두 한국 시각입니다.", "All times are Seoul's (KST)."),
}
